"""Calls back who asked for it: rings staff, says what it is about, rings the customer, and joins both."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant.callbook import Call, CallBook, Outcome, masked
from shopbell.assistant.callingback import dialable, refusal
from shopbell.assistant.errors import BadRequest
from shopbell.loyalty.casebook import Case
from shopbell.storage.worker import Worker
from shopbell.voice import tones
from shopbell.voice.phone import lines as say
from shopbell.voice.phone.dialled import Dialled, NotAnswered
from shopbell.voice.phone.handover import DECIDE_S, RING_TONE_S, TAKE, by_way_of, own_uri, staff_at
from shopbell.voice.phone.leg import Wires
from shopbell.voice.phone.media import PhoneMedia
from shopbell.voice.phone.party import Party, together
from shopbell.voice.phone.shop import Shop
from shopbell.voice.phone.source import Address

CUSTOMER_RING_S = 35.0
"""Seconds that it may ring at the customer's: a mailbox answers sooner."""
NOWHERE: Address = ("127.0.0.1", 5060)

log = structlog.get_logger()


class Ledger(Struct, frozen=True, kw_only=True):
    """Where calls back are put down."""

    book: CallBook
    worker: Worker
    """The thread that the book blocks."""
    new_id: Callable[[], str]


class CallBacks:
    """One at a time; `close` ends it."""

    def __init__(self, shop: Shop, wires: Wires, ledger: Ledger) -> None:
        self._shop = shop
        self._wires = wires
        self._ledger = ledger
        self._task: asyncio.Task[None] | None = None

    async def call_back(self, number: int, by: str) -> str:
        """Ring staff, then the customer of a case; return what happens now. Raises BadRequest."""
        case = await self._shop.asked_back(number)
        if case is None:
            raise BadRequest("Nobody is to be called under this number any more.")
        why = refusal(case, self._shop.now(), self._shop.lines.hours, self._shop.settings)
        if why:
            raise BadRequest(why)
        if self._task is not None and not self._task.done():
            raise BadRequest("A customer is being called back just now. Try again when that call is over.")
        self._task = asyncio.create_task(self._call(case, by), name="phone-call-back")
        return "Your telephone rings. Take the call and press one: then the customer is rung."

    async def close(self) -> None:
        """End what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    # --- inside --------------------------------------------------------------------------------------------

    async def _call(self, case: Case, by: str) -> None:
        row = Call(
            id=self._ledger.new_id(),
            conversation=case.conversation,
            began_at=self._now(),
            caller=masked(dialable(case.wanted)),
            callee=self._shop.settings.staff,
        )
        await self._put(self._ledger.book.begin, row)
        outcome: Outcome = "unreached"
        talked: datetime | None = None
        try:
            talked = await self._connect(case)
            outcome = "called-back" if talked else "unreached"
        except (NotAnswered, OSError, ValueError) as error:
            log.info("phone.not_called_back", why=str(error))
        finally:
            over = self._now()
            await self._put(
                self._ledger.book.keep,
                replace(row, outcome=outcome, answered_at=talked, ended_at=over, ended="staff"),
            )
        await self._shop.note(case.conversation, _told(by, talked, over))

    async def _connect(self, case: Case) -> datetime | None:
        """Return when both began to talk; None when they did not."""
        target, hop = await staff_at(self._shop, NOWHERE)
        own = own_uri(self._shop, self._wires)
        staff = Party(Dialled(self._wires, target, own, hop), self._shop.speech)
        number = f"sip:{dialable(case.wanted)}@{self._shop.domain}"
        customer = Party(
            Dialled(self._wires, number, own, await by_way_of(self._shop, hop)), self._shop.speech
        )
        try:
            media = await staff.ring(self._shop.settings.staff_ring_s)
            if await staff.asked(say.calling_back(case.text), DECIDE_S) != TAKE:
                return None
            if not await self._reached(staff, media, customer):
                await staff.asked(say.NOT_REACHED, 0.0)
                return None
            began = self._now()
            await together(media, customer.media, staff.leg.gone, customer.leg.gone)
            return began
        finally:
            await customer.hang_up()
            await staff.hang_up()

    async def _reached(self, staff: Party, media: PhoneMedia, customer: Party) -> bool:
        """Ring the customer while staff hears that it rings; staff may give it up."""
        ringing = asyncio.ensure_future(customer.ring(CUSTOMER_RING_S))
        tone = tones.waiting(media.rate)
        try:
            while not ringing.done() and not staff.leg.gone.is_set():
                await media.play(tone)
                await asyncio.wait([ringing], timeout=RING_TONE_S)
            return ringing.done() and ringing.exception() is None
        finally:
            ringing.cancel()
            await asyncio.wait([ringing])

    async def _put(self, put: Callable[[Call], None], row: Call) -> None:
        await self._ledger.worker.call(put, row)

    def _now(self) -> datetime:
        return self._shop.now()


def _told(by: str, talked: datetime | None, over: datetime) -> str:
    """Return what stands in the conversation for colleagues."""
    if talked is None:
        return f"{by} called back: nobody was reached."
    return f"{by} called back: talked for {(over - talked).total_seconds():.0f} s."
