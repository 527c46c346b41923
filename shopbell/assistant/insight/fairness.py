"""Fairness: who is given offers, by level, spend, age of account and segment; what stands in for age."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from shopbell.assistant.insight.counting import Counted, Kind, Saying
from shopbell.assistant.insight.intervals import difference
from shopbell.assistant.staffwire.figures import FigureRow
from shopbell.loyalty.takings import Member

FOUR_FIFTHS = 0.8
"""A group that gets less than this part of what the others get is looked at (the four-fifths rule)."""
OLD = 60
"""Years from which on somebody counts as old, for the look at what stands in for age."""
PROXY = 0.2
"""Difference of the share of old people from which a group stands in for age."""
_KIND = Kind(
    id="fairness",
    title="Who is given something",
    group="fairness",
    definition="Customers who were given goodwill points or sent an offer in the last 90 days, over all "
    "customers. The parts are levels, quarters by what was paid in 90 days, age of the account, and "
    "segments.",
    note="With so many groups, about one in twenty differs by chance alone.",
    counted="customers",
)
Groups = Mapping[str, frozenset[str]]


def fairness(
    members: Mapping[str, Member],
    given: Mapping[str, Sequence[str]],
    paid: Mapping[str, int],
    today: date,
    names: Mapping[str, str],
    computed: Mapping[str, Sequence[str]],
    saying: Saying,
) -> tuple[Counted, tuple[str, ...]]:
    """Return the figure and warnings.

    `given` says what each customer got, `paid` what they paid in 90 days, `computed` their segments.
    """
    found = groups(members, paid, today, names, computed)
    hit = frozenset(given) & frozenset(members)
    parts = [saying.share(label, len(hit & some), len(some)) for label, some in found.items()]
    rows = (
        FigureRow(kind="customer", id=who, name=one.name, outcome=", ".join(given.get(who, ())) or "nothing")
        for who, one in members.items()
    )
    counted = _KIND.of(saying.share("", len(hit), len(members)), parts if members else (), rows)
    if counted.figure.whole.value is None:
        return counted, ()
    everybody = frozenset(members)
    return counted, (
        *_unequal(found, hit, everybody, saying),
        *_proxies(found, members, today.year, saying),
    )


def groups(
    members: Mapping[str, Member],
    paid: Mapping[str, int],
    today: date,
    names: Mapping[str, str],
    computed: Mapping[str, Sequence[str]],
) -> Groups:
    """Return the groups that are looked at, by name."""
    found: dict[str, set[str]] = {}
    quarters = _quarters(members, paid)
    for who, one in members.items():
        age = (today - one.joined.date()).days
        account = "under 3 months" if age < 90 else "3 to 12 months" if age < 365 else "over a year"  # noqa: PLR2004
        labels = [
            f"level {names.get(one.tier, one.tier or 'none')}",
            f"paid: {quarters[who]}",
            f"account: {account}",
        ]
        labels += [f"segment {name}" for name in {*one.segments, *computed.get(who, ())}]
        for label in labels:
            found.setdefault(label, set()).add(who)
    return {label: frozenset(found[label]) for label in sorted(found)}


def _quarters(members: Mapping[str, Member], paid: Mapping[str, int]) -> dict[str, str]:
    ranked = sorted(members, key=lambda who: (paid.get(who, 0), who))
    words = ("least", "less", "more", "most")
    return {
        who: words[at * 4 // len(ranked)] if paid.get(who) else "nothing" for at, who in enumerate(ranked)
    }


def _unequal(found: Groups, hit: frozenset[str], everybody: frozenset[str], saying: Saying) -> Iterable[str]:
    for label, some in found.items():
        rest = everybody - some
        if min(len(some), len(rest)) < saying.few:
            continue
        ours, theirs = (len(hit & some), len(some)), (len(hit & rest), len(rest))
        share, other = ours[0] / ours[1], theirs[0] / theirs[1]
        gap, _, high = difference(ours, theirs)
        if high < 0 and share < FOUR_FIFTHS * other:
            yield (
                f"{label}: {saying.text(share, 'share')} were given something, beside "
                f"{saying.text(other, 'share')} of all others ({100 * gap:+.0f} points, {ours[1]} "
                f"customers)."
            )


def _proxies(found: Groups, members: Mapping[str, Member], year: int, saying: Saying) -> Iterable[str]:
    old = {who: year - one.born >= OLD for who, one in members.items() if one.born}
    for label, some in found.items():
        inside = [old[who] for who in some if who in old]
        outside = [age for who, age in old.items() if who not in some]
        if min(len(inside), len(outside)) < saying.few:
            continue
        gap, low, high = difference((sum(inside), len(inside)), (sum(outside), len(outside)))
        if abs(gap) >= PROXY and (low > 0 or high < 0):
            yield (
                f"{label} stands in for age: {100 * sum(inside) / len(inside):.0f} % of it are {OLD} or "
                f"older, "
                f"of the others {100 * sum(outside) / len(outside):.0f} %. An offer to it is an offer by "
                f"age."
            )
