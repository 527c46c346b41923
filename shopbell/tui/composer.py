"""Composer: the one line in which staff write; what the words are for stands above it."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from shopbell.assistant.staffwire import MAX_HINT_CHARS, MAX_NOTE_CHARS
from shopbell.tui.inert import one_line

Purpose = Literal["say", "whisper", "note", "edit"]


class _Sort(Struct, frozen=True):
    label: str
    limit: int


SORTS: Mapping[Purpose, _Sort] = {
    "say": _Sort("Say to the customer · Enter sends · Esc leaves the line", MAX_NOTE_CHARS),
    "whisper": _Sort("Whisper to the assistant; the customer never sees it · Enter sends", MAX_HINT_CHARS),
    "note": _Sort("Private note for colleagues; the customer never sees it · Enter keeps it", MAX_NOTE_CHARS),
    "edit": _Sort("Edit the suggested reply · Enter says it to the customer", MAX_NOTE_CHARS),
}


class Composer(Vertical):
    """A line to write in."""

    class Written(Message):
        """Somebody pressed Enter."""

        def __init__(self, purpose: Purpose, text: str) -> None:
            """Take what it is for, and the words."""
            super().__init__()
            self.purpose = purpose
            self.text = text

    def __init__(self) -> None:
        """Begin hidden."""
        super().__init__(id="composer")
        self.purpose: Purpose = "say"
        self._kept: dict[Purpose, str] = {}

    def compose(self) -> ComposeResult:
        """Show what the words are for, and the line."""
        yield Static("", id="purpose", markup=False)
        yield Input(id="words", select_on_focus=False)

    def write(self, purpose: Purpose, text: str = "") -> None:
        """Let somebody write; what was begun for another purpose is kept."""
        field = self.query_one(Input)
        self._kept[self.purpose] = field.value
        self.purpose = purpose
        sort = SORTS[purpose]
        field.max_length = sort.limit
        field.value = one_line(text) or self._kept.get(purpose, "")
        field.cursor_position = len(field.value)
        self.query_one("#purpose", Static).update(sort.label)
        field.focus()

    def clear(self) -> None:
        """Forget what was written for this purpose."""
        self._kept.pop(self.purpose, None)
        self.query_one(Input).value = ""

    def forget(self) -> None:
        """Forget everything: another conversation is on the screen."""
        self._kept = {}
        self.query_one(Input).value = ""

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if text := event.value.strip():
            self.post_message(self.Written(self.purpose, text))
