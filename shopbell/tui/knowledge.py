"""Knowledge: what was asked and not answered, what contradicts itself, what ends soon."""

from collections.abc import Iterable
from typing import ClassVar

from msgspec import Struct
from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from shopbell.assistant import staffwire as w
from shopbell.tui.answering import Answering
from shopbell.tui.dialogs import Sure
from shopbell.tui.errors import ConsoleError
from shopbell.tui.rows import Piece, Row, Tone, beside, fit, paragraph, row
from shopbell.tui.screen import ConsoleScreen
from shopbell.tui.sheet import Sheet
from shopbell.tui.state import Desk

_SEVERITY: dict[str, Tone] = {"error": "urgent", "warning": "warn", "notice": "dim"}


class Known(Struct, frozen=True):
    """What the three questions to the server gave."""

    gaps: tuple[w.GapRow, ...] = ()
    problems: tuple[w.Complaint, ...] = ()
    facts: tuple[w.ExpiringRow, ...] = ()


class KnowledgeScreen(ConsoleScreen):
    """The shop's knowledge, where it wants somebody."""

    MODE = "knowledge"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,a", "answer", "Answer", key_display="Enter"),
        Binding("f", "forget", "Forget question"),
        Binding("x", "retire", "Retire fact"),
        Binding("r", "load", "Load again"),
    ]

    def __init__(self) -> None:
        """Begin with nothing loaded."""
        super().__init__()
        self.known: Known | None = None
        self.trouble = ""

    def inside(self) -> Iterable[Widget]:
        """Return the list."""
        yield Sheet(id="list")

    def on_screen_resume(self) -> None:
        """Load what may have changed."""
        self.repaint()
        self.action_load()

    @work(exclusive=True, group="load")
    async def action_load(self) -> None:
        """Ask the server."""
        house = self.console_app.house
        try:
            gaps = await house.ask("knowledge/gaps", w.Gaps)
            problems = await house.ask("knowledge/problems", w.Complaints)
            facts = await house.ask("knowledge/expiring", w.Expiring)
        except ConsoleError as error:
            self.trouble = str(error)
        else:
            self.trouble, self.known = "", Known(gaps.gaps, problems.problems, facts.facts)
        self.repaint()
        self.refresh_bindings()

    def paint(self, _: Desk) -> None:
        """Show the three lists."""
        width = max(40, self.app.size.width - 2)
        lines = listing(self.known, self.trouble, width)
        self.query_one(Sheet).show([line for line, _ in lines], [key for _, key in lines])

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        """Offer what fits the line under the cursor."""
        kind = self.query_one(Sheet).key.partition(":")[0] if self.is_mounted else ""
        may = self.console_app.desk.may
        match action:
            case "answer":
                return kind == "gap" and may("knowledge")
            case "forget":
                return kind == "gap" and may("publish")
            case "retire":
                return kind == "fact" and may("publish")
            case _:
                return True

    def on_sheet_moved(self) -> None:
        """Offer other keys on another line."""
        self.refresh_bindings()

    @property
    def _gap(self) -> w.GapRow | None:
        kind, _, name = self.query_one(Sheet).key.partition(":")
        gaps = self.known.gaps if self.known else ()
        return next((gap for gap in gaps if kind == "gap" and str(gap.id) == name), None)

    @work(exclusive=True, group="dialog")
    async def action_answer(self) -> None:
        """Answer a question once, for good."""
        gap = self._gap
        if gap is not None:
            draft = w.Draft(question=gap.example, answer="", test=gap.example, gap=gap.id)
            await self.app.push_screen_wait(Answering(draft))
            self.action_load()

    @work(exclusive=True, group="dialog")
    async def action_forget(self) -> None:
        """Forget a question that needs no answer."""
        gap = self._gap
        if gap is not None and await self.app.push_screen_wait(Sure(f"Forget “{gap.example}”?")):
            await self._tell("knowledge/gaps/forget", w.GapId(id=gap.id), "Forgotten.")

    @work(exclusive=True, group="dialog")
    async def action_retire(self) -> None:
        """Give a fact no more."""
        name = self.query_one(Sheet).key.partition(":")[2]
        facts = self.known.facts if self.known else ()
        fact = next((fact for fact in facts if fact.id == name), None)
        if fact is not None and await self.app.push_screen_wait(
            Sure(f"Give “{fact.title}” to nobody any more?")
        ):
            await self._tell("knowledge/retire", w.Retire(id=fact.id), "Retired. The words stay in the file.")

    async def _tell(self, path: str, form: w.GapId | w.Retire, done: str) -> None:
        try:
            await self.console_app.house.tell(path, form, w.Kept)
        except ConsoleError as error:
            self.console_app.say(str(error), wrong=True)
            return
        self.console_app.say(done)
        self.action_load()


def listing(known: Known | None, trouble: str, width: int) -> list[tuple[Row, str]]:
    """Return the lines of the screen, each with the key by which it is picked, or none. Pure."""
    if known is None:
        return [
            (line, "") for line in paragraph(trouble or "One moment ...", width, "warn" if trouble else "dim")
        ]
    lines: list[tuple[Row, str]] = (
        [(line, "") for line in paragraph(trouble, width, "warn")] if trouble else []
    )
    lines += [_title("Asked and not answered", len(known.gaps), "Every question found an answer.")]
    for gap in known.gaps:
        seen = f"{gap.count:>4} x  "
        text = fit(gap.example, max(10, width - len(seen) - 12))
        lines.append(
            (row(Piece(seen, "accent"), text, Piece(f"  {gap.last_seen[:10]}", "dim")), f"gap:{gap.id}")
        )
    lines += [(row(), ""), _title("Problems in the shop's files", len(known.problems), "None.")]
    for problem in known.problems:
        lead = f"  {problem.severity}: "
        text = f"{problem.text} ({problem.place})" if problem.place else problem.text
        lines += [(line, "") for line in beside(lead, _SEVERITY[problem.severity], text, width)]
    lines += [(row(), ""), _title("Facts that end soon", len(known.facts), "None within 14 days.")]
    for fact in known.facts:
        left = f"{fact.days:>4} d  "
        text = fit(f"{fact.title} ({fact.source})", max(10, width - len(left) - 12))
        lines.append((row(Piece(left, "warn"), text, Piece(f"  {fact.last_day}", "dim")), f"fact:{fact.id}"))
    return lines


def _title(text: str, count: int, none: str) -> tuple[Row, str]:
    tail = Piece(f"  {count}", "accent") if count else Piece(f"  {none}", "dim")
    return row(Piece(f" {text}", "strong"), tail), ""
