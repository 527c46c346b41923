"""Answering: an answer is written once, looked at as retrieval will see it, and published."""

from typing import TYPE_CHECKING, ClassVar, cast

import msgspec
from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from shopbell.assistant import staffwire as w
from shopbell.tui.errors import ConsoleError
from shopbell.tui.frame import Key, bottom
from shopbell.tui.plate import Plate
from shopbell.tui.rows import Piece, Row, Tone, beside, paragraph, row
from shopbell.tui.screen import WIDE
from shopbell.tui.sheet import Sheet

if TYPE_CHECKING:
    from shopbell.tui.app import ConsoleApp

TITLE = " An answer for good: customers get it from now on, word for word"
KEYS = (("F7", "Preview"), ("Tab", "Next field"), ("Esc", "Leave without keeping"))
PUBLISH = ("F8", "Publish")
EMPTY = "F7 shows the entry as it will stand in the file, and whether customers will find it."
_OUTCOME = {"sure": "answered for sure", "unsure": "found, but not for sure", "none": "not found"}


class Answering(ModalScreen[bool]):
    """An entry of the shop's questions in the making; True once it is published."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f7", "preview", "Preview", priority=True),
        Binding("f8", "publish", "Publish", priority=True),
        Binding("escape", "dismiss(False)", "Leave"),
    ]
    AUTO_FOCUS = "#answer"

    def __init__(self, draft: w.Draft) -> None:
        """Take the draft to begin with."""
        super().__init__()
        self._draft = draft

    def compose(self) -> ComposeResult:
        """Show the fields and the preview."""
        draft = self._draft
        yield Static(TITLE, id="title", markup=False)
        with Container(id="panes"):
            with Vertical(id="form"):
                yield Static("Question, as the shop would put it", classes="about", markup=False)
                yield Input(draft.question, id="question", max_length=300, select_on_focus=False)
                yield Static("Answer, in one to four short sentences", classes="about", markup=False)
                yield TextArea(draft.answer, id="answer", tab_behavior="focus", show_line_numbers=False)
                yield Static("Also asked, with ; between", classes="about", markup=False)
                yield Input("; ".join(draft.also_asked), id="also", select_on_focus=False)
                yield Static("Customer's own words, asked again at every edit", classes="about", markup=False)
                yield Input(draft.test, id="test", max_length=300, select_on_focus=False)
                yield Static("Topic", classes="about", markup=False)
                yield Input(draft.topic, id="topic", max_length=80, select_on_focus=False)
            yield Sheet(id="preview")
        yield Plate(id="keys")

    def on_mount(self) -> None:
        """Say how it works."""
        keys = (KEYS[0], PUBLISH, *KEYS[1:]) if self._staff_app.desk.may("publish") else KEYS
        self.query_one(Plate).show(bottom((Key(*key) for key in keys), self.app.size.width))
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        if not self.query_one(Sheet).rows:  # nobody was quicker with F7
            self._show([Piece(EMPTY, "dim")])

    def on_resize(self, event: events.Resize) -> None:
        """Use the room there is."""
        self.set_class(event.size.width >= WIDE, "wide")

    def written(self) -> w.Draft:
        """Return the draft as it stands in the fields; raises msgspec.ValidationError."""
        also = tuple(part.strip() for part in self._text("#also").split(";") if part.strip())
        draft = w.Draft(
            question=self._text("#question"),
            answer=self.query_one(TextArea).text.strip(),
            topic=self._text("#topic"),
            also_asked=also,
            test=self._text("#test"),
            gap=self._draft.gap,
        )
        return msgspec.convert(msgspec.to_builtins(draft), w.Draft)

    @work(exclusive=True)
    async def action_preview(self) -> None:
        """Ask what retrieval makes of it."""
        draft = self._checked()
        if draft is None:
            return
        self._show([Piece("One moment ...", "dim")])
        try:
            preview = await self._staff_app.house.tell("knowledge/preview", draft, w.Preview)
        except ConsoleError as error:
            self._show([Piece(str(error), "urgent")])
            return
        self._rows(preview_rows(preview, max(30, self.query_one(Sheet).size.width - 1)))

    @work(exclusive=True)
    async def action_publish(self) -> None:
        """Write it into the shop's folder."""
        draft = self._checked()
        if draft is None:
            return
        if not self._staff_app.desk.may("publish"):
            self._show([Piece("A manager publishes entries. Show it to one; you may preview it.", "warn")])
            return
        try:
            published = await self._staff_app.house.tell("knowledge/publish", draft, w.Published)
        except ConsoleError as error:
            self._show([Piece(str(error), "urgent")])
            return
        self._staff_app.say(f"Published in {published.file}. Customers get it from now on.")
        self.dismiss(True)

    def _checked(self) -> w.Draft | None:
        try:
            return self.written()
        except msgspec.ValidationError:
            self._show(
                [
                    Piece(
                        "Question and answer must not be empty; no field may be longer than it says.",
                        "urgent",
                    )
                ]
            )
            return None

    @property
    def _staff_app(self) -> "ConsoleApp":
        return cast("ConsoleApp", self.app)

    def _text(self, name: str) -> str:
        return self.query_one(name, Input).value.strip()

    def _show(self, pieces: list[Piece]) -> None:
        width = max(30, self.query_one(Sheet).size.width - 1)
        self._rows([line for piece in pieces for line in paragraph(piece.text, width, piece.tone)])

    def _rows(self, rows: list[Row]) -> None:
        self.query_one(Sheet).show(rows)


def preview_rows(preview: w.Preview, width: int) -> list[Row]:
    """Return what retrieval says of a draft."""
    tone: Tone = "good" if preview.wins else "warn"
    verdict = (
        "Customers will find this entry first." if preview.wins else "Another entry is found before this one."
    )
    change = (
        f"The customer's words: {_OUTCOME[preview.before]} before, {_OUTCOME[preview.after]} with this entry."
    )
    rows = [*paragraph(verdict, width, tone), *paragraph(change, width)]
    for warning in preview.warnings:
        rows += beside("Note: ", "warn", warning, width)
    rows += [
        row(),
        row(Piece(f"As it will stand in {preview.file}", "dim")),
        *paragraph(preview.entry, width),
    ]
    if preview.found:
        rows += [row(), row(Piece("Found with it", "dim"))]
    for found in preview.found:
        rows += beside(f"{found.score:5.2f}  ", "dim", f"{found.source.title} ({found.source.source})", width)
    return rows
