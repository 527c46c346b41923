"""Rewriting: a dialog in which a draft's subject and words are changed."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from shopbell.assistant.staffwire.letters import LetterRow, LetterWords
from shopbell.tui.inert import plain

HELP = "^S keeps it · Esc leaves it as it was · only numbers that were looked up may stand in it"


class Rewriting(ModalScreen[LetterWords | None]):
    """Changes the words of one draft."""

    DEFAULT_CLASSES = "dialog"
    AUTO_FOCUS = "TextArea"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "keep", "Keep", priority=True),
        Binding("escape", "dismiss(None)", "Back", key_display="Esc"),
    ]

    def __init__(self, letter: LetterRow) -> None:
        """Take the draft."""
        super().__init__()
        self._letter = letter

    def compose(self) -> ComposeResult:
        """Show the fields."""
        letter = self._letter
        facts = ", ".join(f"{name} {value}" for name, value in letter.facts.items())
        with Vertical():
            yield Static(plain(f"{letter.occasion} for {letter.name}"))
            yield Input(letter.subject, id="subject", max_length=120, select_on_focus=False)
            yield TextArea(letter.body, id="words", tab_behavior="focus", show_line_numbers=False)
            yield Static(plain(f"Looked up: {facts}\n{HELP}"), classes="about")

    def action_keep(self) -> None:
        """Return the words."""
        subject = self.query_one("#subject", Input).value.strip()
        body = self.query_one(TextArea).text.strip()
        if subject and body:
            self.dismiss(LetterWords(id=self._letter.id, subject=subject[:120], body=body[:2_000]))
