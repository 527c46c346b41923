"""Customer: what the line tells of the person in a conversation, and nothing else."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from shopbell.tui.card import facts
from shopbell.tui.rows import Piece, Row, paragraph, row
from shopbell.tui.screen import ConsoleScreen
from shopbell.tui.sheet import Sheet
from shopbell.tui.state import Desk

NOBODY = "Open a conversation first: F1, then Enter."
UNKNOWN = (
    "Who this is, is not known. The server sends no customer's name, points or visits to this console yet; "
    "when it does, they stand here."
)


class CustomerScreen(ConsoleScreen):
    """The counter card."""

    MODE = "customer"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.go('talk')", "Back", key_display="Esc")]

    def inside(self) -> Iterable[Widget]:
        """Return the card."""
        yield Sheet(id="counter")

    def paint(self, desk: Desk) -> None:
        """Show what is known."""
        width = min(76, self.app.size.width - 4)
        card = desk.cards.get(self.console_app.talking)
        rows: list[Row] = [row(), row(Piece(" The customer of this conversation", "strong")), row()]
        if card is None:
            rows += paragraph(NOBODY, width, "dim", indent=" ")
        else:
            known = facts(card, self.console_app.around.now(), width - 1)
            rows += [(Piece(" "), *line) for line in known]
            rows += [row(), *paragraph(UNKNOWN, width, "dim", indent=" ")]
        self.query_one(Sheet).show(rows)
