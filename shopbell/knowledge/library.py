"""The library: all the shop knows at one moment, ready to be searched, and swapped whole when files change."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Protocol

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.knowledge import store
from shopbell.knowledge.catalogue import Catalogue
from shopbell.knowledge.duplicates import find_duplicates
from shopbell.knowledge.embedding import Embedder
from shopbell.knowledge.expiry import expired, expiring
from shopbell.knowledge.files import GOLDEN, SourceFile, read_one
from shopbell.knowledge.golden import GoldenReport, check, read_golden
from shopbell.knowledge.ingest import Ingest, Published
from shopbell.knowledge.passage import Passage, Retrieval
from shopbell.knowledge.problem import Notes, Problem
from shopbell.storage.database import reading


class Searcher(Protocol):
    """Finds passages; built anew whenever they change."""

    def search(self, question: str, *, limit: int = 5, today: date) -> Retrieval:
        """Return what is known about `question` on `today`."""
        ...


BuildSearcher = Callable[[tuple[Passage, ...]], Searcher]
"""Brings the index up to date with exactly these passages and returns what searches it."""


class Snapshot(Struct, frozen=True, kw_only=True):
    """All the shop knows at one moment; never changed, only replaced."""

    passages: tuple[Passage, ...]
    catalogue: Catalogue
    problems: tuple[Problem, ...]
    """What there is to say about the files."""
    searcher: Searcher
    digest: str
    """Of passages and products; another one means another content."""
    taken_at: datetime
    golden: GoldenReport | None = None
    """How the golden questions fare; None until they were checked."""

    def passage(self, name: str) -> Passage | None:
        """Return the passage with the id `name`."""
        return next((passage for passage in self.passages if passage.id == name), None)


class Library:
    """Keeps the newest snapshot of a shop's folder.

    `search` and the properties may be used from any thread; `refresh` and `check` by one thread at a time.
    """

    def __init__(
        self,
        folder: Path,
        *,
        engine: sa.Engine,
        embedder: Embedder,
        build: BuildSearcher,
        clock: Callable[[], datetime],
        zone: tzinfo,
    ) -> None:
        """Read the folder; raises `ShopMissing` when it is not there."""
        self.folder = folder
        self._engine = engine
        self._embedder = embedder
        self._build = build
        self._clock = clock
        self._zone = zone
        self._ingest = Ingest(engine, embedder.token_count, zone)
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

    def check(self) -> GoldenReport:
        """Ask the golden questions of golden.csv, unless this was done for this very state, and keep the report."""
        snapshot = self._snapshot
        notes = Notes(GOLDEN)
        file = read_one(self.folder, GOLDEN)
        digest = self._golden_digest(snapshot, file)
        with reading(self._engine) as connection:
            kept = store.recall_report(connection, GOLDEN, digest)
        if kept is not None:
            result = msgspec.json.decode(kept, type=GoldenReport)
        else:
            rows = read_golden(file, {passage.id for passage in snapshot.passages}, notes) if file else ()
            result = check(rows, self.search, notes.problems)
            with self._engine.begin() as connection:
                store.keep_report(connection, GOLDEN, digest, msgspec.json.encode(result))
        if result != snapshot.golden and self._snapshot is snapshot:
            self._snapshot = msgspec.structs.replace(snapshot, golden=result)
        return result

    def _golden_digest(self, snapshot: Snapshot, file: SourceFile | None) -> str:
        parts = (snapshot.digest, file.digest if file else "", self.today().isoformat(), self._embedder.fingerprint)
        return hashlib.sha256("|".join(parts).encode()).hexdigest()

    def _take(self, before: Snapshot | None) -> Snapshot:
        published = self._ingest.run(self.folder)
        digest = published.digest
        is_same = before is not None and before.digest == digest
        problems = (*published.problems, *self._duplicates(published, digest))
        if before is not None and is_same and before.problems == problems:
            return before
        return Snapshot(
            passages=published.passages,
            catalogue=before.catalogue if before is not None and is_same else Catalogue(published.products),
            problems=problems,
            searcher=before.searcher if before is not None and is_same else self._build(published.passages),
            digest=digest,
            taken_at=self._clock(),
            golden=before.golden if before is not None and is_same else None,
        )

    def _duplicates(self, published: Published, digest: str) -> tuple[Problem, ...]:
        key = f"{self._embedder.fingerprint}-{digest}"
        with reading(self._engine) as connection:
            kept = store.recall_report(connection, "duplicates", key)
        if kept is not None:
            return msgspec.json.decode(kept, type=tuple[Problem, ...])
        found = find_duplicates(published.passages, self._embedder)
        with self._engine.begin() as connection:
            store.keep_report(connection, "duplicates", key, msgspec.json.encode(found))
        return found
