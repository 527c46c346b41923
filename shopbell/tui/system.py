"""System: how the server is, in plain words, and the key that starts the model's worker anew."""

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from shopbell.assistant import staffwire as w
from shopbell.tui.choosing import Choose
from shopbell.tui.dialogs import Sure
from shopbell.tui.errors import ConsoleError
from shopbell.tui.ghosting import WHICH, ghost_rows, promoted
from shopbell.tui.rows import Piece, Row, Tone, beside, paragraph, row
from shopbell.tui.screen import ConsoleScreen
from shopbell.tui.sheet import Sheet
from shopbell.tui.state import Desk

RESTART = "Start the model's worker anew? An answer that is being written is lost."
EVERY_S = 5.0
_HOW: dict[str, Tone] = {"well": "good", "amiss": "warn", "off": "dim"}
_Told = tuple[str, str, Tone]
"""What it is about, how it is, and in which tone."""
_SEVERITY: dict[str, Tone] = {"error": "urgent", "warning": "warn", "notice": "dim"}


class SystemScreen(ConsoleScreen):
    """The machine."""

    MODE = "system"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "restart", "Restart the model", key_display="R"),
        Binding("a", "take_back", "Approve again"),
        Binding("r", "load", "Load again"),
    ]

    def __init__(self) -> None:
        """Begin with nothing loaded."""
        super().__init__()
        self.report: w.SystemReport | None = None
        self.ghost: w.GhostReport | None = None
        self.trouble = ""

    def inside(self) -> Iterable[Widget]:
        """Return the page."""
        yield Sheet(id="list")

    def on_mount(self) -> None:
        """Look again and again, while somebody looks."""
        super().on_mount()
        self.set_interval(EVERY_S, lambda: self.action_load() if self.is_current else None)

    def on_screen_resume(self) -> None:
        """Load what may have changed."""
        self.repaint()
        self.action_load()

    @work(exclusive=True, group="load")
    async def action_load(self) -> None:
        """Ask the server."""
        try:
            self.report = await self.console_app.house.ask("system", w.SystemReport)
            self.ghost = await self.console_app.house.ask("ghost", w.GhostReport)
            self.trouble = ""
        except ConsoleError as error:
            self.trouble = str(error)
        self.repaint()

    def paint(self, _: Desk) -> None:
        """Show the report."""
        width = min(100, self.app.size.width - 3)
        rows = [*report_rows(self.report, self.trouble, width), *ghost_rows(self.ghost, width)]
        self.query_one(Sheet).show(rows)
        self.refresh_bindings()

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        """Offer what who is signed in may do now."""
        may = self.console_app.desk.may
        if action == "take_back":
            return may("ghost") and bool(promoted(self.ghost))
        return may("restart") if action == "restart" else True

    @work(exclusive=True, group="dialog")
    async def action_take_back(self) -> None:
        """Let a promoted topic need approval again."""
        topics = promoted(self.ghost)
        picked = await self.app.push_screen_wait(Choose(WHICH, topics))
        if picked is None:
            return
        try:
            kept = await self.console_app.house.tell(
                "ghost/take-back", w.TopicName(topic=topics[picked]), w.Kept
            )
        except ConsoleError as error:
            self.console_app.say(str(error), wrong=True)
        else:
            self.console_app.say(kept.text)
        self.action_load()

    @work(exclusive=True, group="dialog")
    async def action_restart(self) -> None:
        """Start the model's worker anew."""
        if not await self.app.push_screen_wait(Sure(RESTART)):
            return
        try:
            await self.console_app.house.tell("system/model/restart", None, w.Kept)
        except ConsoleError as error:
            self.console_app.say(str(error), wrong=True)
        else:
            self.console_app.say("The model's worker starts anew.")
        self.action_load()


def report_rows(report: w.SystemReport | None, trouble: str, width: int) -> list[Row]:
    """Return a report in plain words. Pure."""
    rows: list[Row] = [row()]
    if trouble:
        rows += [*paragraph(trouble, width, "urgent", indent=" "), row()]
    if report is None:
        return rows if trouble else [row(), row(Piece(" One moment ...", "dim"))]
    for name, text, tone in _pairs(report):
        rows += beside(f" {name:<11}", "dim", text, width, tone) if text else []
    rows += [row(), row(Piece(" Problems", "strong"), Piece("" if report.problems else "  none", "dim"))]
    for problem in report.problems:
        text = f"{problem.text} ({problem.place})" if problem.place else problem.text
        rows += beside(f" {problem.severity}: ", _SEVERITY[problem.severity], text, width)
    return rows


def _pairs(report: w.SystemReport) -> list[_Told]:
    free = report.disk_free_bytes / max(1, report.disk_total_bytes)
    low: Tone = "urgent" if free < 0.05 else ""  # noqa: PLR2004 - a twentieth
    state: Tone = "good" if report.model_state == "ready" else "warn"
    backup: list[_Told] = [("Backup", report.backup, "warn" if report.backup_old else "")]
    return [
        (
            "Server",
            f"{report.status}, Shopbell {report.version}",
            "good" if report.status == "ok" else "warn",
        ),
        ("Model", f"{report.model or 'none'}: {report.model_state}", state),
        ("", report.model_detail, "dim"),
        ("", _restarts(report.restarts), "warn" if report.restarts else "dim"),
        *(_part(part) for part in report.parts),
        ("Queue", _queue(report.queue), "warn" if report.queue else ""),
        ("Open", f"{report.conversations} conversations, {report.consoles} staff consoles", ""),
        ("Knowledge", f"{report.passages} passages", ""),
        ("Disk", f"{_size(report.disk_free_bytes)} free of {_size(report.disk_total_bytes)}", low),
        ("", f"{_size(report.data_bytes)} of it are this shop's data", "dim"),
        *(backup if report.backup else []),
    ]


def _part(part: w.Part) -> _Told:
    return part.name, f"{part.state}: {part.text}" if part.text else part.state, _HOW[part.how]


def _restarts(count: int) -> str:
    return f"started anew {count} time{'s' if count > 1 else ''} since the server began" if count else ""


def _queue(count: int) -> str:
    if not count:
        return "nobody waits for the model"
    return "1 question waits for the model" if count == 1 else f"{count} questions wait for the model"


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"  # noqa: PLR2004 - a gigabyte
