"""Prepaid packs and subscriptions: buy, use, skip, pause, go on, leave with the rest of the money back."""

from datetime import date
from decimal import Decimal

import msgspec

from shopbell.loyalty.errors import PackRefused
from shopbell.loyalty.matching import Paid
from shopbell.loyalty.rules import Pack
from shopbell.loyalty.span import shift
from shopbell.loyalty.standing import PackHeld


def open_packs(rule: Pack, one: Paid, sale: str, day: date) -> tuple[PackHeld, ...]:
    """Open a pack for each piece bought; the price is shared out to the last cent."""
    pieces = int(one.line.quantity // Decimal(1))
    prices = [one.paid * (n + 1) // pieces - one.paid * n // pieces for n in range(pieces)]
    return tuple(
        PackHeld(
            id=f"{sale}/{one.line.id}/{number}",
            rule=rule.id,
            passes=rule.passes,
            price=price,
            bought=day,
            valid_until=shift(day, rule.valid) if rule.valid else None,
            next_due=shift(day, rule.every) if rule.every else None,
        )
        for number, price in enumerate(prices, 1)
    )


def use(held: PackHeld, day: date, passes: int = 1) -> PackHeld:
    """Use passes. Raises PackRefused when there are not enough, or it is paused or over."""
    held = awake(held, day)
    _check_open(held, day)
    if held.paused:
        raise PackRefused(f"The pack is paused since {held.paused:%-d %B %Y}. Let it go on first.")
    if not 0 < passes <= held.left:
        raise PackRefused(f"{passes} passes were asked for, and {held.left} are left.")
    return msgspec.structs.replace(held, used=held.used + passes)


def due(held: PackHeld, rule: Pack, day: date) -> tuple[PackHeld, tuple[date, ...]]:
    """Use a pass for each day on which one came due; return those days. Asking again gives none."""
    held, days = awake(held, day), []
    while held.next_due and held.next_due <= day and held.left and not held.paused and rule.every:
        days.append(held.next_due)
        held = msgspec.structs.replace(held, used=held.used + 1, next_due=_next(held, rule))
    return held, tuple(days)


def skip(held: PackHeld, rule: Pack, day: date) -> PackHeld:
    """Leave the next one out: it is not used up, and the end moves on by one. Raises PackRefused."""
    _check_open(held, day)
    if held.next_due is None or rule.every is None:
        raise PackRefused("This pack has no days of its own, so there is none to skip.")
    later = shift(held.valid_until, rule.every) if held.valid_until else None
    return msgspec.structs.replace(held, next_due=_next(held, rule), valid_until=later)


def pause(held: PackHeld, rule: Pack, day: date, until: date) -> PackHeld:
    """Put a pack on hold; the time is added to it.

    Raises PackRefused when that is too long or not offered.
    """
    held = awake(held, day)
    _check_open(held, day)
    if rule.max_pause is None:
        raise PackRefused(f"{rule.label} cannot be paused. Its passes are kept until it ends.")
    if held.paused:
        raise PackRefused(f"The pack is paused since {held.paused:%-d %B %Y} already.")
    if not day < until <= shift(day, rule.max_pause):
        longest = shift(day, rule.max_pause)
        raise PackRefused(f"A pause ends after today, and on {longest:%-d %B %Y} at the latest.")
    return msgspec.structs.replace(held, paused=day, pause_until=until)


def resume(held: PackHeld, day: date) -> PackHeld:
    """Let a paused pack go on, with the days of the pause added. Raises PackRefused when it is not paused."""
    if held.paused is None or held.pause_until is None:
        raise PackRefused("The pack is not paused.")
    length = min(day, held.pause_until) - held.paused
    return msgspec.structs.replace(
        held,
        paused=None,
        pause_until=None,
        valid_until=held.valid_until + length if held.valid_until else None,
        next_due=held.next_due + length if held.next_due else None,
    )


def awake(held: PackHeld, day: date) -> PackHeld:
    """Let a pause that is over by `day` end."""
    return resume(held, day) if held.pause_until and held.pause_until <= day else held


def leave(held: PackHeld, rule: Pack, day: date) -> tuple[PackHeld, int]:
    """Close a pack; return minor units to give back: the price less the part that was used, rounded down.

    Raises PackRefused when it is closed or over.
    """
    held = awake(held, day)
    _check_open(held, day)
    part = refund(held, rule, day)
    return msgspec.structs.replace(held, closed=True, paused=None, pause_until=None), part


def refund(held: PackHeld, rule: Pack, day: date) -> int:
    """Return what leaving on `day` would give back, in minor units."""
    if rule.refund == "none":
        return 0
    if rule.refund == "passes" or held.valid_until is None:
        return held.price * held.left // held.passes
    stopped = held.paused or day
    whole = (held.valid_until - held.bought).days
    rest = max(0, (held.valid_until - stopped).days)
    return held.price * rest // whole if held.left and whole else 0


def _next(held: PackHeld, rule: Pack) -> date | None:
    """Return the day after the next; counted from the last, so that the weekday stays."""
    return shift(held.next_due, rule.every) if held.next_due and rule.every else None


def _check_open(held: PackHeld, day: date) -> None:
    if held.closed:
        raise PackRefused("The pack was closed and refunded.")
    if held.valid_until and day > held.valid_until and not held.paused:
        raise PackRefused(f"The pack ended on {held.valid_until:%-d %B %Y}.")
