"""Letters: messages the shop would write first, to be read, changed, released or refused; whom to call."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec
from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from shopbell.assistant import staffwire as w
from shopbell.assistant.staffwire.letters import FeedbackReport, LetterId, LetterNo, LetterRow, LetterRows
from shopbell.tui.asking import Ask, Field
from shopbell.tui.dialogs import Sure
from shopbell.tui.errors import ConsoleError
from shopbell.tui.letterlines import Line, Shelf, about, listing
from shopbell.tui.plate import Plate
from shopbell.tui.rewriting import Rewriting
from shopbell.tui.screen import ConsoleScreen
from shopbell.tui.sheet import Sheet
from shopbell.tui.state import Desk

SIDE = 62
"""Columns of the message beside the list."""
WHY = Field("Why not, for your colleagues", most=160, least=0)


class LettersScreen(ConsoleScreen):
    """What waits to be released, and what customers said."""

    MODE = "customer"
    AUTO_FOCUS = "#list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "release", "Release", key_display="Enter"),
        Binding("e", "edit", "Change"),
        Binding("x", "refuse", "Refuse"),
        Binding("c", "dial", "Call"),
        Binding("d", "settle", "Is done"),
        Binding("r", "load", "Load again"),
        Binding("escape", "leave", "Back", key_display="Esc"),
    ]

    def __init__(self) -> None:
        """Begin with nothing loaded."""
        super().__init__()
        self.shelf: Shelf | None = None
        self.trouble = ""

    def inside(self) -> Iterable[Widget]:
        """Return the list, and the message under the cursor."""
        yield Container(Sheet(id="list"), Plate(id="letter"), id="letters")

    def on_screen_resume(self) -> None:
        """Load what may have changed."""
        super().on_screen_resume()
        self.action_load()

    @work(exclusive=True, group="load")
    async def action_load(self) -> None:
        """Ask the server."""
        app = self.console_app
        try:
            letters = await app.house.ask("letters", LetterRows) if app.desk.may("letters") else None
            feedback = await app.house.ask("feedback", FeedbackReport)
        except ConsoleError as error:
            self.trouble = str(error)
        else:
            self.trouble, self.shelf = "", Shelf(letters, feedback)
        self._shown()

    def paint(self, _: Desk) -> None:
        """Show the lists and what is under the cursor."""
        width = max(40, self.app.size.width - 2)
        zone = self.console_app.around.zone
        lines: list[Line] = listing(self.shelf, self.trouble, width - SIDE if self.wide else width)
        self.query_one(Sheet).show([line for line, _ in lines], [key for _, key in lines])
        beside = SIDE - 4 if self.wide else width
        self.query_one("#letter", Plate).show(about(self.shelf, self.query_one(Sheet).key, beside, zone))

    def _shown(self) -> None:
        self.repaint()
        self.refresh_bindings()

    @on(Sheet.Moved)
    def _moved(self) -> None:
        self._shown()

    @property
    def picked(self) -> LetterRow | None:
        """The message under the cursor."""
        return self.shelf.letter(self.query_one(Sheet).key) if self.shelf and self.is_mounted else None

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        """Offer what fits the line under the cursor."""
        letter = self.picked
        match action:
            case "release" | "edit":
                return letter is not None and letter.state == "waiting"
            case "refuse":
                return letter is not None and letter.state in {"waiting", "released"}
            case "settle" | "dial":
                return self.is_mounted and self.query_one(Sheet).key.startswith("task:")
            case _:
                return True

    # --- keys ------------------------------------------------------------------------------------------

    @work(exclusive=True, group="dialog")
    async def action_release(self) -> None:
        """Let the message go."""
        letter = self.picked
        if letter is not None and await self._sure(f"Let this go to {letter.name}?\n\n{letter.body}"):
            await self._tell("letters/release", LetterId(id=letter.id), LetterRow, "Released.")

    @work(exclusive=True, group="dialog")
    async def action_edit(self) -> None:
        """Change the words."""
        letter = self.picked
        words = await self.app.push_screen_wait(Rewriting(letter)) if letter is not None else None
        if words is not None:
            await self._tell("letters/edit", words, LetterRow, "Changed. It still waits to be released.")

    @work(exclusive=True, group="dialog")
    async def action_refuse(self) -> None:
        """Never send the message."""
        letter = self.picked
        if letter is None:
            return
        typed = await self.app.push_screen_wait(Ask(f"Never send this to {letter.name}?", (WHY,)))
        if typed is not None:
            await self._tell("letters/refuse", LetterNo(id=letter.id, why=typed[0]), LetterRow, "Refused.")

    @work(exclusive=True, group="dialog")
    async def action_settle(self) -> None:
        """Note that somebody was called."""
        number = self.query_one(Sheet).key.partition(":")[2]
        if await self._sure("Was it seen to?"):
            form = w.Settle(number=int(number))
            await self._tell("customers/complaints/settle", form, w.Kept, "Settled.")

    @work(exclusive=True, group="dialog")
    async def action_dial(self) -> None:
        """Ring the telephone of the shop, and then the customer who asked for it."""
        form = w.Settle(number=int(self.query_one(Sheet).key.partition(":")[2]))
        if await self._sure("Ring you, and then this customer?"):
            await self._tell("feedback/dial", form, w.Kept, "Your telephone rings: press one there.")

    def action_leave(self) -> None:
        """Go back to the customer."""
        self.app.pop_screen()

    async def _sure(self, question: str) -> bool:
        sure: bool = await self.app.push_screen_wait(Sure(question))
        return sure

    async def _tell(self, path: str, form: msgspec.Struct, answer: type[msgspec.Struct], done: str) -> None:
        try:
            await self.console_app.house.tell(path, form, answer)
        except ConsoleError as error:
            self.console_app.say(str(error), wrong=True)
            return
        self.console_app.say(done)
        self.action_load()
