"""Giving replies: wait for the turn to be complete, climb the ladder, publish words, keep what was shown."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from typing import Protocol

import structlog

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.conversation import Utterance
from shopbell.assistant.ladder import Ladder
from shopbell.assistant.room import Live, Room
from shopbell.assistant.turn import Answer, InQueue, Step, Turn, Words

log = structlog.get_logger()

BROKEN = "Something went wrong here, and it is not your fault. Please ask again, or ask for a person."


class Append(Protocol):
    """Puts an event into the log and publishes it."""

    def __call__(self, room: Room, event: e.Event, key: str = "") -> Awaitable[int]:
        """Return the event's `seq`."""
        ...


class Replier:
    """Runs at most one reply in each room."""

    def __init__(
        self, *, ladder: Ladder, append: Append, now: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        self._ladder = ladder
        self._append = append
        self._now = now
        self._new_id = new_id

    def wake(self, room: Room, quiet_s: float) -> None:
        """Answer what is pending after so many seconds of quiet.

        A reply of which nothing was shown yet is begun anew with the added words: a burst is one turn.
        """
        clock = asyncio.get_running_loop().time()
        if quiet_s:
            room.heard_at, room.due = clock, clock + quiet_s
            room.due_moved.set()
        if not room.state.pending or not room.state.assistant_may_speak:
            return
        if quiet_s and room.speaking and room.live and not (room.live.text or room.live.settled):
            room.speaking.cancel()
        if room.serving is None or room.serving.done():
            room.heard_at = room.heard_at or clock
            room.serving = room.own(self._serve(room))

    async def interrupt(self, room: Room) -> None:
        """Stop the running reply and keep what was shown of it, marked as cut, unless it is whole by now."""
        if room.speaking is None or room.live is None:
            return
        if not room.live.settled:
            room.interrupted = True
            room.speaking.cancel()
        await asyncio.wait([room.speaking])

    async def once(self, text: str) -> wire.Replied:
        """Answer one question outside any conversation."""
        started = asyncio.get_running_loop().time()
        turn = Turn(conversation="", text=text, now=self._now(), channel="ask")
        timer = _Timer(started)
        answer: Answer | None = None
        async with aclosing(self._ladder.respond(turn)) as steps:
            async for step in steps:
                timer.note(step)
                if isinstance(step, Answer):
                    answer = step
        final = _finished(answer)
        return wire.Replied(
            seq=0,
            reply="",
            text=final.text,
            rung=final.rung,
            at=datetime.now(UTC),
            sources=final.sources,
            why=final.why,
            offer_person=final.offer_person,
            timings=timer.timings(final),
        )

    async def _serve(self, room: Room) -> None:
        while utterances := await _whole_turn(room):
            room.live = live = Live(self._new_id())
            room.publish(wire.Replying(reply=live.reply))
            room.speaking = spoken = room.own(self._speak(room, live, utterances))
            await asyncio.wait([spoken])
            room.speaking = room.live = None
            interrupted, room.interrupted = room.interrupted, False
            if not spoken.cancelled() and (fault := spoken.exception()) is not None:
                log.error("reply.lost", conversation=room.state.id, exc_info=fault)
                room.publish(wire.Trouble(code="reply-lost", text=BROKEN))
                return  # nothing could be kept: the next message or follower tries again
            if spoken.cancelled() and interrupted:
                await self._append(room, _cut(live, utterances))

    async def _speak(self, room: Room, live: Live, utterances: tuple[Utterance, ...]) -> None:
        timer = _Timer(room.heard_at)
        try:
            answer = await self._climb(room, live, _turn(room, utterances, self._now()), timer)
        except Exception:  # the one boundary: a fault in a reply must reach the customer as words
            log.exception("reply.failed", conversation=room.state.id)
            answer = Answer(text=BROKEN, rung="person", failed=True, offer_person=True, why=BROKEN)
        await self._keep(room, live, utterances, answer, timer)

    async def _climb(self, room: Room, live: Live, turn: Turn, timer: "_Timer") -> Answer:
        answer: Answer | None = None
        async with aclosing(self._ladder.respond(turn)) as steps:
            async for step in steps:
                timer.note(step)
                match step:
                    case Words(text=text):
                        live.text += text
                        room.publish(wire.Delta(reply=live.reply, text=text))
                    case InQueue(place=place, eta_s=eta_s):
                        live.place = wire.Waiting(reply=live.reply, place=place, eta_s=eta_s)
                        room.publish(live.place)
                    case Answer():
                        answer = step
        return _finished(answer)

    async def _keep(
        self, room: Room, live: Live, utterances: tuple[Utterance, ...], answer: Answer, timer: "_Timer"
    ) -> None:
        live.settled = True
        await self._append(
            room,
            e.Replied(
                reply=live.reply,
                answers=tuple(utterance.seq for utterance in utterances),
                text=answer.text,
                rung=answer.rung,
                subject=answer.subject,
                sources=answer.sources,
                why=answer.why,
                trace=answer.trace,
                failed=answer.failed,
                offer_person=answer.offer_person,
                timings=timer.timings(answer),
            ),
        )
        # Who waits already is not told again; but a wish to be erased is always kept.
        if answer.wants_person is not None and (
            room.state.floor == "assistant" or answer.wants_person == "erase"
        ):
            await self._append(room, e.PersonWanted(reason=answer.wants_person))
            if answer.notice:
                await self._append(room, e.Noticed(text=answer.notice))
        if answer.ends:
            self._ladder.forget(room.state.id)


class _Timer:
    """Measures one reply from the moment its last words were heard."""

    def __init__(self, heard_at: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self._heard_at = heard_at
        self._first: float | None = None

    def note(self, step: Step) -> None:
        if self._first is None and not isinstance(step, InQueue):
            self._first = self._clock() - self._heard_at

    def timings(self, answer: Answer) -> wire.Timings:
        return wire.Timings(
            search_s=round(answer.search_s, 4),
            queue_s=round(answer.queue_s, 4),
            first_word_s=round(self._first or 0.0, 4),
            total_s=round(self._clock() - self._heard_at, 4),
        )


async def _whole_turn(room: Room) -> tuple[Utterance, ...]:
    """Wait until the customer has finished; return what is then to be answered, if it is ours to answer."""
    await _quiet(room)
    return room.state.pending if room.state.assistant_may_speak else ()


async def _quiet(room: Room) -> None:
    loop = asyncio.get_running_loop()
    while (left := room.due - loop.time()) > 0:
        room.due_moved.clear()  # another message moves the moment, either way
        with suppress(TimeoutError):
            async with asyncio.timeout(left):
                await room.due_moved.wait()


def _turn(room: Room, utterances: tuple[Utterance, ...], now: datetime) -> Turn:
    return Turn(
        conversation=room.state.id,
        text=" ".join(utterance.text for utterance in utterances),
        now=now,
        history=room.state.history,
        failures=room.state.failures,
        channel=room.state.channel,
    )


def _cut(live: Live, utterances: tuple[Utterance, ...]) -> e.Replied:
    return e.Replied(
        reply=live.reply,
        answers=tuple(utterance.seq for utterance in utterances),
        text=live.text,
        rung="model",
        cut=True,
        why="It was stopped here.",
    )


def _finished(answer: Answer | None) -> Answer:
    if answer is None:  # every ladder ends with an Answer; without one the turn would stay open for ever
        raise RuntimeError("the ladder gave no answer")
    return answer
