"""Why a purchase earned what it did: sentences for the customer, a table for the owner."""

from msgspec import Struct

from shopbell.loyalty.judgement import Judgement
from shopbell.loyalty.terms import Terms
from shopbell.loyalty.tiers import tell


class Row(Struct, frozen=True, kw_only=True):
    """One line of the owner's table."""

    rule: str
    line: str
    """Receipt line; empty for the whole sale."""
    customer: str
    unit: str
    points: int
    """0: withheld."""
    why: str


class Explanation(Struct, frozen=True, kw_only=True):
    """A judgement in words."""

    sentences: tuple[str, ...]
    """For the customer: what was given, then what was not, then the level."""
    rows: tuple[Row, ...]
    """For the owner."""


def explain(judgement: Judgement, terms: Terms) -> Explanation:
    """Say which rule gave or withheld each point, with the arithmetic."""
    facts = judgement.facts
    own = [award.why for award in judgement.awards]
    not_given = [one.why for one in judgement.withheld if one.told]
    level = tell(judgement.standing_after, terms, facts.day) if facts.customer else ""
    sentences = tuple(dict.fromkeys([*own, *not_given, *([level] if level else [])]))
    return Explanation(sentences=sentences, rows=_rows(judgement))


def _rows(judgement: Judgement) -> tuple[Row, ...]:
    facts = judgement.facts
    given = [(one.customer, one.award) for one in facts.given]
    given += [(facts.customer, one.award) for one in facts.exchanges]
    rows = [
        Row(
            rule=award.rule,
            line=award.line,
            customer=customer,
            unit=award.unit,
            points=award.points,
            why=award.why,
        )
        for customer, award in given
    ]
    rows += [
        Row(rule=one.rule, line=one.line, customer=facts.customer, unit="", points=0, why=one.why)
        for one in judgement.withheld
    ]
    return tuple(rows)
