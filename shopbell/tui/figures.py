"""Figures: the owner's figures of some days, each with its interval, and the rows behind one of them."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from shopbell.assistant.staffwire.figures import Figure, FigureAsk, FigureRow, FigureRows, Figures
from shopbell.tui.errors import ConsoleError
from shopbell.tui.plate import Plate
from shopbell.tui.rows import Piece, Row, Tone, beside, fit, paragraph, row
from shopbell.tui.screen import ConsoleScreen
from shopbell.tui.sheet import Sheet
from shopbell.tui.state import Desk

SPANS = (7, 28, 91)
"""Days that can be shown, one after the other."""
GROUPS: dict[str, str] = {
    "assistant": "What the assistant did",
    "people": "People and what they said",
    "customers": "Customers",
    "money": "Money",
    "fairness": "Fairness",
}
Line = tuple[Row, str]
"""A row and its key; empty: it cannot be picked."""


class FiguresScreen(ConsoleScreen):
    """All figures of some days."""

    MODE = "numbers"
    AUTO_FOCUS = "#list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "follow", "Rows", key_display="Enter"),
        Binding("d", "span", "Other days"),
        Binding("r", "load", "Load again"),
        Binding("escape", "back", "Back", key_display="Esc"),
    ]

    def __init__(self) -> None:
        """Begin with four weeks, and nothing loaded."""
        super().__init__()
        self.days = SPANS[1]
        self.found: Figures | None = None
        self.rows: FigureRows | None = None
        self.trouble = ""

    def inside(self) -> Iterable[Widget]:
        """Return the list, and what is said of the figure under the cursor."""
        yield Container(Sheet(id="list"), Plate(id="about"), id="told")

    def on_screen_resume(self) -> None:
        """Load what may have changed."""
        super().on_screen_resume()
        self.action_load()

    @work(exclusive=True, group="load")
    async def action_load(self) -> None:
        """Ask the server."""
        try:
            self.found = await self.console_app.house.ask(f"figures?days={self.days}", Figures)
            self.trouble = ""
        except ConsoleError as error:
            self.trouble = str(error)
        self._shown()

    def action_span(self) -> None:
        """Show other days."""
        self.days = SPANS[(SPANS.index(self.days) + 1) % len(SPANS)]
        self.found, self.rows = None, None
        self._shown()
        self.action_load()

    @work(exclusive=True, group="load")
    async def action_follow(self) -> None:
        """Follow the figure under the cursor down to its rows."""
        ask = FigureAsk(figure=self.query_one(Sheet).key, days=self.days)
        try:
            self.rows = await self.console_app.house.tell("figures/rows", ask, FigureRows)
            self.trouble = ""
        except ConsoleError as error:
            self.trouble = str(error)
        self._shown()

    def action_back(self) -> None:
        """Go back to the figures, or from them to the day."""
        if self.rows is None:
            self.app.pop_screen()
            return
        self.rows = None
        self._shown()

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        """Offer rows where there are some."""
        if action != "follow":
            return True
        figure = self._picked()
        return self.rows is None and figure is not None and figure.rows > 0

    @on(Sheet.Moved)
    def _moved(self) -> None:
        self.repaint()
        self.refresh_bindings()

    def paint(self, _: Desk) -> None:
        """Show figures, or the rows of one."""
        width = max(40, self.app.size.width - (54 if self.wide else 2))
        lines = listing(self.found, self.trouble, width) if self.rows is None else behind(self.rows, width)
        self.query_one("#list", Sheet).show([line for line, _ in lines], [key for _, key in lines])
        figure = self._picked() if self.rows is None else None
        self.put("about", about(figure, 48 if self.wide else self.app.size.width - 2, short=not self.wide))

    def _picked(self) -> Figure | None:
        key = self.query_one(Sheet).key if self.is_mounted else ""
        return next((one for one in self.found.figures if one.id == key), None) if self.found else None

    def _shown(self) -> None:
        self.repaint()
        self.repaint()  # the cursor stands only when there is a list: what is said of its line comes after
        self.refresh_bindings()


def listing(found: Figures | None, trouble: str, width: int) -> list[Line]:
    """Return the figures by group, each on a line. Pure."""
    lines: list[Line] = [(line, "") for line in (paragraph(trouble, width, "urgent") if trouble else [])]
    if found is None:
        return lines if trouble else [(row(Piece(" One moment ...", "dim")), "")]
    lines.append((row(Piece(f" {found.since:%-d %b} to {found.until:%-d %b %Y}", "strong")), ""))
    for said in (found.made_up, *found.warnings):
        lines += [(line, "") for line in (paragraph(said, width, "warn", indent=" ") if said else [])]
    for group, title in GROUPS.items():
        some = [one for one in found.figures if one.group == group]
        if some:
            lines += [(row(), ""), (row(Piece(f" {title}", "accent")), "")]
            lines += [(_figure(one, width), one.id) for one in some]
    return lines


def _figure(one: Figure, width: int) -> Row:
    name = 36 if width >= 76 else 26  # noqa: PLR2004 - room for the longest title
    whole = one.whole
    tone: Tone = "strong" if whole.value is not None else "dim"
    rest = f"{whole.spread}  n = {whole.n:,}" if whole.value is not None else ""
    value = 14 if rest else width - name - 2
    pieces = [Piece(f" {fit(one.title, name - 1)}"), Piece(fit(whole.text, value), tone)]
    return row(*pieces, Piece(fit(rest, max(0, width - name - value - 1)), "dim"))


def about(figure: Figure | None, width: int, *, short: bool) -> list[Row]:
    """Return what is said of a figure: its parts, definition and note; `short` where there is little room."""
    if figure is None:
        return []
    if short:
        return [row(), *paragraph(figure.definition, width, "dim", indent=" ")][:5]
    lines = [row(Piece(figure.title, "accent")), row()]
    for part in figure.parts:
        spread = f" ({part.spread})" if part.spread else ""
        lines += beside(f"{fit(part.label, 20)} ", "dim", f"{part.text}{spread}", width)
    lines += [row(), *paragraph(figure.definition, width), row(), *paragraph(figure.method, width, "dim")]
    return [*lines, row(), *paragraph(figure.note, width, "warn")] if figure.note else lines


def behind(rows: FigureRows, width: int) -> list[Line]:
    """Return the rows of a figure. Pure."""
    lines: list[Line] = [(row(Piece(f" {rows.title}: the rows behind it", "strong")), ""), (row(), "")]
    lines += [(_row(one, width), f"{number}:{one.id}") for number, one in enumerate(rows.rows)]
    if rows.more:
        lines.append((row(Piece(f" and {rows.more:,} more", "dim")), ""))
    return lines if rows.rows else [*lines, (row(Piece(" There are none.", "dim")), "")]


def _row(one: FigureRow, width: int) -> Row:
    who = _who(one)
    when = one.at.replace("T", " ")[:16]
    rest = " · ".join(words for words in (one.outcome, one.part) if words)
    return row(
        Piece(f" {fit(when, 17)}", "dim"), Piece(fit(who, 26), "strong"), " ", fit(rest, max(0, width - 47))
    )


def _who(one: FigureRow) -> str:
    match one.kind:
        case "customer":
            return one.name or one.id
        case "day":
            return "the day"
        case _:
            return f"{one.name} {one.id}"
