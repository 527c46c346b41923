"""The switchboard: which calls are taken, and that each is put down and leaves nothing behind."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime

import structlog
from aiosipua import IncomingCall, SipRequest
from aiosipua.auth import SipDigestAuth
from aiosipua.headers import stringify_uri
from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant.callbook import Call, CallBook, Outcome, Quality, masked
from shopbell.storage.buckets import Bucket, Rate
from shopbell.storage.worker import Worker
from shopbell.voice.phone.call import PhoneCall
from shopbell.voice.phone.caller import is_blocked, number_of
from shopbell.voice.phone.exchange import NO_CODEC, Exchange
from shopbell.voice.phone.leg import Leg, Wires
from shopbell.voice.phone.ports import Ports
from shopbell.voice.phone.shop import Shop, leave_note
from shopbell.voice.phone.talk import Talk

TURNED_AWAY = Rate(10, 1 / 30)
"""Calls that were turned away and are put down: a flood of calls fills no book."""
BUSY, DECLINED, UNREADY = 486, 603, 480

log = structlog.get_logger()


class Gear(Struct, frozen=True, kw_only=True):
    """What the switchboard works with."""

    exchange: Exchange
    ports: Ports
    auth: SipDigestAuth | None
    book: CallBook
    worker: Worker
    """The thread that the book blocks."""
    ready: Callable[[], bool]
    """Says whether there is a voice to answer with."""
    new_id: Callable[[], str]


class Switchboard:
    """All calls of the shop. Use as an async context manager: leaving it hangs up."""

    def __init__(self, shop: Shop, gear: Gear) -> None:
        self._shop = shop
        self._gear = gear
        self._calls: dict[str, PhoneCall | None] = {}
        """Call-ID of every call that takes a place; None until it was answered."""
        self._given_up: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.wires = Wires(
            exchange=gear.exchange, ports=gear.ports, auth=gear.auth, codecs=shop.settings.codecs
        )
        self._turned_away = Bucket(TURNED_AWAY, time.monotonic)
        exchange = gear.exchange
        exchange.admit = self._admit
        exchange.on_invite = self._invited
        exchange.on_reinvite = self._changed
        exchange.on_bye = lambda call, _request: self._dropped(call.call_id)
        exchange.on_cancel = lambda request, _addr: self._dropped(request.call_id or "")
        exchange.on_ack_timeout = exchange.on_session_expired = lambda call: self._dropped(call.call_id)
        exchange.on_transfer_progress = self._progress

    @property
    def busy(self) -> int:
        """How many calls there are now."""
        return len(self._calls)

    @property
    def calm(self) -> bool:
        """Whether nothing is left of any call: no place, no line, nothing to be put down."""
        return not (
            self._calls or self._gear.exchange.lines or self._tasks or self._gear.exchange.active_calls
        )

    @property
    def talks(self) -> tuple[Talk, ...]:
        """Every call that is served now."""
        talks = (call.talk for call in self._calls.values() if call is not None)
        return tuple(talk for talk in talks if talk is not None)

    async def close(self) -> None:
        """Hang up every call, and wait until that is done."""
        for call_id in list(self._calls):
            self._dropped(call_id)
        if self._tasks:
            await asyncio.wait(self._tasks)

    # --- what SIP tells ------------------------------------------------------------------------------------

    def _admit(self, invite: SipRequest) -> int:
        """Return 0 for a call that is taken, else the code that it is refused with."""
        number = _caller(invite)
        if is_blocked(number, self._shop.settings.blocked):
            self._turn_away(invite, number, "blocked")
            return DECLINED
        talking = sum(not event.is_set() for event in self._given_up.values())
        most = self._shop.settings.calls
        if talking >= most or len(self._calls) >= 2 * most:  # who hung up leaves at once, but not without end
            self._turn_away(invite, number, "busy")
            return BUSY
        if not self._gear.ready():
            self._turn_away(invite, number, "unready")
            return UNREADY
        return 0

    def _invited(self, call: IncomingCall) -> None:
        self._calls[call.call_id] = None
        self._given_up[call.call_id] = asyncio.Event()
        self._begin(self._serve(call))

    def _changed(self, call: IncomingCall) -> None:
        line = self._gear.exchange.lines.get(call.call_id)
        if line is not None:
            line.changed()

    def _dropped(self, call_id: str) -> None:
        if (line := self._gear.exchange.lines.get(call_id)) is not None:
            line.dropped()
        if (event := self._given_up.get(call_id)) is not None:
            event.set()
        if (call := self._calls.get(call_id)) is not None:
            call.dropped()

    def _progress(self, call_id: str, status: int, _reason: str) -> None:
        if (line := self._gear.exchange.lines.get(call_id)) is not None:
            line.progress(status)

    # --- one call ------------------------------------------------------------------------------------------

    async def _serve(self, incoming: IncomingCall) -> None:
        number = _caller(incoming.invite)
        row = self._row(incoming.invite, number)
        leg = Leg(self.wires, incoming)
        self._gear.exchange.lines[incoming.call_id] = leg
        await self._gear.worker.call(self._gear.book.begin, row)
        try:
            if await self._rang_out(incoming):
                row = await self._missed(row, number)
            else:
                row = await self._talk(incoming, leg, row, number)
        except (ValueError, OSError, RuntimeError) as fault:
            log.warning("phone.not_answered", why=str(fault))
            incoming.reject(NO_CODEC if isinstance(fault, ValueError) else UNREADY)
            row = replace(row, outcome="unready", ended="fault")
        finally:
            await leg.hang_up()
            self._gear.exchange.forget(incoming.call_id)
            for kept in (self._calls, self._given_up):
                kept.pop(incoming.call_id, None)
            await self._gear.worker.call(self._gear.book.keep, replace(row, ended_at=self._now()))

    async def _rang_out(self, incoming: IncomingCall) -> bool:
        """Let it ring; say whether the caller gave up meanwhile."""
        incoming.ringing()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._shop.settings.ring_s):
                await self._given_up[incoming.call_id].wait()
        return self._given_up[incoming.call_id].is_set()

    async def _talk(self, incoming: IncomingCall, leg: Leg, row: Call, number: str) -> Call:
        call = PhoneCall(self._shop, leg, number)
        self._calls[incoming.call_id] = call
        answered = self._now()
        ended = await call.run()
        sound = leg.sound
        return replace(
            row,
            conversation=call.conversation,
            answered_at=answered,
            outcome="answered",
            ended=ended,
            codec=leg.codec,
            quality=call.gauge.figures(sound.stats, sound.jitter_ms, sound.strangers) if sound else Quality(),
            turns=call.turns,
        )

    async def _missed(self, row: Call, number: str) -> Call:
        text = f"Missed call from {number or 'a withheld number'}."
        return replace(row, outcome="missed", conversation=await leave_note(self._shop, text))

    # --- calls that are not taken --------------------------------------------------------------------------

    def _turn_away(self, invite: SipRequest, number: str, outcome: Outcome) -> None:
        if self._turned_away.take():
            self._begin(self._put_down(self._row(invite, number), number, outcome))

    async def _put_down(self, row: Call, number: str, outcome: Outcome) -> None:
        row = replace(row, outcome=outcome, ended_at=row.began_at)
        if outcome != "blocked":
            text = f"Missed call from {number or 'a withheld number'}: the line was {outcome}."
            row = replace(row, conversation=await leave_note(self._shop, text))
        await self._gear.worker.call(self._gear.book.begin, row)

    def _row(self, invite: SipRequest, number: str) -> Call:
        to = invite.to_addr
        callee = number_of(stringify_uri(to.uri)) if to is not None else ""
        return Call(id=self._gear.new_id(), began_at=self._now(), caller=masked(number), callee=callee)

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("phone.call_failed", exc_info=fault)

    def _now(self) -> datetime:
        return self._shop.now()


def _caller(invite: SipRequest) -> str:
    from_ = invite.from_addr
    return number_of(stringify_uri(from_.uri)) if from_ is not None else ""
