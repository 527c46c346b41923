"""What staff do with the shop's knowledge: close gaps, draft, preview, publish, retire. Every call blocks."""

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant import staffwire as w
from shopbell.assistant.errors import BadRequest
from shopbell.assistant.lookup import source_of
from shopbell.assistant.store import EventLog
from shopbell.knowledge import editor
from shopbell.knowledge.chunking import Count
from shopbell.knowledge.errors import FileRefused
from shopbell.knowledge.expiry import expiring_passages
from shopbell.knowledge.gaps import forget_gap, list_gaps, masked
from shopbell.knowledge.ingest import passages_of, read_entries
from shopbell.knowledge.library import Library, Press
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.problem import Notes

SHOWN = 3
"""Passages in a preview."""
QUESTION = 300
"""Characters of a question."""


class Editor:
    """The shop's knowledge in the hands of staff."""

    def __init__(
        self,
        library: Library,
        event_log: EventLog,
        engine: sa.Engine,
        rehearse: Callable[[], Press],
        count: Count,
    ) -> None:
        """Take the parts; `rehearse` gives a press of its own, which no customer's search uses."""
        self._library = library
        self._log = event_log
        self._engine = engine
        self._rehearse = rehearse
        self._count = count

    def gaps(self) -> w.Gaps:
        """Return the questions that found no answer."""
        return w.Gaps(
            gaps=tuple(
                w.GapRow(
                    id=gap.id,
                    example=gap.example,
                    count=gap.count,
                    first_seen=gap.first_seen,
                    last_seen=gap.last_seen,
                )
                for gap in list_gaps(self._engine)
            )
        )

    def forget_gap(self, number: int) -> None:
        """Drop a group; raises BadRequest when there is none."""
        if not forget_gap(self._engine, number):
            raise BadRequest("That group of questions is gone already.")

    def draft(self, asked: w.DraftFrom) -> w.Draft:
        """Return what staff said as an entry, with what the customer asked before it. Raises BadRequest."""
        said: list[str] = []
        for entry in self._log.read(asked.conversation):
            match entry.event:
                case e.StaffSaid(text=text) if entry.seq == asked.seq:
                    question = masked(" ".join(said))[:QUESTION] or "?"
                    return w.Draft(question=question, answer=masked_lines(text), test=question)
                case e.CustomerSaid(text=text):
                    said.append(text)
                case e.StaffSaid() | e.Replied():
                    said.clear()
                case _:
                    pass
        raise BadRequest("That is no message of staff in this conversation.")

    def preview(self, draft: w.Draft) -> w.Preview:
        """Return what the entry looks like and what retrieval says with it; nothing is published."""
        made = self._written(draft)
        question = draft.test or draft.question
        today = self._library.today()
        before = self._library.search(question, limit=SHOWN)
        press = self._rehearse()
        try:
            passages = (*self._library.passages, *self._passages(made))
            after = press.publish(passages).searcher.search(question, limit=SHOWN, today=today)
        finally:
            press.close()
        found = tuple(
            w.Found(source=source_of(match.passage), score=round(match.score, 4)) for match in after.matches
        )
        wins = bool(found) and found[0].source.id == made.id
        return w.Preview(
            entry=made.markdown,
            file=made.path,
            before=before.outcome.value,
            after=after.outcome.value,
            wins=wins,
            found=found,
            warnings=_warnings(wins, after.outcome.value, before.outcome.value),
        )

    def publish(self, draft: w.Draft) -> w.Published:
        """Write the entry into the shop's folder; the watch makes it live. Raises BadRequest."""
        made = self._written(draft)
        try:
            editor.publish(self._library.folder, made, draft.test)
        except FileRefused as fault:
            raise BadRequest(str(fault)) from fault
        if draft.gap:
            forget_gap(self._engine, draft.gap)
        return w.Published(id=made.id, file=made.path)

    def retire(self, name: str) -> None:
        """Let an entry be given no more; its words stay in the file. Raises BadRequest."""
        passage = self._library.snapshot.passage(name)
        if passage is None:
            raise BadRequest(f"There is no entry {name[:80]}.")
        try:
            yesterday = self._library.today() - timedelta(days=1)
            editor.retire(self._library.folder, passage.source, yesterday)
        except FileRefused as fault:
            raise BadRequest(str(fault)) from fault

    def expiring(self) -> w.Expiring:
        """Return the facts that end soon."""
        today = self._library.today()
        return w.Expiring(
            facts=tuple(
                w.ExpiringRow(
                    id=passage.id,
                    title=passage.title,
                    source=passage.source,
                    last_day=passage.valid_until.isoformat(),
                    days=(passage.valid_until - today).days,
                )
                for passage in expiring_passages(self._library.passages, today)
                if passage.valid_until is not None
            )
        )

    def _written(self, draft: w.Draft) -> editor.Written:
        entry = editor.NewEntry(
            question=draft.question,
            answer=draft.answer,
            topic=draft.topic,
            also_asked=draft.also_asked,
            test=draft.test,
        )
        try:
            return editor.written(entry, {passage.id for passage in self._library.passages})
        except FileRefused as fault:
            raise BadRequest(str(fault)) from fault

    def _passages(self, made: editor.Written) -> tuple[Passage, ...]:
        notes, file = Notes(made.path), editor.as_file(made)
        found = passages_of(read_entries(file, notes), made.path, self._count, notes)
        return tuple(replace(passage, source=f"{made.path}:0") for passage in found)


def masked_lines(text: str) -> str:
    """Return a text without e-mail addresses and long numbers, line by line."""
    return "\n".join(masked(line) for line in text.splitlines())


def _warnings(wins: bool, after: str, before: str) -> tuple[str, ...]:
    said = []
    if not wins:
        said.append("Another entry still comes first for this wording. Add it under “also asked”.")
    elif after != "sure":
        said.append("It is found first, but not surely enough to be given word for word.")
    if before == "sure":
        said.append("The shop answers this wording already. Two answers may contradict each other.")
    return tuple(said)
