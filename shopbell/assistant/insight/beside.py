"""Beside: the figure of customers who use the assistant beside matched ones who do not. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from statistics import fmean

from shopbell.assistant.insight import matched as m
from shopbell.assistant.insight.counting import Counted, Kind, Saying
from shopbell.assistant.staffwire.figures import FigureRow, Measure, Unit
from shopbell.loyalty.kpis import Visits
from shopbell.loyalty.takings import Member

_KIND = Kind(
    id="matched",
    title="With the assistant, beside alike without",
    group="customers",
    definition="Customers who talked with the assistant for the first time, each paired with one who "
    "had not yet, and bought alike before: visits in 90 and in 30 days, what was paid, days since the "
    "last visit, days known; and both bought in the week of the conversation, or neither did. Retained: "
    "bought again from day 31 to day 60 after that week. The figure is the difference of the shares, in "
    "points of a hundred. Beside it what both paid in the 60 days, and are expected to pay.",
    method="Mean difference within pairs, adjusted by regression, with robust (HC3) 95 % interval",
    note="Not a cause: whoever asks the assistant may be keener in ways the till cannot see.",
    counted="pairs",
)


def beside(
    pairs: Sequence[m.Pair],
    bought: Mapping[str, Visits],
    members: Mapping[str, Member],
    worth: Mapping[str, int],
    saying: Saying,
) -> Counted:
    """Return the figure; `worth` is what the reckoning expects of each customer, as far as it may say."""
    kept = {name: m.retained(bought.get(name), since) for name, since in _sides(pairs)}
    spent = {name: float(m.paid(bought.get(name), since)) for name, since in _sides(pairs)}
    both = [pair for pair in pairs if pair.user in worth and pair.other in worth]
    whole, first = _compared(
        pairs, {name: float(one) for name, one in kept.items()}, saying, "Retained", "share"
    )
    _, second = _compared(pairs, spent, saying, "Paid in 60 days", "money")
    _, third = _compared(both, {k: float(v) for k, v in worth.items()}, saying, "Worth ahead", "money")
    odd = m.unlike(pairs) if whole.value is not None else ()
    kind = _KIND
    if odd:
        note = f"{kind.note} The pairs are not quite alike in {', '.join(odd)}; that was adjusted for."
        kind = Kind(**{name: getattr(kind, name) for name in kind.__struct_fields__} | {"note": note})
    return kind.of(whole, (*first, *second, *third), _rows(pairs, kept, members))


def _sides(pairs: Sequence[m.Pair]) -> list[tuple[str, date]]:
    return [(name, pair.since) for pair in pairs for name in (pair.user, pair.other)]


def _compared(
    pairs: Sequence[m.Pair], values: Mapping[str, float], saying: Saying, name: str, unit: Unit
) -> tuple[Measure, tuple[Measure, ...]]:
    """Return the difference as the whole, and with it both sides as parts."""
    if len(pairs) < saying.few:
        return saying.silent("", len(pairs)), (saying.silent(f"{name}: difference", len(pairs)),)
    found = m.effect([values[p.user] - values[p.other] for p in pairs], [p.gap for p in pairs])
    if found is None:
        return saying.silent("", len(pairs)), ()
    ours, theirs = (
        fmean(values[name] for name in side) for side in zip(*((p.user, p.other) for p in pairs), strict=True)
    )
    sides = tuple(
        Measure(label=f"{name}, {which}", text=saying.text(value, unit), value=value, n=len(pairs))
        for which, value in (("with the assistant", ours), ("without it", theirs))
    )
    gap = _gap(saying, f"{name}: difference", found, unit)
    whole = Measure(text=gap.text, spread=gap.spread, value=gap.value, low=gap.low, high=gap.high, n=gap.n)
    return whole, (*sides, gap)


def _gap(saying: Saying, label: str, found: m.Effect, unit: Unit) -> Measure:
    low, value, high = (_signed(saying, number, unit) for number in (found.low, found.value, found.high))
    return Measure(
        label=label,
        text=value,
        spread=f"{low} to {high}",
        value=found.value,
        low=found.low,
        high=found.high,
        n=found.n,
    )


def _signed(saying: Saying, value: float, unit: Unit) -> str:
    if unit == "share":
        return f"{100 * value:+.0f} points"
    text = saying.text(abs(value), unit)
    return f"{'-' if value < 0 else '+'}{text}"


def _rows(
    pairs: Sequence[m.Pair], kept: Mapping[str, bool], members: Mapping[str, Member]
) -> list[FigureRow]:
    return [
        FigureRow(
            kind="customer",
            id=name,
            name=members[name].name if name in members else "",
            at=pair.since.isoformat(),
            outcome="retained" if kept[name] else "not retained",
            part=part,
        )
        for pair in pairs
        for name, part in ((pair.user, "with the assistant"), (pair.other, "without it"))
    ]
