"""Approvals: drafts, and what becomes of them.

Staff say a suggestion in their own name; a ghost is said in the assistant's.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant import staffwire
from shopbell.assistant.console import Late
from shopbell.assistant.conversation import Conversation, Floor, Ghost
from shopbell.assistant.drafting import Drafting
from shopbell.assistant.errors import BadRequest, ConversationOver, DraftClosed
from shopbell.assistant.floor import check_holding
from shopbell.assistant.lines import Lines
from shopbell.assistant.permits import held_by, key_of, suggested, waits, words_of
from shopbell.assistant.room import Room
from shopbell.assistant.rooms import Rooms
from shopbell.assistant.wire import Source

MAX_CHARS = 4_000
"""The longest reply that staff may make of a draft."""
CHECKED = "A colleague checked this answer before you saw it."
CORRECTED = "A colleague checked this answer and corrected it before you saw it."
UNCHECKED = "These are the shop's own words nearest to your question; nobody checked whether they answer it."
REFUSED = "A colleague did not let this answer through."


class Approvals:
    """Commands of staff about drafts; `name` is always the signed-in person's own."""

    def __init__(
        self,
        *,
        rooms: Rooms,
        drafting: Drafting,
        lines: Lines,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        late: Late,
    ) -> None:
        """Take the parts; `late` is what customers get when nobody approved in time."""
        self._rooms = rooms
        self._drafting = drafting
        self._lines = lines
        self._now = now
        self._new_id = new_id
        self._late = late

    async def suggest(self, conversation: str, name: str, key: str) -> int:
        """Let the assistant draft a reply for the holder; it is said only when `judge` says so."""
        async with self._rooms.entered(conversation) as room:
            check_holding(room.state.hold, name)
            draft = await self._drafting.suggestion(room.state, name, self._new_id())
            if draft is None:
                raise BadRequest("The assistant knows nothing to say to this. Write it yourself.")
            return await self._rooms.append(room, draft, key_of(name, key), check=held_by(name))

    async def judge(self, conversation: str, name: str, asked: staffwire.Judge) -> int:
        """Say what becomes of a draft; the verdict is counted by what was said.

        Raises DraftClosed when it does not wait for that any more.
        """
        async with self._rooms.entered(conversation) as room:
            ghost = room.state.ghost(asked.draft)
            if ghost is not None:
                return await self._judge_ghost(room, ghost, name, asked)
            return await self._judge_suggestion(room, name, asked)

    async def lapse(self, state: Conversation) -> None:
        """Tell the customer honestly of each reply that nobody approved in time."""
        late = [ghost for ghost in state.ghosts if ghost.draft.until and ghost.draft.until <= self._now()]
        if not late:
            return
        async with self._rooms.entered(state.id) as room:
            for ghost in late:
                draft = ghost.draft
                lapsed = e.DraftJudged(draft=draft.draft, verdict="lapsed", name="", topic=draft.topic)
                with suppress(DraftClosed, ConversationOver):  # somebody judged it, or took over, meanwhile
                    await self._rooms.append(
                        room, lapsed, "", *self._instead(room.state, ghost), check=waits(draft.draft)
                    )

    # --- inside --------------------------------------------------------------------------------------------

    async def _judge_suggestion(self, room: Room, name: str, asked: staffwire.Judge) -> int:
        draft = room.state.draft
        drafted = draft.text if draft is not None and draft.draft == asked.draft else ""
        words = _said(asked, drafted) if drafted else ""  # closed by now: the check below says so
        judged = e.DraftJudged(draft=asked.draft, verdict=_verdict(words, drafted), name=name)
        also = [e.StaffSaid(name=name, text=words)] if words else []
        key, check = key_of(name, asked.key), suggested(name, asked.draft)
        return await self._rooms.append(room, judged, key, *also, check=check)

    async def _judge_ghost(self, room: Room, ghost: Ghost, name: str, asked: staffwire.Judge) -> int:
        draft = ghost.draft
        words = _said(asked, draft.text)
        verdict = _verdict(words, draft.text)
        judged = e.DraftJudged(draft=draft.draft, verdict=verdict, name=name, topic=draft.topic)
        also = [self._approved(ghost, words, name)] if words else self._refused(room.state, ghost, name)
        key = key_of(name, asked.key)
        return await self._rooms.append(room, judged, key, *also, check=waits(draft.draft))

    def _approved(self, ghost: Ghost, words: str, name: str) -> e.Replied:
        draft = ghost.draft
        if words == draft.text.strip():
            why = f"{draft.why} {CHECKED}".strip()
            trace = (*draft.trace, f"approved by {name}")
            return replace(self._reply(ghost, words), rung=draft.rung, why=why, trace=trace)
        trace = (*draft.trace, f"drafted: {draft.text}", f"corrected by {name}")
        return replace(self._reply(ghost, words), why=CORRECTED, trace=trace)

    def _refused(self, state: Conversation, ghost: Ghost, name: str) -> list[e.Event]:
        trace = (*ghost.draft.trace, f"drafted: {ghost.draft.text}", f"rejected by {name}")
        reply = self._reply(ghost, self._lines.rejected)
        reply = replace(reply, why=REFUSED, trace=trace, sources=(), failed=True)
        return [reply, *_call(state, "rejected", self._lines.called(self._now()))]

    def _instead(self, state: Conversation, ghost: Ghost) -> list[e.Event]:
        """Return what the customer gets when nobody judged the draft in time."""
        draft, written = ghost.draft, _written(ghost.draft)
        trace = (*draft.trace, f"drafted: {draft.text}", "nobody judged it in time")
        if self._late == "faq" and written is not None:
            words = draft.text if draft.rung == "faq" else written.text
            reply = self._reply(ghost, self._lines.unchecked(written.title, words))
            return [
                replace(reply, rung="faq", sources=(written,), why=UNCHECKED, trace=trace, offer_person=True)
            ]
        reply = self._reply(ghost, self._lines.unsaid)
        reply = replace(reply, why=self._lines.unsaid, trace=trace, sources=(), failed=True)
        return [reply, *_call(state, "unchecked", self._lines.unchecked_called(self._now()))]

    def _reply(self, ghost: Ghost, text: str) -> e.Replied:
        """Return a reply in the place of the draft, as if a person had made it."""
        draft, waited = ghost.draft, (self._now() - ghost.at).total_seconds()
        total = round(draft.timings.total_s + max(0.0, waited), 4)
        return e.Replied(
            reply=draft.draft,
            answers=draft.answers,
            text=text,
            rung="person",
            subject=draft.subject,
            sources=draft.sources,
            timings=replace(draft.timings, first_word_s=total, total_s=total),
        )


def _said(asked: staffwire.Judge, draft: str) -> str:
    return "" if asked.verdict == "rejected" else words_of(asked.text or draft, MAX_CHARS)


def _verdict(words: str, draft: str) -> staffwire.Verdict:
    if not words:
        return "rejected"
    return "accepted" if words == draft.strip() else "edited"


def _call(state: Conversation, reason: e.Reason, line: str) -> list[e.Event]:
    """Return what calls a person, with its one visible line, unless one is called already."""
    return [e.PersonWanted(reason=reason), e.Noticed(text=line)] if state.floor is Floor.ASSISTANT else []


def _written(draft: e.Drafted) -> Source | None:
    """Return the first source that stands in a file of the shop."""
    return next((source for source in draft.sources if source.source), None)
