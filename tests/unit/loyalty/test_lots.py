from hypothesis import given
from hypothesis import strategies as st

from shopbell.loyalty.lots import Part, Piece, oldest_first, portion, take, total

DAYS = st.one_of(st.none(), st.sampled_from(["2026-01-01", "2026-01-02", "2026-02-01"]))
PIECES = st.lists(
    st.builds(Piece, st.integers(1, 99), st.integers(1, 50), DAYS, DAYS),
    max_size=8,
    unique_by=lambda piece: piece.lot,
)


@given(PIECES, st.integers(0, 300))
def test_taking_never_takes_more_than_there_is(pieces: list[Piece], points: int) -> None:
    """What is taken is what was asked, or all; no lot gives more than it has, and none is named twice."""
    parts = take(pieces, points)
    there = {piece.lot: piece.points for piece in pieces}
    assert total(parts) == min(points, sum(there.values()))
    assert all(0 < part.points <= there[part.lot] for part in parts)
    assert len({part.lot for part in parts}) == len(parts)


@given(PIECES, st.integers(1, 300))
def test_only_the_last_lot_taken_from_is_left_with_something(pieces: list[Piece], points: int) -> None:
    """Lots are used up in the order of their expiry."""
    order = [piece.lot for piece in oldest_first(pieces)]
    parts = take(pieces, points)
    assert [part.lot for part in parts] == order[: len(parts)]
    there = {piece.lot: piece.points for piece in pieces}
    assert all(part.points == there[part.lot] for part in parts[:-1])


def test_points_without_expiry_go_last() -> None:
    """What expires first goes first; of two alike, the older one."""
    never, late, soon, later = (
        Piece(1, 5, None, None),
        Piece(2, 5, None, "2026-02-01"),
        Piece(3, 5, None, "2026-01-01"),
        Piece(4, 5, None, "2026-02-01"),
    )
    assert [p.lot for p in oldest_first([never, late, soon, later])] == [3, 2, 4, 1]


@given(st.lists(st.builds(Part, st.integers(1, 9), st.integers(1, 20)), max_size=6), st.data())
def test_portions_put_together_are_the_whole(parts: list[Part], data: st.DataObject) -> None:
    """Giving back in any portions returns each lot exactly what it gave."""
    whole, skip, back = total(parts), 0, dict.fromkeys((part.lot for part in parts), 0)
    while skip < whole:
        points = data.draw(st.integers(1, whole - skip))
        for part in portion(parts, skip, points):
            back[part.lot] += part.points
        skip += points
    assert back == {lot: sum(p.points for p in parts if p.lot == lot) for lot in back}
    assert portion(parts, whole, 5) == ()


def test_an_instant_is_the_first_that_counts() -> None:
    """Points ripen and are lost at the instant itself."""
    piece = Piece(1, 1, "2026-01-01", "2026-01-02")
    assert not piece.mature("2025-12-31")
    assert piece.mature("2026-01-01")
    assert not piece.expired("2026-01-01")
    assert piece.expired("2026-01-02")
