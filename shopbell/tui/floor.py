"""Floor: every open conversation, the most urgent first."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from shopbell.tui.card import Lines, ages, facts, heading, peek
from shopbell.tui.plate import Plate
from shopbell.tui.rows import row
from shopbell.tui.screen import ConsoleScreen
from shopbell.tui.sheet import Sheet
from shopbell.tui.state import NEEDY, Desk, by_need

EMPTY = "No conversation is open. When a customer writes, it appears here by itself."
SIGN_IN = "Not connected yet."


class FloorScreen(ConsoleScreen):
    """The list of conversations by need."""

    MODE = "floor"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", key_display="Enter"),
        Binding("t", "take", "Take over"),
        Binding("w", "next_waiting", "Next waiting"),
    ]

    def __init__(self) -> None:
        """Begin with nothing drawn."""
        super().__init__()
        self._lines = Lines()
        self._carded: tuple[object, ...] = ()

    def inside(self) -> Iterable[Widget]:
        """Return the list, and beside or under it what is known of the one under the cursor."""
        yield Horizontal(
            Vertical(
                Plate(id="heading"),
                Plate(id="empty"),
                Sheet(id="list"),
            ),
            Plate(id="card"),
            id="floor",
        )

    def paint(self, desk: Desk) -> None:
        """Show the cards."""
        now, sheet = self.console_app.around.now(), self.query_one(Sheet)
        width = max(40, sheet.size.width or self.app.size.width - 2)
        cards = by_need(desk.cards)
        self.set_class(not cards, "is-empty")
        self.put("empty", [row(EMPTY if desk.link.state == "live" else SIGN_IN)])
        self.put("heading", [heading(width)])
        sheet.show(self._lines.rows(cards, now, width), [card.conversation for card in cards])
        self._paint_card(desk)

    def _paint_card(self, desk: Desk) -> None:
        card, now = desk.cards.get(self.query_one(Sheet).key), self.console_app.around.now()
        drawn = (card, self.wide, self.app.size.width, ages(card, now) if card else ())
        if drawn != self._carded:
            self._carded = drawn
            rows = facts(card, now, 48) if self.wide and card else []
            self.put("card", peek(card, now, self.app.size.width - 2) if card and not self.wide else rows)

    def on_sheet_moved(self) -> None:
        """Show the card of the line the cursor came to."""
        self._paint_card(self.console_app.desk)

    async def action_open(self) -> None:
        """Show the conversation under the cursor."""
        if key := self.query_one(Sheet).key:
            await self.console_app.talk(key)

    async def action_take(self) -> None:
        """Take over the conversation under the cursor and show it."""
        app = self.console_app
        card = app.desk.cards.get(self.query_one(Sheet).key)
        if card is not None:
            await app.talk(card.conversation)
            await app.take(card)

    def action_next_waiting(self) -> None:
        """Go to who has waited longest."""
        waiting = [card for card in by_need(self.console_app.desk.cards) if card.need in NEEDY]
        if waiting:
            self.query_one(Sheet).choose(waiting[0].conversation)
