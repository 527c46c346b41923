"""Lifted: what messages to customers brought, beside those held out by lot. Pure."""

from collections.abc import Sequence
from math import sqrt

from shopbell.assistant.insight.counting import Counted, Kind, Saying
from shopbell.assistant.outreach.lift import Lift
from shopbell.assistant.staffwire.figures import Measure

_KIND = Kind(
    id="lift",
    title="Customers brought by messages",
    group="customers",
    unit="count",
    definition="Customers who came because of a message: how many more of those who got one came than "
    "of those held out by lot, times those who got one. The parts are campaigns.",
    method="Newcombe's interval of the difference; the sum of campaigns by the same rule (Zou & Donner 2008)",
    counted="customers drawn",
)
NONE = "no campaign has enough customers in both groups yet"


def lifted(campaigns: Sequence[Lift], saying: Saying) -> Counted:
    """Return the figure; a campaign without enough customers says so."""
    parts = [_part(one, saying) for one in campaigns]
    known = [one for one in campaigns if one.extra is not None]
    n = sum(one.treated + one.held for one in known)
    if not known:
        return _KIND.of(saying.silent("", n, why=NONE), parts)
    spans = [one.extra for one in known if one.extra is not None]
    value = sum(span.value for span in spans)
    low = value - sqrt(sum((span.value - span.low) ** 2 for span in spans))
    high = value + sqrt(sum((span.high - span.value) ** 2 for span in spans))
    return _KIND.of(saying.measure("", value, (low, high), n, "count"), parts)


def _part(one: Lift, saying: Saying) -> Measure:
    n = one.treated + one.held
    if one.extra is None:
        return saying.silent(one.campaign, n, why=one.note.rstrip(".") or NONE)
    return saying.measure(one.campaign, one.extra.value, (one.extra.low, one.extra.high), n, "count")
