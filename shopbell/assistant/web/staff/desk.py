"""What every handler of the staff's side works with; built once, passed in."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from shopbell.assistant.callingback import CallsBack
from shopbell.assistant.clubdesk import ClubDesk
from shopbell.assistant.editor import Editor
from shopbell.assistant.errors import NoProgramme, Unavailable
from shopbell.assistant.ghost import GhostMode
from shopbell.assistant.handover import Handover
from shopbell.assistant.hub import Hub
from shopbell.assistant.insight.book import FigureBook
from shopbell.assistant.insight.opening import figure_book
from shopbell.assistant.lines import Lines
from shopbell.assistant.machine import Machine
from shopbell.assistant.numbers import Tally
from shopbell.assistant.settings import Settings
from shopbell.assistant.staff.audit import Action
from shopbell.assistant.staff.office import Office
from shopbell.assistant.staff.sessions import Member
from shopbell.assistant.trade import trading
from shopbell.assistant.web.limits import Seats
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.loyalty.casebook import Casebook
from shopbell.storage.worker import Worker

CONSOLES = 40
"""Open consoles, all together; one address may hold half of them."""


class StaffDesk:
    """The staff's services."""

    def __init__(
        self,
        *,
        settings: Settings,
        office: Office,
        hub: Hub,
        ghost: GhostMode,
        handover: Handover,
        lines: Lines,
        editor: Editor,
        tally: Tally,
        machine: Machine,
        database: Worker,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; `now` tells the time in the shop's zone, `database` is the thread of the log."""
        self.settings = settings
        self.office = office
        self.counter = hub.counter
        self.hub = hub
        self.ghost = ghost
        self.lines = lines
        self.editor = editor
        self.tally = tally
        self.machine = machine
        self.telephone: CallsBack | None = None
        """What rings customers back; None while the shop has no telephone."""
        self.now = now
        self.seats = Seats(CONSOLES)
        self.editing = asyncio.Lock()
        """Held by whoever previews, publishes or retires: one at a time."""
        self._database = database
        self._handover = handover
        self._club: ClubDesk | None = None
        self._figures: FigureBook | None = None

    @property
    def figures(self) -> FigureBook:
        """What the owner is told; raises Unavailable until the shop is open."""
        if self._figures is None:
            raise Unavailable("The shop is not open yet. Try again in a moment.")
        return self._figures

    @property
    def club(self) -> ClubDesk:
        """What staff does for customers; raises NoProgramme when the shop keeps none."""
        if self._club is None:
            raise NoProgramme("This shop has no loyalty programme, so no customers are known here.")
        return self._club

    def join(self, loyalty: LoyaltyDesk | None, engine: sa.Engine) -> None:
        """Take in the loyalty programme, once it is open; complaints are in the same database."""
        self._figures = figure_book(engine, self.settings, loyalty.room.programme if loyalty else None)
        if loyalty is not None:
            self._club = ClubDesk(loyalty, Casebook(engine), self.office.audit, self.settings.console)
            self.tally.sell(trading(engine, self.settings.zone, self.settings.shop.currency))
            self.hub.know(self._club.patrons.known)
            self._handover.know(self._club.patrons.worth)

    async def recognise(self, member: Member, conversation: str, customer: str) -> None:
        """Note whose a conversation is; raises NoSuchCustomer or NoSuchConversation."""
        found = (await self.club.patrons.resolved(customer)) if customer else ""
        await self.hub.recognise(conversation, found, member.name)

    async def recount(self) -> None:
        """Tell the consoles how much goodwill waits for a second person."""
        if self._club is not None:
            self.hub.to_approve(await self._club.goodwill.count())

    async def write(self, member: Member, action: Action, target: str = "", **detail: str | int) -> None:
        """Write into the audit log what a member did."""
        await self._database.call(self.office.audit.write, member.name, action, target, **detail)
