"""The Monday digest, on one page: who slips away, what was saved and earned, five things to do. Pure."""

from collections.abc import Iterable

from shopbell.assistant.insight.markup import Markup, el, joined, text
from shopbell.assistant.insight.paper import Paper
from shopbell.assistant.staffwire.figures import Figure, Figures

SHOWN = ("saved", "earned", "reach", "resolution", "csat", "nps", "handover", "waiting")
"""Figures of the digest, in its order."""
_NOBODY = "Nobody is named."
_NOTHING = "Nothing presses. Well done."


def digest_text(figures: Figures) -> str:
    """Return the digest as plain text, 78 columns wide at most where words allow."""
    lines = [figures.shop, _span(figures), ""]
    if figures.made_up:
        lines += [figures.made_up, ""]
    lines += ["THE WEEK", *(f"  {title:<34}{words}" for title, words in _figures(figures)), ""]
    lines += ["SLIPPING AWAY"]
    lines += [
        f"  {one.name}{f' (worth {one.worth} ahead)' if one.worth else ''}: {one.why}"
        for one in figures.slipping
    ]
    lines += [f"  {figures.slipping_note or _NOBODY}", "", "TO DO FIRST"]
    for number, one in enumerate(figures.advice, 1):
        lines += [f"  {number}. {one.what}", f"     {one.why} ({one.where})"]
    if not figures.advice:
        lines.append(f"  {_NOTHING}")
    return "\n".join((*lines, "", _assumed(figures), ""))


def digest_page(figures: Figures) -> Markup:
    """Return the digest as the inside of a page."""
    rows = (
        el("tr", el("th", text(title), scope="row"), el("td", text(words)))
        for title, words in _figures(figures)
    )
    lost = (
        el("li", el("strong", text(one.name)), el("span", text(one.why)), el("em", text(one.worth)))
        for one in figures.slipping
    )
    to_do = (
        el("li", el("strong", text(one.what)), el("span", text(one.why)), el("em", text(one.where)))
        for one in figures.advice
    )
    return joined(
        (
            el("h1", text(figures.shop)),
            el("p", text(_span(figures)), class_="span-of"),
            el("p", text(figures.made_up), class_="warning") if figures.made_up else "",
            el("section", el("h2", text("The week")), el("table", el("tbody", *rows)), class_="card"),
            el(
                "section",
                el("h2", text("Slipping away")),
                el("ul", *lost) if figures.slipping else "",
                el("p", text(figures.slipping_note or _NOBODY), class_="faint"),
                class_="card slipping",
            ),
            el(
                "section",
                el("h2", text("To do first")),
                el("ol", *to_do) if figures.advice else el("p", text(_NOTHING), class_="faint"),
                class_="card to-do",
            ),
            el("p", text(_assumed(figures)), class_="faint"),
        )
    )


def digest_pdf(figures: Figures) -> bytes:
    """Return the digest as a PDF of one page."""
    paper = Paper(figures.shop, _span(figures))
    if figures.made_up:
        paper.words(figures.made_up, faint=True)
    paper.heading("The week")
    for title, words in _figures(figures):
        paper.pair(title, words)
    paper.heading("Slipping away")
    for lost in figures.slipping[:6]:
        worth = f" ({lost.worth} ahead)" if lost.worth else ""
        paper.words(f"{lost.name}{worth}: {lost.why}")
    paper.words(figures.slipping_note or _NOBODY, faint=True)
    paper.heading("To do first")
    for number, one in enumerate(figures.advice, 1):
        paper.words(f"{number}. {one.what}")
        paper.words(f"{one.why} ({one.where})", faint=True)
    if not figures.advice:
        paper.words(_NOTHING)
    paper.words(_assumed(figures), faint=True)
    return paper.done()


def _figures(figures: Figures) -> Iterable[tuple[str, str]]:
    by_id: dict[str, Figure] = {one.id: one for one in figures.figures}
    for name in SHOWN:
        if name in by_id:
            whole = by_id[name].whole
            spread = f" ({whole.spread}, n = {whole.n})" if whole.value is not None else ""
            yield by_id[name].title, f"{whole.text}{spread}"


def _span(figures: Figures) -> str:
    return f"{figures.since:%A %-d %B} to {figures.until:%A %-d %B %Y}"


def _assumed(figures: Figures) -> str:
    said = ", ".join(f"{one.key} {one.value}" for one in figures.assumed if one.key != "few")
    return f"Taken for granted, under [figures] in shop.toml: {said}. Intervals are of 95 %."
