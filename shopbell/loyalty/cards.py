"""Punch cards: never more stamps than fit; what is over opens the next card."""

from datetime import date, datetime

from shopbell.loyalty.award import Award
from shopbell.loyalty.judgement import Exchange, Lapse
from shopbell.loyalty.rules import Stamps
from shopbell.loyalty.span import later, shift
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.terms import Terms


def fill(open_card: int, stamps: int, size: int) -> tuple[int, int]:
    """Return (cards filled, stamps on the open card), which are fewer than `size`."""
    return divmod(open_card + stamps, size)


def unfill(open_card: int, stamps: int, size: int) -> tuple[int, int]:
    """Take stamps off and return (full cards opened again, stamps on the open card)."""
    short = max(0, stamps - open_card)
    reopened = -(-short // size)
    return reopened, open_card - stamps + reopened * size


def exchange(rule: Stamps, cards: int, at: datetime | None, terms: Terms, *, why: str = "") -> Exchange:
    """Turn full cards into rewards; `at` None leaves the reward's time out."""
    reward = terms.reward(rule.reward)
    valid = reward.valid if reward else None
    name = reward.name if reward else rule.reward
    size = f"{rule.size} stamp{'' if rule.size == 1 else 's'}"
    award = Award(
        rule=rule.id,
        unit=f"reward:{rule.reward}",
        points=cards,
        expires_at=later(at, valid, terms.zone) if at and valid else None,
        why=why or f"{rule.label}: {size} fill a card, and a full card is worth: {name}.",
    )
    return Exchange(rule=rule.id, unit=f"stamps:{rule.id}", points=cards * rule.size, award=award)


def lapses(standing: Standing, terms: Terms, day: date) -> tuple[Lapse, ...]:
    """Return the stamps and points lost by `day` because the customer has not bought for long."""
    if standing.last_purchase is None:
        return ()
    spans = [
        (f"stamps:{rule.id}", rule.lapses, rule.label)
        for rule in terms.version.rule
        if isinstance(rule, Stamps) and rule.lapses and standing.stamps.get(rule.id)
    ]
    points = terms.version.points
    if points.expires and points.expires_after == "last-purchase":
        spans.append(("points", points.expires, f"Your {points.name}s"))
    lost = []
    for unit, span, label in spans:
        on = shift(standing.last_purchase, span)
        if on <= day:
            why = f"{label}: lost {span} after your last purchase on {standing.last_purchase:%-d %B %Y}."
            lost.append(Lapse(unit=unit, on=on, why=why))
    return tuple(lost)
