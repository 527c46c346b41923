"""Counting: rows into measures that speak, or say why they are silent. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from msgspec import Struct

from shopbell.assistant.insight.intervals import Span, mean_span, quantile_span, wilson
from shopbell.assistant.staffwire.figures import Figure, FigureRow, Group, Measure, Unit
from shopbell.loyalty.money import money, places

FEW_FOR_P95 = 60
"""With fewer values the interval of their 95th percentile has no upper end."""
WILSON = "Wilson's interval of a share, 95 %"
STUDENT = "Student's t interval of the mean, 95 %"
ORDER = "Interval by order statistics, 95 %"
DRAWN = "Bootstrap (percentile), 95 %; its normal limit from 400 on"


class Counted(Struct, frozen=True):
    """A figure, and the rows it was counted over."""

    figure: Figure
    rows: tuple[FigureRow, ...] = ()


class Case(Struct, frozen=True):
    """One row that counts, or counts not."""

    row: FigureRow
    hit: bool


class Saying(Struct, frozen=True):
    """How numbers are said: from how many on, and in which currency."""

    few: int = 20
    currency: str = "EUR"

    def text(self, value: float, unit: Unit) -> str:
        """Say one value."""
        match unit:
            case "share":
                return f"{100 * value:.0f} %"
            case "seconds":
                return f"{value:.0f} s" if value >= 10 else f"{value:.2g} s"  # noqa: PLR2004 - two digits do
            case "stars":
                return f"{value:.1f} of 5"
            case "score":
                return f"{value:+.0f}"
            case "money":
                return self._money(value)
            case "count":
                return f"{value:,.0f}"

    def _money(self, value: float) -> str:
        scale = 10 ** places(self.currency)
        if abs(value) < 100 * scale:
            return money(round(value), self.currency)
        whole = money(round(value / scale) * scale, self.currency)
        return whole.partition(".")[0]

    def spread(self, span: Span, unit: Unit) -> str:
        """Say an interval: "79 to 91 %"; empty when it has no end."""
        low, high = span
        if low is None and high is None:
            return ""
        if high is None:
            return f"at least {self.text(low or 0.0, unit)}"
        if low is None:
            return f"at most {self.text(high, unit)}"
        ends = self.text(low, unit), self.text(high, unit)
        tail = next((tail for tail in (" %", " s", " of 5") if ends[1].endswith(tail)), "")
        return f"{ends[0].removesuffix(tail)} to {ends[1]}"

    def measure(self, label: str, value: float, span: Span, n: int, unit: Unit) -> Measure:
        """Say a value with its interval."""
        said, spread = self.text(value, unit), self.spread(span, unit)
        return Measure(label=label, text=said, spread=spread, value=value, low=span[0], high=span[1], n=n)

    def silent(self, label: str, n: int, need: int = 0, why: str = "") -> Measure:
        """Say that there are too few, or why else nothing is said."""
        reason = why or f"too few: {n} of {need or self.few}"
        return Measure(label=label, text=reason, n=n, silent=reason)

    def share(self, label: str, hits: int, of: int) -> Measure:
        """Say a share, with Wilson's interval."""
        if of < self.few:
            return self.silent(label, of)
        return self.measure(label, hits / of, wilson(hits, of), of, "share")

    def mean(self, label: str, values: Sequence[float], unit: Unit, times: float = 1.0) -> Measure:
        """Say a mean, with Student's interval; `times` scales it."""
        if len(values) < self.few:
            return self.silent(label, len(values))
        low, high = mean_span(values)
        span = (None if low is None else low * times, None if high is None else high * times)
        return self.measure(label, fmean(values) * times, span, len(values), unit)

    def quantile(self, label: str, values: Sequence[float], percent: float) -> Measure:
        """Say a percentile of seconds."""
        need = self.few if percent <= 90 else max(self.few, FEW_FOR_P95)  # noqa: PLR2004 - the tail needs more
        if len(values) < need:
            return self.silent(label, len(values), need)
        value, span = quantile_span(values, percent)
        return self.measure(label, value, span, len(values), "seconds")


class Kind(Struct, frozen=True, kw_only=True):
    """What a figure is, before anything is counted."""

    id: str
    title: str
    group: Group
    unit: Unit = "share"
    definition: str
    method: str = WILSON
    note: str = ""
    counted: str = "conversations"

    def of(self, whole: Measure, parts: Iterable[Measure] = (), rows: Iterable[FigureRow] = ()) -> Counted:
        """Return the figure with these measures and rows, newest first."""
        ordered = tuple(sorted(rows, key=lambda row: row.at, reverse=True))
        figure = Figure(
            id=self.id,
            title=self.title,
            group=self.group,
            unit=self.unit,
            whole=whole,
            parts=tuple(parts),
            definition=self.definition,
            method=self.method,
            note=self.note,
            counted=self.counted,
            rows=len(ordered),
        )
        return Counted(figure, ordered)

    def rate(self, saying: Saying, cases: Sequence[Case], *, parts: bool = True) -> Counted:
        """Count cases into a share, and a share of each part."""
        by_part: dict[str, list[Case]] = {}
        for case in cases:
            by_part.setdefault(case.row.part, []).append(case)
        split = [
            saying.share(part, sum(case.hit for case in some), len(some))
            for part, some in sorted(by_part.items(), key=lambda pair: (-len(pair[1]), pair[0]))
            if part
        ]
        whole = saying.share("", sum(case.hit for case in cases), len(cases))
        return self.of(whole, split if parts else (), (case.row for case in cases))


def tallied(saying: Saying, hits: Mapping[str, int], of: int) -> tuple[Measure, ...]:
    """Return the share of each kind among all, the most frequent first."""
    ordered = sorted(hits.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(saying.share(label, count, of) for label, count in ordered)
