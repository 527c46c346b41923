"""Talk: one conversation, both sides as they speak, what stands behind each answer, and how to step in."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Input

from shopbell.tui.behind import Look, looked_at, page, step, whole
from shopbell.tui.composer import Composer, Purpose
from shopbell.tui.plate import Plate
from shopbell.tui.rows import Piece, Row, row
from shopbell.tui.sheet import Sheet
from shopbell.tui.standing import draft_rows, standing
from shopbell.tui.state import Desk, by_need
from shopbell.tui.stepping import CHANGING, Stepping
from shopbell.tui.thread import open_draft, seq_of
from shopbell.tui.transcript import Transcript

NOTHING = "No conversation is open here. F1 shows the floor; Enter opens one."


class TalkScreen(Stepping):
    """A conversation."""

    MODE = "talk"
    AUTO_FOCUS = "#said"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "take", "Take over"),
        Binding("enter,i", "say", "Write", key_display="Enter"),
        Binding("s", "suggest", "Suggestion"),
        Binding("c", "canned", "Canned"),
        Binding("w", "whisper", "Whisper"),
        Binding("n", "note", "Note"),
        Binding("v", "behind", "Behind"),
        Binding("f", "faq", "Make FAQ"),
        Binding("b", "back", "Hand back"),
        Binding("e", "end", "End"),
        Binding("y", "stay", "I am here"),
        Binding("right_square_bracket", "other(1)", "Next", key_display="]"),
        Binding("left_square_bracket", "other(-1)", "Previous", key_display="[", show=False),
        Binding("escape", "leave", "Back", key_display="Esc"),
    ]

    def __init__(self) -> None:
        """Begin with nothing looked behind."""
        super().__init__()
        self._look: Look | None = None
        self._shown = ""
        self._offered: tuple[object, ...] = ()
        self._transcript: Transcript | None = None

    def inside(self) -> Iterable[Widget]:
        """Return the transcript, the panel behind it, and the line to write in."""
        yield Plate(id="state")
        yield Container(Sheet(id="said", tail=True), Sheet(id="behind"), id="talk")
        yield Plate(id="draft")
        yield Composer()

    # --- painting --------------------------------------------------------------------------------------

    def paint(self, desk: Desk) -> None:
        """Show the conversation as it stands."""
        if self._shown != self.console_app.talking:
            self._shown, self._look = self.console_app.talking, None
            self._composer.forget()
            self.write(None)
        now, width = self.console_app.around.now(), self.app.size.width
        asked = desk.asked.get(self._shown)
        state = standing(self.card, asked, now, width, mine=self.mine) if self._shown else []
        self.put("state", state)
        self._paint_said(desk)
        self._paint_behind()
        draft = open_draft(self.thread) if self.card else None
        drafting = draft is None and self.console_app.drafting(self._shown)
        self.set_class(draft is not None or drafting, "has-draft")
        if draft is not None:
            self.put("draft", draft_rows(draft, now, width))
        elif drafting:
            self.put("draft", [row(Piece("A suggestion is being written ...", "private"))])
        self._open_line()
        offered = tuple(self.check_action(action, ()) for action in CHANGING)
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    def _open_line(self) -> None:
        app = self.console_app
        if app.loses_line and not self.mine and self._composer.purpose == "say":
            self.write(None)  # what was typed is kept
        elif app.wants_line:
            self.write("say")
        app.loses_line = app.wants_line = False

    def _paint_said(self, desk: Desk) -> None:
        sheet = self.query_one("#said", Sheet)
        if self._transcript is None:
            self._transcript = Transcript(self.console_app.around.zone)
        if not self._shown:
            sheet.show([row(), row(Piece(f"  {NOTHING}", "dim"))])
            return
        answer = looked_at(self.thread, self._look) if self._look else None
        mark = seq_of(answer) if answer else 0
        name = desk.me.assistant if desk.me else "Assistant"
        sheet.show(self._transcript.rows(self.thread, name, max(30, sheet.size.width - 1), mark))

    def _paint_behind(self) -> None:
        self.set_class(self._look is not None, "looking")
        panel = self.query_one("#behind", Sheet)
        width = max(30, panel.size.width - 1)
        look = self._look or Look()
        answer = looked_at(self.thread, look)
        rows: list[Row] = []
        if answer is not None:
            rows = page(answer, look.page, width) if self._look else whole(answer, width)
        panel.show(rows)

    @property
    def _composer(self) -> Composer:
        return self.query_one(Composer)

    def write(self, purpose: Purpose | None, text: str = "") -> None:
        """Let somebody write for this purpose, or leave the line."""
        self.set_class(purpose is not None, "writing")
        if purpose is None:
            self.query_one("#said", Sheet).focus()
        else:
            self._composer.write(purpose, text)

    # --- keys ------------------------------------------------------------------------------------------

    def action_behind(self) -> None:
        """Step to the next page behind the answers."""
        self._look = step(self.thread, self._look)
        self.repaint()

    async def action_leave(self) -> None:
        """Leave the line, then the panel, then the conversation."""
        if self.has_class("writing"):
            self.write(None)
        elif self._look is not None:
            self._look = None
            self.repaint()
        else:
            await self.console_app.action_go("floor")

    async def action_other(self, by: int) -> None:
        """Go to the next conversation by need."""
        names = [card.conversation for card in by_need(self.console_app.desk.cards)]
        if names:
            at = names.index(self._shown) + by if self._shown in names else 0
            await self.console_app.talk(names[at % len(names)])
            self.repaint()

    @on(Input.Changed, "#words")
    async def _typing(self) -> None:
        """Answer "are you there?" by typing."""
        if self.console_app.talking in self.console_app.desk.asked and self.has_class("writing"):
            await self.action_stay()

    @on(Composer.Written)
    async def _written(self, event: Composer.Written) -> None:
        if await self.send(event.purpose, event.text):
            self._composer.clear()
            if event.purpose != "say":
                self.write("say" if self.mine else None)
