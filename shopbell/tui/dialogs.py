"""Dialogs: small questions in front of a screen. Each returns its answer, or None for Esc."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from shopbell.assistant import staffwire as w
from shopbell.tui.inert import one_line, plain
from shopbell.tui.rows import fit

Judgement = Literal["accept", "edit", "reject"]


class Sure(ModalScreen[bool]):
    """Asks once before something that cannot be undone."""

    DEFAULT_CLASSES = "dialog"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape", "answer(False)", "No"),
    ]

    def __init__(self, question: str) -> None:
        """Take the question."""
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Show the question."""
        with Vertical():
            yield Static(plain(self._question))
            yield Static("y yes · n no", classes="about", markup=False)

    def action_answer(self, yes: bool) -> None:
        """Return the answer."""
        self.dismiss(yes)


class Pick(ModalScreen[str | None]):
    """Picks a canned reply; typing narrows the list."""

    DEFAULT_CLASSES = "dialog"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", key_display="Esc"),
        Binding("down", "step(1)", "Down", show=False, priority=True),
        Binding("up", "step(-1)", "Up", show=False, priority=True),
    ]

    def __init__(self, replies: Sequence[w.Canned]) -> None:
        """Take the replies."""
        super().__init__()
        self._replies = replies
        self._found = tuple(replies)

    def compose(self) -> ComposeResult:
        """Show a field to search by, and the replies."""
        with Vertical():
            yield Static("Canned replies: type to search, Enter takes one, Esc goes back", markup=False)
            yield Input(placeholder="name or words")
            yield OptionList(markup=False)
            yield Static("", id="whole", classes="about", markup=False)

    def on_mount(self) -> None:
        """Show all at first."""
        self._fill("")

    @on(Input.Changed)
    def _searched(self, event: Input.Changed) -> None:
        self._fill(event.value.casefold())

    def _fill(self, wanted: str) -> None:
        self._found = tuple(
            reply for reply in self._replies if wanted in f"{reply.name} {reply.text}".casefold()
        )
        options = self.query_one(OptionList)
        options.clear_options()
        shown = (Content(f"{fit(reply.name, 18)} {one_line(reply.text)}") for reply in self._found)
        options.add_options(Option(text) for text in shown)
        if self._found:
            options.highlighted = 0

    def action_step(self, by: int) -> None:
        """Go up or down while typing."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    @on(OptionList.OptionHighlighted)
    def _shown(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index < len(self._found):
            self.query_one("#whole", Static).update(plain(self._found[event.option_index].text))

    @on(Input.Submitted)
    def _taken(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._found):
            self.dismiss(self._found[at].text)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._found[event.option_index].text)


class Draft(ModalScreen[Judgement | None]):
    """Shows a suggested reply: accept it, edit it, or reject it."""

    DEFAULT_CLASSES = "dialog"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,a", "judge('accept')", "Say it as it is"),
        Binding("e", "judge('edit')", "Edit"),
        Binding("r,x", "judge('reject')", "Reject"),
        Binding("escape", "dismiss(None)", "Later", key_display="Esc"),
    ]

    def __init__(self, draft: w.Suggested) -> None:
        """Take the draft."""
        super().__init__()
        self._draft = draft

    def compose(self) -> ComposeResult:
        """Show the words and what they stand on."""
        sources = "\n".join(f"{source.title}: {source.text}" for source in self._draft.sources)
        with Vertical():
            yield Static(self._about(), classes="about", markup=False)
            with VerticalScroll():
                yield Static(plain(self._draft.text))
                yield Static(plain(sources or "It stands on no source: check it."), classes="about")
            yield Static(
                "Enter says it as it is · e edits · r rejects · Esc decides later",
                classes="about",
                markup=False,
            )

    def _about(self) -> str:
        if not self._draft.ghost:
            return "Suggested reply: it is said in your name"
        topic = one_line(self._draft.topic)
        return f"The customer waits for this; it is said in the assistant's name. Topic: {topic}"

    def action_judge(self, judgement: Judgement) -> None:
        """Return what becomes of it."""
        self.dismiss(judgement)
