"""Plots: bars, lines and whiskers as SVG. Colours come from the page's style sheet; nothing is inline. Pure.

Each plot has a title that is read aloud, and the same numbers stand in a table beside it.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from math import ceil, floor, log10

from shopbell.assistant.insight.markup import Markup, el, joined, text
from shopbell.assistant.staffwire.figures import Measure, Point, Series

WIDTH, HEIGHT = 440.0, 210.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 10.0, 14.0, 30.0
ROW = 26.0
"""Height of one whisker."""
LABELS = 5
"""Words under a plot, at most."""
Say = Callable[[float], str]


def bars(series: Sequence[Series], say: Say) -> Markup:
    """Draw columns, one series standing on the other."""
    labels = [point.label for point in series[0].points]
    totals = [sum(one.points[at].value or 0 for one in series) for at in range(len(labels))]
    scale = _Scale(0.0, max([*totals, 1.0]))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    drawn = [_columns(series, at, step, scale, say) for at in range(len(labels))]
    return _plot(series[0].title, _grid(scale, say), joined(drawn), _under(labels, step))


def _columns(series: Sequence[Series], at: int, step: float, scale: "_Scale", say: Say) -> Markup:
    base, drawn = 0.0, []
    for number, one in enumerate(series):
        value = one.points[at].value or 0.0
        if value:
            top, bottom = scale.y(base + value), scale.y(base)
            title = el("title", text(f"{one.points[at].label}, {one.name or one.title}: {say(value)}"))
            x = LEFT + at * step + step * 0.12
            box = {"x": x, "y": top, "width": step * 0.76, "height": max(0.5, bottom - top)}
            drawn.append(el("rect", title, class_=f"s{number}", **box))
        base += value
    return joined(drawn)


def line(series: Series, say: Say) -> Markup:
    """Draw a line of dots with the band of their intervals; where nothing is known there is a gap."""
    ends = [end for p in series.points for end in (p.low, p.high, p.value) if end is not None]
    scale = _Scale(0.0, 1.0) if series.unit == "share" else _Scale(min([0.0, *ends]), max([1.0, *ends]))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(series.points))
    placed = [(LEFT + (at + 0.5) * step, point) for at, point in enumerate(series.points)]
    runs = [list(some) for known, some in groupby(placed, lambda pair: pair[1].value is not None) if known]
    drawn = joined(_run(dots, scale, say) for dots in runs)
    return _plot(series.title, _grid(scale, say), drawn, _under([p.label for p in series.points], step))


def _run(dots: Sequence[tuple[float, Point]], scale: "_Scale", say: Say) -> Markup:
    """Draw dots that follow one another."""
    band = [(x, scale.y(p.high)) for x, p in dots if p.high is not None]
    band += [(x, scale.y(p.low)) for x, p in reversed(dots) if p.low is not None]
    spots = [(x, scale.y(p.value or 0.0)) for x, p in dots]
    told = [f"{p.label}: {say(p.value or 0.0)} (n = {p.n})" for _, p in dots]
    marks = [
        el("circle", el("title", text(words)), class_="dot", cx=x, cy=y, r=3)
        for (x, y), words in zip(spots, told, strict=True)
    ]
    return joined(
        (
            el("polygon", class_="band", points=_points(band)),
            el("polyline", class_="line", points=_points(spots)),
            *marks,
        )
    )


def whiskers(title: str, parts: Sequence[Measure], say: Say, *, whole: bool = False) -> Markup:
    """Draw each measure as a dot with its interval, from 0 to 1 if `whole`; the silent ones are words."""
    known = [end for p in parts for end in (p.low, p.high, p.value) if end is not None]
    low, high = (0.0, 1.0) if whole else (min([0.0, *known]), max([*known, 0.0]) or 1.0)
    left, right, height = 158.0, 22.0, ROW * len(parts) + 26

    def x(value: float) -> float:
        return left + (value - low) / ((high - low) or 1.0) * (WIDTH - left - right)

    rows = [_whisker(part, at, x, high) for at, part in enumerate(parts)]
    marks = [
        el("line", class_="grid", x1=x(at), x2=x(at), y1=4, y2=height - 22)
        + el("text", text(say(at)), class_="tick", x=x(at), y=height - 6, text_anchor="middle")
        for at in (low, (low + high) / 2, high)
    ]
    return el(
        "svg",
        el("title", text(title)),
        joined(marks),
        joined(rows),
        view_box=f"0 0 {WIDTH:.0f} {height:.0f}",
        role="img",
        class_="plot",
        aria_label=title,
    )


def _whisker(part: Measure, at: int, x: Callable[[float], float], high: float) -> Markup:
    y = 14 + at * ROW
    name = el("text", text(_cut(part.label)), class_="label", x=150, y=y + 4, text_anchor="end")
    if part.value is None:
        return name + el("text", text(part.silent), class_="silent", x=164, y=y + 4)
    ends = (
        part.low if part.low is not None else part.value,
        part.high if part.high is not None else (high if part.low is not None else part.value),
    )
    told = el("title", text(f"{part.label}: {part.text} ({part.spread or 'no interval'}, n = {part.n})"))
    span = el("line", class_="span", x1=x(ends[0]), x2=x(ends[1]), y1=y, y2=y)
    return name + span + el("circle", told, class_="dot", cx=x(part.value), cy=y, r=4.5)


class _Scale:
    """From values to heights, over round numbers."""

    def __init__(self, low: float, high: float) -> None:
        rough = (high - low) / 4 or 1.0
        size = float(10 ** floor(log10(rough)))
        self.step = next(size * times for times in (1, 2, 2.5, 5, 10) if size * times >= rough)
        self.low = floor(low / self.step + 1e-9) * self.step
        self.high = ceil(high / self.step - 1e-9) * self.step

    def y(self, value: float) -> float:
        """Return the height of a value."""
        return TOP + (self.high - value) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)

    def marks(self) -> list[float]:
        """Return the round numbers."""
        count = round((self.high - self.low) / self.step)
        return [self.low + at * self.step for at in range(count + 1)]


def _grid(scale: _Scale, say: Say) -> Markup:
    return joined(
        el("line", class_="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=scale.y(at), y2=scale.y(at))
        + el("text", text(say(at)), class_="tick", x=LEFT - 6, y=scale.y(at) + 4, text_anchor="end")
        for at in scale.marks()
    )


def _under(labels: Sequence[str], step: float) -> Markup:
    every = max(1, ceil(len(labels) / LABELS))
    return joined(
        el(
            "text",
            text(label[5:]),
            class_="tick",
            x=LEFT + (at + 0.5) * step,
            y=HEIGHT - 10,
            text_anchor="middle",
        )
        for at, label in enumerate(labels)
        if at % every == 0
    )


def _plot(title: str, *inside: Markup) -> Markup:
    view = f"0 0 {WIDTH:.0f} {HEIGHT:.0f}"
    return el(
        "svg", el("title", text(title)), *inside, view_box=view, role="img", class_="plot", aria_label=title
    )


def _points(pairs: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


def _cut(label: str) -> str:
    return label if len(label) <= 20 else f"{label[:19]}…"  # noqa: PLR2004 - letters beside a plot
