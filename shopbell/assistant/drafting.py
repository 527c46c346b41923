"""Drafting: replies that are made unseen, for staff to judge or to answer a single question."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime

from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.conversation import Conversation
from shopbell.assistant.followups import last_question
from shopbell.assistant.ladder import Ladder
from shopbell.assistant.stopwatch import Stopwatch
from shopbell.assistant.turn import Answer, Turn, finished, turn_of


class Drafting:
    """Climbs the ladder without showing a word."""

    def __init__(self, ladder: Ladder, now: Callable[[], datetime]) -> None:
        """Take the ladder; `now` tells the time in the shop's zone."""
        self._ladder = ladder
        self._now = now

    async def suggestion(self, state: Conversation, name: str, draft: str) -> e.Drafted | None:
        """Make a reply to what was said last, for `name`; None when there is nothing to say."""
        asked = " ".join(u.text for u in state.pending) or last_question(state.history)
        if not asked:
            return None
        answer = await self._last(replace(turn_of(state, state.pending, self._now()), text=asked))
        if answer.failed or not answer.text:
            return None
        return e.Drafted(
            draft=draft,
            name=name,
            text=answer.text,
            rung=answer.rung,
            subject=answer.subject,
            sources=answer.sources,
            why=answer.why,
            trace=answer.trace,
            answers=tuple(u.seq for u in state.pending),
        )

    async def once(self, text: str) -> wire.Replied:
        """Answer one question outside any conversation."""
        timer = Stopwatch(asyncio.get_running_loop().time())
        turn = Turn(conversation="", text=text, now=self._now(), channel="ask")
        final = await self._last(turn, timer)
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

    async def _last(self, turn: Turn, timer: Stopwatch | None = None) -> Answer:
        answer: Answer | None = None
        async with aclosing(self._ladder.respond(turn)) as steps:
            async for step in steps:
                if timer is not None:
                    timer.note(step)
                if isinstance(step, Answer):
                    answer = step
        return finished(answer)
