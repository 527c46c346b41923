"""How much of a receipt has come back, line by line, in exact fractions."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from shopbell.loyalty.errors import ReturnRefused
from shopbell.loyalty.judgement import Bought, Facts, Returned, Share
from shopbell.loyalty.sale import Return

Parts = Mapping[str, Fraction]
"""By receipt line: what part of it has come back, from 0 to 1."""


class Back(Struct, frozen=True, kw_only=True):
    """What part of each line had come back before, and has come back now."""

    before: Parts
    now: Parts

    @property
    def whole(self) -> bool:
        """Everything has come back, and had not before."""
        return all(part == 1 for part in self.now.values()) and any(part < 1 for part in self.before.values())


def add_returns(facts: Facts, returns: Sequence[Return], before: Sequence[Returned]) -> tuple[Returned, ...]:
    """Return all that has come back, line by line. Raises ReturnRefused when it is more than was bought."""
    lines = {line.id: line for line in facts.lines}
    held = {one.line: one for one in before}
    wanted = returns or tuple(Return(line=line.id) for line in facts.lines)
    for one in wanted:
        line = lines.get(one.line)
        if line is None:
            raise ReturnRefused(f"Line {one.line!r} is not on the receipt. Its lines: {', '.join(lines)}.")
        held[one.line] = _add(line, held.get(one.line, Returned(line=one.line)), one)
    return tuple(held[line] for line in lines if line in held)


def _add(line: Bought, held: Returned, one: Return) -> Returned:
    if one.quantity is None and one.amount is None:
        return Returned(line=line.id, quantity=line.quantity, amount=line.amount)
    if (one.quantity or 0) < 0 or (one.amount or 0) < 0:
        raise ReturnRefused(f"Line {line.id}: less than nothing cannot come back.")
    quantity = held.quantity + (one.quantity or Decimal(0))
    if quantity > line.quantity:
        raise ReturnRefused(
            f"Line {line.id}: {quantity} would have come back in all, and {line.quantity} were bought."
        )
    if one.amount is not None:
        amount = held.amount + one.amount
    else:  # the part of the pieces, so that amounts add up to the line whatever the order
        amount = held.amount + _floor(line, quantity) - _floor(line, held.quantity)
    if one.amount is not None and amount > line.amount:
        raise ReturnRefused(f"Line {line.id}: more money would be given back than was paid for it.")
    return Returned(line=line.id, quantity=quantity, amount=min(amount, line.amount))


def _floor(line: Bought, quantity: Decimal) -> int:
    return int(Fraction(line.amount) * Fraction(quantity) / Fraction(line.quantity))


def parts(facts: Facts, returned: Sequence[Returned]) -> Parts:
    """Return what part of each line has come back: of its pieces or of its money, whichever is more."""
    held = {one.line: one for one in returned}
    return {line.id: _part(line, held.get(line.id)) for line in facts.lines}


def _part(line: Bought, held: Returned | None) -> Fraction:
    if held is None:
        return Fraction(0)
    pieces = Fraction(held.quantity) / Fraction(line.quantity)
    return max(pieces, Fraction(held.amount, line.amount)) if line.amount else pieces


def part_of(shares: Sequence[Share], back: Parts) -> Fraction:
    """Return what part of an award's basis has come back."""
    total = sum(share.weight for share in shares)
    if not total:
        return min((back[share.line] for share in shares), default=Fraction(0))
    return sum((share.weight * back[share.line] for share in shares), Fraction(0)) / total
