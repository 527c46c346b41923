"""The page of figures: what the owner reads in the browser and in the report. Pure.

A figure is its sentence first: the value, its interval, over how many; then the plot, the parts as a table,
the definition, and the way down to its rows.
"""

from collections.abc import Iterable, Sequence

from shopbell.assistant.insight import plots
from shopbell.assistant.insight.counting import Saying
from shopbell.assistant.insight.markup import Markup, el, joined, text
from shopbell.assistant.staffwire.figures import (
    Advice,
    Figure,
    Figures,
    Group,
    Measure,
    Series,
    Slipping,
    Unit,
)

GROUPS: tuple[tuple[Group, str], ...] = (
    ("assistant", "What the assistant did"),
    ("people", "People and what they said"),
    ("customers", "Customers"),
    ("money", "Money"),
    ("fairness", "Fairness"),
)
FIRST = ("reach", "resolution", "csat", "repeat", "saved", "earned")
"""Figures that stand at the top, in large."""
_PLOTTED = frozenset(
    {"reach", "resolution", "handover", "csat", "stars", "repeat", "clv", "fairness", "coverage"}
)


def page(figures: Figures, *, rows: bool = True) -> Markup:
    """Return the inside of the page; with `rows` each figure has a button that follows it down."""
    saying = Saying(0, figures.currency)
    by_id = {one.id: one for one in figures.figures}
    groups = [(name, title, [one for one in figures.figures if one.group == name]) for name, title in GROUPS]
    return joined(
        (
            el("p", text(f"{figures.since:%-d %B %Y} to {figures.until:%-d %B %Y}"), class_="span-of"),
            el("p", text(figures.made_up), class_="warning", role="note") if figures.made_up else "",
            el("section", joined(_tile(by_id[name]) for name in FIRST if name in by_id), class_="tiles"),
            el("div", _to_do(figures.advice), _slipping(figures), class_="two"),
            el("div", joined(_series(figures.series, saying)), class_="figures"),
            *(
                _group(name, title, some, figures, saying=saying, rows=rows)
                for name, title, some in groups
                if some
            ),
            _assumed(figures),
        )
    )


def _tile(figure: Figure) -> Markup:
    whole = figure.whole
    value = el("span", text(whole.text), class_="value" if whole.value is not None else "value faint")
    return el(
        "div",
        el("h2", text(figure.title)),
        value,
        el("span", text(_over(figure, whole)), class_="over"),
        class_="tile",
    )


def _over(figure: Figure, measure: Measure) -> str:
    if measure.value is None:
        return figure.counted
    spread = f"{measure.spread}, " if measure.spread else ""
    return f"{spread}n = {measure.n:,} {figure.counted}"


def _to_do(advice: Sequence[Advice]) -> Markup:
    items = [
        el("li", el("strong", text(one.what)), el("span", text(one.why)), el("em", text(one.where)))
        for one in advice
    ]
    inside = el("ol", *items) if items else el("p", text("Nothing presses. Well done."), class_="faint")
    return el("section", el("h2", text("To do first")), inside, class_="card to-do")


def _slipping(figures: Figures) -> Markup:
    def item(one: Slipping) -> Markup:
        worth = el("em", text(f"worth {one.worth} ahead")) if one.worth else ""
        return el("li", el("strong", text(one.name)), el("span", text(one.why)), worth)

    items = [item(one) for one in figures.slipping]
    inside = el("ul", *items) if items else ""
    note = el("p", text(figures.slipping_note), class_="faint") if figures.slipping_note else ""
    return el("section", el("h2", text("Slipping away")), inside, note, class_="card slipping")


def _series(series: Sequence[Series], saying: Saying) -> Iterable[Markup]:
    for name in dict.fromkeys(one.id for one in series):
        some = [one for one in series if one.id == name]
        unit = some[0].unit

        def say(value: float, unit: Unit = "count" if unit == "score" else unit) -> str:
            return saying.text(value, unit)

        if name.startswith("trend-"):
            known = [point for point in some[0].points if point.value is not None]
            nothing = el("p", text("Too few in every week so far."), class_="faint")
            drawn = plots.line(some[0], say) if known else nothing
            note = el(
                "p", text("Each dot: the four weeks up to that Sunday, with its interval."), class_="faint"
            )
            yield el(
                "section", el("h2", text(f"{some[0].title}, week by week")), drawn, note, class_="card trend"
            )
        else:
            legend = el("p", *(_key(at, one.name) for at, one in enumerate(some)), class_="legend")
            yield el("section", el("h2", text(some[0].title)), legend, plots.bars(some, say), class_="card")


def _key(at: int, name: str) -> Markup:
    box = el(
        "svg", el("rect", class_=f"s{at}", width=12, height=12), view_box="0 0 12 12", aria_hidden="true"
    )
    return el("span", box, text(name))


def _group(
    name: str, title: str, some: Sequence[Figure], figures: Figures, *, saying: Saying, rows: bool
) -> Markup:
    heading = f"group-{name}"
    warned = [el("p", text(said), class_="warning", role="note") for said in figures.warnings]
    return el(
        "section",
        el("h2", text(title), id=heading, class_="group"),
        joined(warned) if name == "fairness" else "",
        el("div", *(_figure(one, saying, rows=rows) for one in some), class_="figures"),
        aria_labelledby=heading,
    )


def _figure(figure: Figure, saying: Saying, *, rows: bool) -> Markup:
    whole = figure.whole
    value = el(
        "p", el("span", text(whole.text), class_="value" if whole.value is not None else "value faint")
    )
    over = el("p", text(_over(figure, whole)), class_="over")
    note = el("p", text(figure.note), class_="note") if figure.note else ""
    about = el(
        "details",
        el("summary", text("How it is counted")),
        el("p", text(figure.definition)),
        el("p", text(f"Interval: {figure.method}.")),
    )
    down = ""
    if rows and figure.rows:
        words = text(f"The {figure.rows:,} rows behind it")
        down = el("button", words, type="button", class_="pill rows", data_figure=figure.id)
    inside = (el("h3", text(figure.title)), value, over, _parts(figure, saying), note, about, down)
    return el("article", *inside, class_="card figure", id=f"figure-{figure.id}")


def _parts(figure: Figure, saying: Saying) -> Markup:
    if not figure.parts:
        return ""
    drawn = ""
    if figure.id in _PLOTTED and any(part.value is not None for part in figure.parts):
        drawn = plots.whiskers(
            figure.title,
            figure.parts[:14],
            lambda value: saying.text(value, figure.unit),
            whole=figure.unit == "share",
        )
    lines = [
        el(
            "tr",
            el("th", text(part.label), scope="row"),
            el("td", text(part.text)),
            el("td", text(part.spread)),
            el("td", text(f"{part.n:,}")),
        )
        for part in figure.parts
    ]
    head = el("tr", *(el("th", text(word), scope="col") for word in ("part", "value", "95 % interval", "n")))
    table = el("table", el("thead", head), el("tbody", *lines))
    return drawn + el("details", el("summary", text("In numbers")), table) if drawn else table


def _assumed(figures: Figures) -> Markup:
    items = [
        el("li", el("strong", text(one.value)), text(f" {one.meaning} ("), el("code", text(one.key)), ")")
        for one in figures.assumed
    ]
    words = "What is taken for granted; change it under [figures] in shop.toml"
    return el("section", el("h2", text(words), class_="group"), el("ul", *items, class_="card assumed"))
