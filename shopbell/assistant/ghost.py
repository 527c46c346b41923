"""Ghost mode: which replies wait until staff approved them, and what is said of each.

Rules and flows are never held back: fixed lines and what code works out must come at once.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from msgspec import Struct, convert

from shopbell.assistant import events as e
from shopbell.assistant.console import Ghosting
from shopbell.assistant.conversation import Utterance
from shopbell.assistant.ghostbook import GhostBook, Standing
from shopbell.assistant.lines import Lines
from shopbell.assistant.staffwire import GhostReport, GhostTopic
from shopbell.assistant.turn import Answer
from shopbell.assistant.wire import Timings
from shopbell.storage.worker import Worker

EVERYTHING = "all"
OTHER = "other"
"""The topic of what stands in no file of the shop."""
_HELD = ("faq", "model")
"""Rungs whose replies wait."""


class Guarded(Struct, frozen=True, kw_only=True):
    """The topics that need approval just now. Pure."""

    topics: frozenset[str] = frozenset()
    """The owner's, in lower case; `all` for every one."""
    promoted: frozenset[str] = frozenset()
    """Those that need none any more."""

    def topic(self, passages: Iterable[str]) -> str:
        """Return the first topic of these passages that needs approval; empty for none."""
        found = (topic_of(passage) for passage in passages)
        return next((topic for topic in found if self._needs(topic)), "")

    def holds(self, answer: Answer) -> str:
        """Return the topic for which this answer waits; empty when it may be said."""
        if answer.rung not in _HELD or answer.failed or answer.ends or answer.wants_person or not answer.text:
            return ""
        if answer.private or answer.also:  # of her own account, or done already: nobody else's to hold back
            return ""
        return self.topic([source.id for source in answer.sources] or [OTHER])

    def _needs(self, topic: str) -> bool:
        return topic not in self.promoted and bool(self.topics & {topic, EVERYTHING})


class GhostMode:
    """Tells what needs approval now, and makes the drafts."""

    def __init__(
        self,
        settings: Ghosting,
        book: GhostBook,
        worker: Worker,
        *,
        lines: Lines,
        now: Callable[[], datetime],
        consoles: Callable[[], int],
    ) -> None:
        """Take the owner's settings; `worker` is the thread that the book blocks.

        `now` tells the time in the shop's zone, `consoles` how many members of staff look.
        """
        self.settings = settings
        self.book = book
        self._worker = worker
        self._lines = lines
        self._now = now
        self._consoles = consoles
        self._topics = frozenset(topic.casefold() for topic in settings.topics)

    async def guarded(self, channel: str) -> Guarded:
        """Return what needs approval on this channel now: nothing while nobody could approve."""
        if not self._topics or channel not in self.settings.channels or not self._somebody_looks():
            return Guarded()
        return Guarded(topics=self._topics, promoted=await self._worker.call(self.book.promoted))

    def draft(
        self, reply: str, utterances: Iterable[Utterance], answer: Answer, topic: str, timings: Timings
    ) -> tuple[e.Drafted, e.Noticed]:
        """Return the draft, and the line that tells the customer of it."""
        until = self._now() + timedelta(seconds=self.settings.deadline_s)
        drafted = e.Drafted(
            draft=reply,
            text=answer.text,
            rung=answer.rung,
            subject=answer.subject,
            sources=answer.sources,
            why=answer.why,
            trace=answer.trace,
            answers=tuple(utterance.seq for utterance in utterances),
            topic=topic,
            ghost=True,
            until=until,
            timings=timings,
        )
        return drafted, e.Noticed(text=self._lines.checking(self.settings.deadline_s))

    async def report(self) -> GhostReport:
        """Return how the owner's topics stand, and every other of which a draft was judged."""
        known = {standing.topic: standing for standing in await self._worker.call(self.book.standings)}
        named = self._topics - {EVERYTHING}
        rows = [known.get(topic) or Standing(topic=topic) for topic in sorted({*named, *known})]
        return GhostReport(
            topics=tuple(convert(row, GhostTopic, from_attributes=True) for row in rows),
            everything=EVERYTHING in self._topics,
            promote_after=self.settings.promote_after,
            deadline_s=self.settings.deadline_s,
        )

    async def take_back(self, name: str, topic: str) -> bool:
        """Let a topic need approval again; False when it does already."""
        return await self._worker.call(self.book.take_back, name, topic.casefold())

    def _somebody_looks(self) -> bool:
        return self._consoles() > 0 and self._lines.presence(self._now()).staffed


def topic_of(passage: str) -> str:
    """Return the topic of a passage by its id: the file it stands in."""
    stem, mark, _ = passage.partition("#" if "#" in passage else ":")
    return stem.casefold() if mark else OTHER
