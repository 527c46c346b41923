"""Asking: a dialog with one field or two; it gives back what was typed, or None for Esc."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from shopbell.tui.inert import plain


class Field(Struct, frozen=True):
    """Something to be typed."""

    label: str
    hint: str = ""
    most: int = 300
    """Characters."""
    least: int = 1
    is_number: bool = False


class Ask(ModalScreen[tuple[str, ...] | None]):
    """Asks for a few words."""

    DEFAULT_CLASSES = "dialog"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", key_display="Esc"),
    ]

    def __init__(self, title: str, fields: Sequence[Field], about: str = "") -> None:
        """Take what stands above, the fields, and what stands below."""
        super().__init__()
        self._title = title
        self._fields = tuple(fields)
        self._about = about

    def compose(self) -> ComposeResult:
        """Show the fields."""
        with Vertical():
            yield Static(plain(self._title))
            for number, field in enumerate(self._fields):
                yield Static(plain(field.label), classes="about")
                yield Input(
                    placeholder=field.hint,
                    id=f"field-{number}",
                    max_length=field.most,
                    restrict=r"[0-9]*" if field.is_number else None,
                    select_on_focus=False,
                )
            yield Static("", id="wrong", markup=False)
            below = "Enter goes on · Esc goes back"
            yield Static(plain(f"{self._about}\n{below}" if self._about else below), classes="about")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        typed = [
            self.query_one(f"#field-{number}", Input).value.strip() for number in range(len(self._fields))
        ]
        for number, (field, text) in enumerate(zip(self._fields, typed, strict=True)):
            if len(text) < field.least:
                self.query_one(f"#field-{number}", Input).focus()
                if event.input.id == f"field-{number}" or text:
                    self.query_one("#wrong", Static).update(plain(_missing(field)))
                return
        self.dismiss(tuple(typed))


def _missing(field: Field) -> str:
    if field.least > 1:
        return f"{field.label}: {field.least} characters or more."
    return f"{field.label}: this is missing."
