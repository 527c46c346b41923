"""What reaching a level brings, also for the levels skipped on the way up."""

from collections.abc import Sequence

from shopbell.loyalty.award import Award
from shopbell.loyalty.bonuses import expiry
from shopbell.loyalty.judgement import Given
from shopbell.loyalty.sale import Sale
from shopbell.loyalty.sentences import amount
from shopbell.loyalty.terms import Terms, Tier

PREFIX = "tier:"
"""Awards for levels carry this and the level's id as their rule."""


def entries(entered: Sequence[Tier], sale: Sale, terms: Terms) -> tuple[Given, ...]:
    """Return the awards for levels entered for the first time."""
    return tuple(
        Given(award=_award(tier, unit, points, sale, terms), customer=sale.customer)
        for tier in entered
        for unit, points in (("points", tier.points), (f"reward:{tier.reward}", 1 if tier.reward else 0))
        if points
    )


def _award(tier: Tier, unit: str, points: int, sale: Sale, terms: Terms) -> Award:
    return Award(
        rule=f"{PREFIX}{tier.id}",
        unit=unit,
        points=points,
        expires_at=expiry(unit, None, sale.at, terms),
        why=f"You reached {tier.label}: {amount(unit, points, terms)}.",
    )
