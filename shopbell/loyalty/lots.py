"""Lots: points remember when they were earned, when they ripen and when they are lost."""

from collections.abc import Iterable

from msgspec import Struct


class Piece(Struct, frozen=True):
    """What is left of a lot in one account."""

    lot: int
    """Number of the entry that made the lot."""
    points: int
    matures_at: str | None
    expires_at: str | None
    """UTC text as `chain.stamp` writes it; None: never."""

    def expired(self, now: str) -> bool:
        """Say whether the points are lost at `now`."""
        return self.expires_at is not None and self.expires_at <= now

    def mature(self, now: str) -> bool:
        """Say whether the points are no longer pending at `now`."""
        return self.matures_at is None or self.matures_at <= now


class Part(Struct, frozen=True):
    """Points taken out of a lot, or put back into it."""

    lot: int
    points: int


def oldest_first(pieces: Iterable[Piece]) -> list[Piece]:
    """Sort in the order of spending: what expires first, then what was earned first."""
    return sorted(pieces, key=lambda piece: (piece.expires_at is None, piece.expires_at or "", piece.lot))


def take(pieces: Iterable[Piece], points: int) -> tuple[Part, ...]:
    """Take up to `points` from the pieces, oldest first."""
    parts = []
    for piece in oldest_first(pieces):
        if points <= 0:
            break
        parts.append(Part(piece.lot, min(points, piece.points)))
        points -= piece.points
    return tuple(parts)


def portion(parts: Iterable[Part], skip: int, points: int) -> tuple[Part, ...]:
    """Return the next `points` of the parts after the first `skip` points of them."""
    found = []
    for part in parts:
        left = part.points - skip
        skip = max(0, -left)
        if left > 0 and points > 0:
            found.append(Part(part.lot, min(left, points)))
            points -= left
    return tuple(found)


def total(parts: Iterable[Part]) -> int:
    """Return the points of all parts together."""
    return sum(part.points for part in parts)
