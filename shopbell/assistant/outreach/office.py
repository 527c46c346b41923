"""The office: writes the drafts of a day, and sends what was released, while the server runs."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime

import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.outreach.composing import House, code_mail, compose
from shopbell.assistant.outreach.judging import Judging
from shopbell.assistant.outreach.letters import Letters
from shopbell.assistant.outreach.mail import Sender
from shopbell.assistant.outreach.occasions import Occasions
from shopbell.assistant.outreach.optout import PATH, Optout, token
from shopbell.assistant.outreach.plan import Outreach, Trigger
from shopbell.assistant.outreach.tables import State
from shopbell.assistant.outreach.templates import Words
from shopbell.loyalty.errors import LoyaltyError
from shopbell.loyalty.identity import Issued
from shopbell.storage.worker import Worker

LOOK_S = 60.0
"""Seconds between two looks at what may be sent."""
AT_ONCE = 50
"""Letters sent in one round: the rest goes in the next."""
_log = logging.getLogger(__name__)


class Stores(Struct, frozen=True, kw_only=True):
    """What the office works with; every call of theirs blocks."""

    rules: Outreach
    words: Mapping[Trigger, Words]
    letters: Letters
    judging: Judging
    occasions: Occasions
    optout: Optout
    secret: bytes
    house: House


class Office:
    """Drafts and sends. `database` is the thread of all writers, `books` one for long reading."""

    def __init__(
        self,
        stores: Stores,
        sender: Sender | None,
        *,
        database: Worker,
        books: Worker,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; without a sender no e-mail goes, and notes are shown all the same."""
        self.stores = stores
        self._sender = sender
        self._database = database
        self._books = books
        self._now = now
        self._drafted: date | None = None

    @property
    def sends_mail(self) -> bool:
        """Whether e-mail can go out: there is a server for it, and an address for the link that stops it."""
        return self._sender is not None and bool(self.stores.rules.address)

    async def run(self) -> None:
        """Draft once a day and send what may go, until cancelled."""
        while True:
            try:
                await self.draft()
                await self.send()
            except (sa.exc.OperationalError, LoyaltyError) as fault:
                _log.warning("outreach.round", exc_info=fault)  # the next look does it
            await asyncio.sleep(LOOK_S)

    async def draft(self, *, again: bool = False) -> int:
        """Write the drafts of today, once; return how many."""
        now, stores = self._now(), self.stores
        if not stores.rules.on or (self._drafted == now.date() and not again):
            return 0
        found = await self._books.call(lambda: tuple(stores.occasions.find(stores.rules.on, now)))
        made = 0
        for one in found:  # each on its own, so that tills go in between
            words = stores.words[one.trigger]
            made += await self._database.call(stores.letters.add, one, words, now) is not None
        self._drafted = now.date()
        return made

    async def send(self) -> list[State]:
        """Send what may go now; return what became of each."""
        stores, done = self.stores, list[State]()
        await self._database.call(stores.letters.strand, self._now())
        while self._sender is not None and self.sends_mail and len(done) < AT_ONCE:
            parcel = await self._database.call(stores.letters.claim, self._now())
            if parcel is None:
                break
            link = f"{stores.rules.address.rstrip('/')}{PATH}/{token(stores.secret, parcel.letter.id)}"
            mail = compose(parcel.letter, parcel.address, stores.house, link, self._now())
            outcome = await self._sender.send(mail, parcel.address)
            done.append(await self._database.call(stores.letters.settle, parcel, outcome, self._now()))
            if outcome.kind == "again":
                break  # the server does not take it: no use in trying the others at once
        return done

    async def note_for(self, customer: str) -> str:
        """Return what to show a customer who signed in just now; it counts as shown. Empty: nothing."""
        if not self.stores.rules.on:
            return ""
        try:
            letter = await self._database.call(self.stores.letters.note_for, customer, self._now())
        except (LoyaltyError, sa.exc.OperationalError):
            return ""  # nobody is kept out because a note cannot be read
        return f"{letter.body}\n\n{STOP}" if letter is not None else ""


STOP = "If you would rather not hear of such things, say “no more offers” and I stop."


class CodePostman:
    """Sends one-time codes by the shop's mail server; see `doorman.Postman`."""

    def __init__(self, sender: Sender, house: House, now: Callable[[], datetime]) -> None:
        """Take the server and who writes."""
        self._sender = sender
        self._house = house
        self._now = now

    async def send_code(self, address: str, code: Issued) -> None:
        """Send a code; raises OSError when the server does not take it now."""
        outcome = await self._sender.send(code_mail(code, address, self._house, self._now()), address)
        if outcome.kind != "sent":
            raise OSError(outcome.words)
