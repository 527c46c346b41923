"""Choosing: a question with some answers to pick from; it gives back which, or None for Esc."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from shopbell.tui.inert import one_line, plain


class Choose(ModalScreen[int | None]):
    """Asks which; the number of the answer counts from 0."""

    DEFAULT_CLASSES = "dialog"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back", key_display="Esc")]

    def __init__(self, question: str, answers: Sequence[str]) -> None:
        """Take the question and its answers."""
        super().__init__()
        self._question = question
        self._answers = answers

    def compose(self) -> ComposeResult:
        """Show the question and the answers."""
        with Vertical():
            yield Static(plain(self._question))
            yield OptionList(*(Option(Content(one_line(answer))) for answer in self._answers), markup=False)
            yield Static("Enter takes one · Esc goes back", classes="about", markup=False)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)


class Tell(ModalScreen[None]):
    """Shows something to read out or to hold up, until a key is pressed."""

    DEFAULT_CLASSES = "dialog"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "dismiss(None)", "Done", key_display="Enter")
    ]

    def __init__(self, title: str, text: str, style: str = "") -> None:
        """Take what stands above, the text, and its colours where they must not follow the theme."""
        super().__init__()
        self._title = title
        self._text = text
        self._style = style

    def compose(self) -> ComposeResult:
        """Show it."""
        with Vertical():
            yield Static(plain(self._title))
            yield Static(plain(self._text, self._style), id="shown")
            yield Static("Enter closes this", classes="about", markup=False)
