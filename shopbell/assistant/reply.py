"""Giving replies: wait for the turn to be complete, climb the ladder, publish words, keep what was shown."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Protocol

import structlog
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.answered import cut, whole
from shopbell.assistant.conversation import Utterance
from shopbell.assistant.drafting import Drafting
from shopbell.assistant.ghost import GhostMode, Guarded
from shopbell.assistant.handover import Handover, Worth
from shopbell.assistant.known import parting
from shopbell.assistant.ladder import Ladder
from shopbell.assistant.preparing import Prepared
from shopbell.assistant.room import Live, Room
from shopbell.assistant.stopwatch import Stopwatch
from shopbell.assistant.turn import Answer, InQueue, Settled, Step, Turn, Words, finished, turn_of

log = structlog.get_logger()

BROKEN = "Something went wrong here, and it is not your fault. Please ask again, or ask for a person."


class Append(Protocol):
    """Puts an event into the log and publishes it."""

    def __call__(self, room: Room, event: e.Event, key: str = "", *also: e.Event) -> Awaitable[int]:
        """Return the event's `seq`; the others stand or fall with it."""
        ...


class Replier:
    """Runs at most one reply in each room."""

    def __init__(
        self,
        *,
        ladder: Ladder,
        append: Append,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        handover: Handover | None = None,
        ghost: GhostMode | None = None,
    ) -> None:
        """Take the parts; without `handover` a person is called only when the ladder says so.

        Without `ghost` no reply waits for approval.
        """
        self.drafting = Drafting(ladder, now)
        self._ghost = ghost
        self._handover = handover
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
        if not room.state.unanswered or not may_reply(room):
            return
        if quiet_s and room.speaking and room.live and not (room.live.text or room.live.settled):
            room.speaking.cancel()
        if room.serving is None or room.serving.done():
            room.heard_at = room.heard_at or clock
            room.serving = room.own(self._serve(room))

    async def prepare(self, room: Room, text: str) -> None:
        """Begin, unseen, the reply to words after which the customer may go on, in place of any before.

        Empty words begin none; nor are others answered ahead while something is to be answered already.
        """
        if room.state.unanswered or room.speaking is not None:
            return
        await self.drop(room)
        if not text or room.state.unanswered or not may_reply(room):
            return
        said = Utterance(seq=room.state.seq + 1, text=text)
        turn = replace(turn_of(room.state, (said,), self._now()), acts=True)
        room.prepared = Prepared(turn, self._ladder.respond(turn), room.own)

    async def drop(self, room: Room) -> None:
        """Let go of a reply that was begun ahead."""
        prepared, room.prepared = room.prepared, None
        if prepared is not None:
            await prepared.drop()

    async def interrupt(self, room: Room, *, unless_silent: bool = False) -> None:
        """Stop the running reply and keep what was shown of it, marked as cut, unless it is whole by now.

        With `unless_silent` a reply of which nothing was shown leaves no mark: its question stays open.
        """
        if room.speaking is None or room.live is None:
            return
        if not room.live.settled:
            room.interrupted = bool(room.live.text) or not unless_silent
            room.speaking.cancel()
        await asyncio.wait([room.speaking])

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
                await self._append(room, cut(live, utterances))

    async def _speak(self, room: Room, live: Live, utterances: tuple[Utterance, ...]) -> None:
        timer, guarded = Stopwatch(room.heard_at), Guarded()
        try:
            guarded = await self._guarded(room)
            turn = replace(turn_of(room.state, utterances, self._now()), acts=True)
            answer = await self._climb(room, live, turn, timer, guarded)
        except Exception:  # the one boundary: a fault in a reply must reach the customer as words
            log.exception("reply.failed", conversation=room.state.id)
            answer = Answer(text=BROKEN, rung="person", failed=True, offer_person=True, why=BROKEN)
        await self._keep(room, live, utterances, answer, timer, guarded)

    async def _climb(self, room: Room, live: Live, turn: Turn, timer: Stopwatch, guarded: Guarded) -> Answer:
        answer: Answer | None = None
        async with aclosing(await self._steps(room, turn)) as steps:
            async for step in steps:
                timer.note(step)
                match step:
                    case Words(read=read) if guarded.topic(read):
                        pass  # it may have to wait for approval: whether it does is known at its end
                    case Words(text=text):
                        live.text += text
                        room.publish(wire.Delta(reply=live.reply, text=text))
                    case InQueue(place=place, eta_s=eta_s):
                        live.place = wire.Waiting(reply=live.reply, place=place, eta_s=eta_s)
                        room.publish(live.place)
                    case Settled():
                        live.settled = True
                    case Answer():
                        answer = step
        return finished(answer)

    async def _steps(self, room: Room, turn: Turn) -> AsyncGenerator[Step, None]:
        """Return the reply to a turn: the one that was prepared for it, else a new one."""
        if room.prepared is not None and room.prepared.fits(turn):
            prepared, room.prepared = room.prepared, None
            return prepared.steps()
        await self.drop(room)
        return self._ladder.respond(turn)

    async def _keep(
        self,
        room: Room,
        live: Live,
        utterances: tuple[Utterance, ...],
        answer: Answer,
        timer: Stopwatch,
        guarded: Guarded,
    ) -> None:
        live.settled = True
        called = self._hand_over(room, answer, utterances, await self._worth(room))
        if self._ghost is not None and not live.text and (topic := guarded.holds(answer)):
            drafted = self._ghost.draft(live.reply, utterances, answer, topic, timer.timings(answer))
            await self._append(room, drafted[0], "", drafted[1], *called)
            return
        replied = whole(live, utterances, answer, timer.timings(answer))
        parted = parting(room.state.who, "goodbye" if answer.ends else "")
        await self._append(room, replied, "", *called, *answer.also, *parted)
        if answer.ends:
            self._ladder.forget(room.state.id)

    async def _worth(self, room: Room) -> Worth | None:
        return await self._handover.worth(room.state) if self._handover is not None else None

    async def _guarded(self, room: Room) -> Guarded:
        return await self._ghost.guarded(room.state.channel) if self._ghost is not None else Guarded()

    def _hand_over(
        self, room: Room, answer: Answer, utterances: tuple[Utterance, ...], worth: Worth | None
    ) -> list[e.Event]:
        """Return what calls a person, with its one visible line, when that was decided."""
        if self._handover is not None:
            text = " ".join(utterance.text for utterance in utterances)
            answer = self._handover.decide(answer, room.state.history, text, worth)
        # Who waits already is not told again; but a wish to be erased is always kept.
        if answer.wants_person is None or not (
            room.state.floor == "assistant" or answer.wants_person == "erase"
        ):
            return []
        wish = e.PersonWanted(reason=answer.wants_person)
        return [wish, e.Noticed(text=answer.notice)] if answer.notice else [wish]


def may_reply(room: Room) -> bool:
    """Say whether the assistant answers here: not over a person, nor one who is about to come."""
    return room.state.assistant_may_speak and not room.reached_for


async def _whole_turn(room: Room) -> tuple[Utterance, ...]:
    """Wait until the customer has finished; return what is then to be answered, if it is ours to answer."""
    await _quiet(room)
    return room.state.unanswered if may_reply(room) else ()


async def _quiet(room: Room) -> None:
    loop = asyncio.get_running_loop()
    while (left := room.due - loop.time()) > 0:
        room.due_moved.clear()  # another message moves the moment, either way
        with suppress(TimeoutError):
            async with asyncio.timeout(left):
                await room.due_moved.wait()
