"""Advising: who is slipping away, and the five things to do first. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from shopbell.assistant.insight.counting import Saying
from shopbell.assistant.insight.prospects import Prospects
from shopbell.assistant.staffwire.figures import Advice, Figure, Measure, Slipping
from shopbell.loyalty.takings import Member

MOST_LOST = 8
"""Customers named as slipping away."""
MOST_ADVICE = 5
SLOW_S = 120.0
"""Seconds of waiting for a person that are too long for half of the customers."""
WEAK_TOPIC = 0.6
"""Share of answers below which a topic needs the owner's words."""
DULL_CSAT = 0.8


class Known(Struct, frozen=True, kw_only=True):
    """What advice is given from."""

    figures: Sequence[Figure]
    open_cases: int
    lost: Sequence[Slipping]
    unequal: Sequence[str]


def slipping(ahead: Prospects, members: Mapping[str, Member], saying: Saying) -> tuple[Slipping, ...]:
    """Return who is at risk, those with the most at stake first."""
    ordered = [one for one in ahead.lost if one.customer in members][:MOST_LOST]
    return tuple(
        Slipping(
            customer=one.customer,
            name=members[one.customer].name,
            why=one.why,
            worth=saying.text(one.clv_minor, "money") if one.enough_history else "",
        )
        for one in ordered
    )


def advice(known: Known) -> tuple[Advice, ...]:
    """Return what to do first, the most pressing at the top; a silent figure advises nothing."""
    return tuple(_all(known, {one.id: one for one in known.figures}))[:MOST_ADVICE]


def _all(known: Known, figures: Mapping[str, Figure]) -> Iterable[Advice]:
    if known.open_cases:
        cases = "complaint or call-back was" if known.open_cases == 1 else "complaints and call-backs were"
        yield Advice(
            what="See to the open complaints and call-backs.",
            why=f"{known.open_cases} {cases} not seen to yet.",
            where="console, F3, then o",
        )
    if known.lost:
        first = known.lost[0]
        yield Advice(
            what=f"Write to {first.name}, and look at the others who are slipping away.",
            why=first.why,
            where="console, F3: the customer's card",
        )
    yield from _of_assistant(figures)
    if known.unequal:
        yield Advice(
            what="Look at who gets offers.", why=known.unequal[0], where="the page of figures, Fairness"
        )


def _of_assistant(figures: Mapping[str, Figure]) -> Iterable[Advice]:
    weak = [part for part in _parts(figures, "coverage") if (part.value or 0.0) < WEAK_TOPIC]
    if weak:
        worst = min(weak, key=lambda part: (part.value or 0.0, part.label))
        yield Advice(
            what=f"Write better answers about {worst.label}.",
            why=f"Only {worst.text} of {worst.n} questions about it stayed with the assistant.",
            where="console, F4: knowledge",
        )
    unserved = figures.get("unserved")
    if unserved and unserved.whole.value and (unserved.whole.low or 0.0) > 0.05:  # noqa: PLR2004 - one in twenty
        yield Advice(
            what="Have somebody at the console when customers ask for a person.",
            why=f"{unserved.whole.text} of the wishes for a person were served by nobody.",
            where="shop.toml, [staff]: when a person can be reached",
        )
    waiting = figures.get("waiting")
    if waiting and (waiting.whole.value or 0.0) > SLOW_S:
        yield Advice(
            what="Answer calls for a person sooner.",
            why=f"Half of the customers waited longer than {waiting.whole.text}.",
            where="console, F2: the floor",
        )
    reasons = _parts(figures, "handover")
    nothing = next((part for part in reasons if part.label == "nothing was found"), None)
    if nothing and nothing.value:
        yield Advice(
            what="Answer what nobody has answered yet.",
            why=f"In {nothing.text} of all conversations nothing was found and a person was called.",
            where="console, F4: unanswered questions",
        )
    pleased = figures.get("csat")
    if pleased and pleased.whole.value is not None and pleased.whole.value < DULL_CSAT:
        yield Advice(
            what="Read the conversations with few stars.",
            why=f"{pleased.whole.text} of those who gave stars were satisfied.",
            where="the page of figures, Satisfied: rows",
        )


def _parts(figures: Mapping[str, Figure], name: str) -> tuple[Measure, ...]:
    found = figures.get(name)
    return tuple(part for part in found.parts if part.value is not None) if found else ()
