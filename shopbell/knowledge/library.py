"""The library: all the shop knows at one moment, swapped whole when its files change."""

from collections.abc import Callable, Generator, Sequence
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Protocol

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.knowledge import store
from shopbell.knowledge.catalogue import Catalogue
from shopbell.knowledge.chunking import Count
from shopbell.knowledge.duplicates import Duplicates
from shopbell.knowledge.expiry import expired, expiring
from shopbell.knowledge.fusion import Vectors
from shopbell.knowledge.golden import GoldenReport, checked, load_golden, tally
from shopbell.knowledge.ingest import Ingest
from shopbell.knowledge.likeness import Memory
from shopbell.knowledge.passage import Passage, Retrieval
from shopbell.knowledge.problem import Problem
from shopbell.storage.database import reading


class Searcher(Protocol):
    """Finds passages in one state of the knowledge; any thread may use it."""

    def search(self, question: str, *, limit: int = 5, today: date) -> Retrieval:
        """Return what is known about `question` on `today`."""
        ...


class Prepared(Struct, frozen=True):
    """Passages made searchable."""

    searcher: Searcher
    vectors: Vectors
    """Those of the passages, in their order."""


class Press(Protocol):
    """Makes passages searchable; one thread at a time."""

    @property
    def version(self) -> str:
        """Name of how it searches; with another one the same passages may be found otherwise."""
        ...

    def publish(self, passages: Sequence[Passage]) -> Prepared:
        """Bring the index to exactly these passages; only what has changed costs time."""
        ...

    def close(self) -> None:
        """Let go of the index's files."""
        ...


class Snapshot(Struct, frozen=True, kw_only=True):
    """All the shop knows at one moment; never changed, only replaced."""

    passages: tuple[Passage, ...]
    catalogue: Catalogue
    problems: tuple[Problem, ...]
    """What there is to say about the files."""
    likenesses: tuple[Problem, ...]
    """Those of the problems that are about two passages."""
    searcher: Searcher
    digest: str
    """Of passages and products; another one means another content."""
    taken_at: datetime
    golden: GoldenReport | None = None
    """How the golden questions fare; None until they were checked."""

    def passage(self, name: str) -> Passage | None:
        """Return the passage with the id `name`."""
        return next((passage for passage in self.passages if passage.id == name), None)


class Looked(Struct, frozen=True):
    """What a look for duplicates found, as it is kept over a restart."""

    found: tuple[Problem, ...]
    memories: tuple[Memory, Memory]


class Library:
    """Keeps the newest snapshot of a shop's folder.

    `search` and the properties may be used from any thread; `refresh` and `checking` by one thread at a time.
    """

    def __init__(
        self,
        folder: Path,
        *,
        engine: sa.Engine,
        press: Press,
        count: Count,
        clock: Callable[[], datetime],
        zone: tzinfo,
    ) -> None:
        """Read the folder; `count` counts the tokens of a text. Raises `ShopMissing` when it is not there."""
        self.folder = folder
        self._engine = engine
        self._press = press
        self._clock = clock
        self._zone = zone
        self._ingest = Ingest(engine, count, zone)
        self._duplicates = Duplicates()
        self._snapshot = self._take(None)

    @property
    def snapshot(self) -> Snapshot:
        """The newest state. Hold on to it to see one state throughout."""
        return self._snapshot

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All passages, also those that are not valid today."""
        return self._snapshot.passages

    @property
    def catalogue(self) -> Catalogue:
        """The shop's products."""
        return self._snapshot.catalogue

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What there is to say about the files today, facts that run out included."""
        today = self.today()
        return (*self._snapshot.problems, *expired(self.passages, today), *expiring(self.passages, today))

    def today(self) -> date:
        """Return the day it is in the shop."""
        return self._clock().astimezone(self._zone).date()

    def search(self, question: str, *, limit: int = 5) -> Retrieval:
        """Return what the shop knows about `question` today. Blocks for some milliseconds."""
        return self._snapshot.searcher.search(question, limit=limit, today=self.today())

    def refresh(self) -> Snapshot:
        """Read what has changed in the folder, make it live and return the new state. Blocks.

        When nothing has changed the state stays the same object. Raises `ShopMissing`.
        """
        self._snapshot = self._take(self._snapshot)
        return self._snapshot

    def checking(self) -> Generator[None, None, GoldenReport]:
        """Ask the questions of golden.csv one at a time, yielding after each; return and keep the report.

        Of a state that was checked before, on the same day, the kept report is returned at once.
        """
        snapshot, today = self._snapshot, self.today()
        golden = load_golden(self.folder, {passage.id for passage in snapshot.passages})
        digest = f"{snapshot.digest}-{golden.digest}-{today}-{self._press.version}"
        with reading(self._engine) as connection:
            kept = store.recall_report(connection, "golden", digest)
        if kept is not None:
            report = msgspec.json.decode(kept, type=GoldenReport)
        else:
            rows = []
            for row in golden.rows:
                rows.append(checked(row, snapshot.searcher.search(row.question, limit=3, today=today)))
                yield
            report = tally(rows, golden.problems)
            with self._engine.begin() as connection:
                store.keep_report(connection, "golden", digest, msgspec.json.encode(report))
        if self._snapshot is snapshot and snapshot.golden != report:
            self._snapshot = msgspec.structs.replace(snapshot, golden=report)
        return report

    def check(self) -> GoldenReport:
        """Ask all golden questions at once. Blocks for seconds."""
        asking = self.checking()
        while True:
            try:
                next(asking)
            except StopIteration as end:
                report: GoldenReport = end.value
                return report

    def close(self) -> None:
        """Let go of the index's files."""
        self._press.close()

    def _take(self, before: Snapshot | None) -> Snapshot:
        published = self._ingest.run(self.folder)
        digest = published.digest
        if before is not None and before.digest == digest:
            problems = (*published.problems, *before.likenesses)
            if problems == before.problems:
                return before
            return msgspec.structs.replace(before, problems=problems, taken_at=self._clock())
        prepared = self._press.publish(published.passages)
        likenesses = self._likenesses(published.passages, prepared.vectors, digest)
        return Snapshot(
            passages=published.passages,
            catalogue=Catalogue(published.products),
            problems=(*published.problems, *likenesses),
            likenesses=likenesses,
            searcher=prepared.searcher,
            digest=digest,
            taken_at=self._clock(),
        )

    def _likenesses(
        self, passages: tuple[Passage, ...], vectors: Vectors, digest: str
    ) -> tuple[Problem, ...]:
        """Return the duplicates, compared anew only when something has changed."""
        key = f"2-{digest}-{self._press.version}"
        with reading(self._engine) as connection:
            kept = store.recall_report(connection, "likenesses", key)
        if kept is not None:
            looked = msgspec.msgpack.decode(kept, type=Looked)
            self._duplicates.memories = looked.memories
            return looked.found
        found = self._duplicates.find(passages, vectors)
        looked = Looked(found, self._duplicates.memories)
        with self._engine.begin() as connection:
            store.keep_report(connection, "likenesses", key, msgspec.msgpack.encode(looked))
        return found
