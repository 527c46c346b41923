"""Customer: find one, see the counter card, and serve them; and what waits for a second person."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, cast

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input

from shopbell.assistant import staffwire as w
from shopbell.tui.approving import Approving, View
from shopbell.tui.letters import LettersScreen
from shopbell.tui.patron import (
    Line,
    Sight,
    beside_lines,
    card_lines,
    found_lines,
    request_lines,
    undoable,
)
from shopbell.tui.plate import Plate
from shopbell.tui.rows import paragraph
from shopbell.tui.sheet import Sheet
from shopbell.tui.state import Desk
from shopbell.tui.vouching import Vouching

HELP = (
    "Find a customer: a part of the name, a phone number or its last four digits, an e-mail address, or the "
    "number or code of the card. Enter looks; then Enter opens one."
)
TWIN = "Find the other record of the same person; Enter shows what joining would bring, Esc goes back."
SIDE = 46
"""Columns of the panel beside the card."""


class CustomerScreen(Approving, Vouching):
    """The counter card."""

    MODE = "customer"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Choose", key_display="Enter"),
        Binding("slash", "find", "Find", key_display="/"),
        Binding("g", "award", "Goodwill"),
        Binding("h", "hand_out", "Hand out by code"),
        Binding("u", "undo", "Take back"),
        Binding("l", "recognise", "Is in this chat"),
        Binding("s", "sign_in", "Sign-in help"),
        Binding("m", "twin", "Join records"),
        Binding("a", "requests", "To approve"),
        Binding("o", "letters", "Messages"),
        Binding("x", "refuse", "Refuse"),
        Binding("escape", "leave", "Back", key_display="Esc"),
    ]

    def __init__(self) -> None:
        """Begin with nobody."""
        super().__init__()
        self.view: View = "find"
        self._rows: w.CustomerRows | None = None
        self._shown: dict[w.Secret, str] = {}
        self._followed = ""
        """The customer of the conversation, when the card was last opened by itself."""

    def inside(self) -> Iterable[Widget]:
        """Return the field to search by, the card, and what is only read beside it."""
        with_field = Vertical(Plate(id="asked"), Input(id="find", max_length=254, select_on_focus=True))
        with_field.id = "finder"
        yield with_field
        yield Horizontal(Sheet(id="counter"), Sheet(id="aside"), id="patron")

    # --- what is shown ---------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        """Show the customer of the conversation that was on the screen, or ask for one."""
        super().on_screen_resume()
        card = self.console_app.desk.cards.get(self.console_app.talking)
        if card is not None and card.customer and card.customer != self._followed:
            self._followed = card.customer
            self.show_patron(card.customer)
        elif self.patron is None and self.view == "find":
            self.call_after_refresh(self.action_find)

    def paint(self, desk: Desk) -> None:
        """Show the view."""
        self.set_class(self.view in {"find", "twin"}, "finding")
        self.set_class(self.view == "card", "carded")
        width = max(40, self.app.size.width - 2)
        asked = TWIN if self.view == "twin" else HELP
        self.put("asked", paragraph(asked, width - 1, "dim", indent=" "))
        beside = self.view == "card" and self.wide
        lines = self._lines(desk, width - SIDE if beside else width)
        if self.view == "card" and self.patron is not None:
            if beside:
                self._fill("#aside", beside_lines(self.patron, SIDE - 3))
            else:
                lines = [*lines, *beside_lines(self.patron, width)]
        self._fill("#counter", lines)

    def _lines(self, desk: Desk, width: int) -> Sequence[Line]:
        app = self.console_app
        if self.view == "card" and self.patron is not None:
            handed = undoable(self.handed, app.around.now())
            talking = desk.cards.get(app.talking)
            return card_lines(self.patron, Sight(width, app.around.zone, self._shown, handed, talking))
        if self.view == "requests" and self.requests is not None:
            me = desk.me.name if desk.me else ""
            return request_lines(self.requests, me, width, app.around.zone)
        return found_lines(self._rows, width) if self._rows is not None else []

    def _fill(self, sheet: str, lines: Sequence[Line]) -> None:
        self.query_one(sheet, Sheet).show([line for line, _ in lines], [key for _, key in lines])

    def turn(self, view: View) -> None:
        """Show another view."""
        self.view = view
        self.repaint()
        self.query_one("#counter", Sheet).focus()
        self.refresh_bindings()

    def show_patron(self, customer: str) -> None:
        """Load a customer's card and show it."""
        if self.patron is None or self.patron.customer != customer:
            self._shown = {}
        self._load(customer)

    @work(exclusive=True, group="load")
    async def _load(self, customer: str) -> None:
        card = await self.tell("card", w.CustomerId(customer=customer), w.Patron)
        if card is not None:
            self.patron = card
            self.turn("card")

    # --- keys ------------------------------------------------------------------------------------------

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        """Offer what can be done now, and nothing else."""
        may, carded = self.console_app.desk.may, self.view == "card" and self.patron is not None
        match action:
            case "choose":
                return bool(self.picked) and (self.view != "requests" or may("approve"))
            case "refuse":
                return self.view == "requests" and bool(self.picked) and may("approve")
            case "award":
                return carded and may("award")
            case "sign_in":
                return carded and may("floor")
            case "hand_out":
                return may("redeem")
            case "undo":
                return may("redeem") and undoable(self.handed, self.console_app.around.now()) is not None
            case "recognise":
                return carded and self.console_app.talking in self.console_app.desk.cards
            case "twin":
                return carded and may("merge")
            case "requests":
                return may("award")
            case _:
                return True

    def on_sheet_moved(self) -> None:
        """Offer other keys on another line."""
        self.refresh_bindings()

    @property
    def picked(self) -> str:
        """What the line under the cursor is."""
        return self.query_one("#counter", Sheet).key if self.is_mounted else ""

    def action_find(self) -> None:
        """Let somebody say whom they look for."""
        if self.view != "twin":
            self.turn("find")
        self.query_one("#find", Input).focus()

    def action_letters(self) -> None:
        """Show the messages that wait, and whom to call."""
        self.app.push_screen(LettersScreen())

    def action_twin(self) -> None:
        """Look for the other record of the same person."""
        self._rows = None
        self.turn("twin")
        self.query_one("#find", Input).focus()

    @on(Input.Submitted, "#find")
    def _asked(self, event: Input.Submitted) -> None:
        event.stop()
        if len(event.value.strip()) > 1:
            self._find(event.value.strip())

    @work(exclusive=True, group="load")
    async def _find(self, text: str) -> None:
        found = await self.tell("find", w.FindCustomer(text=text), w.CustomerRows)
        if found is None:
            return
        mine = self.patron.customer if self.view == "twin" and self.patron else ""
        self._rows = w.CustomerRows(
            rows=tuple(one for one in found.rows if one.customer != mine), more=found.more
        )
        if len(self._rows.rows) == 1 and self.view == "find":
            self.show_patron(self._rows.rows[0].customer)
        else:
            self.turn(self.view)

    @work(exclusive=True, group="dialog")
    async def action_choose(self) -> None:
        """Do what the line under the cursor is for."""
        kind, _, name = self.picked.partition(":")
        match kind:
            case "customer" if self.view == "twin":
                await self.join(name)
            case "customer":
                self.show_patron(name)
            case "secret":
                told = await self.reveal(cast("w.Secret", name))
                if told is not None:
                    self._shown[told.field] = told.text
                    self.repaint()
            case "hold":
                await self.hand_out(name)
            case "reward":
                await self.set_aside(name)
            case "merge":
                await self.part(int(name))
            case "complaint":
                await self.settle(int(name))
            case "request":
                await self.decide(name, approve=True)

    async def action_leave(self) -> None:
        """Leave the field, then the view, then the screen."""
        if self.view in {"twin", "requests"} and self.patron is not None:
            self.turn("card")
        elif self.view == "card" and self._rows is not None and len(self._rows.rows) > 1:
            self.turn("find")
        else:
            await self.console_app.action_go("talk" if self.console_app.talking else "floor")
