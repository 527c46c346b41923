"""Ingest: the shop's files become passages, each file again only when its content has changed."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TypeVar

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.knowledge import store
from shopbell.knowledge.chunking import Count, split
from shopbell.knowledge.documents import read_docx, read_html, read_pdf
from shopbell.knowledge.entry import Entry, slug
from shopbell.knowledge.errors import FileRefused
from shopbell.knowledge.files import CATALOGUE, WORDINGS, SourceFile, decode, gather
from shopbell.knowledge.markdown import read_markdown
from shopbell.knowledge.passage import Kind, Passage
from shopbell.knowledge.problem import Notes, Problem, Severity
from shopbell.knowledge.products import Product, product_passage, read_products
from shopbell.knowledge.tables import csv_rows, read_faq_table, xlsx_rows
from shopbell.knowledge.wordings import Wording, read_wordings, with_wordings
from shopbell.storage.database import forget_pages, reading

T = TypeVar("T")

PARSER = 1
"""Raise it when a parser reads the same file differently, so that all files are read again."""

MAX_PASSAGES = 2_500
"""Passages of one file at most: a file of nothing but marks would keep the embedder busy for minutes."""


class Published(Struct, frozen=True):
    """What the shop's files say, all of them together."""

    passages: tuple[Passage, ...]
    products: tuple[Product, ...]
    problems: tuple[Problem, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of all passages and products: equal when nothing a search could show has changed."""
        return hashlib.sha256(msgspec.json.encode((self.passages, self.products))).hexdigest()


class Ingest:
    """Reads the shop's folder into the database; one writer at a time."""

    def __init__(self, engine: sa.Engine, count: Count, zone: tzinfo) -> None:
        self._engine = engine
        self._count = count
        self._zone = zone

    def run(self, folder: Path) -> Published:
        """Bring the database up to date with the folder and return all it says.

        A file that cannot be read keeps what it said before; a file that is gone says nothing any more.
        Raises `ShopMissing` when there is no folder.
        """
        gathered = gather(folder)
        known = self._known()
        present = {file.path for file in gathered.files} | gathered.refused
        gone = set(known) - present
        changed = [file for file in gathered.files if known.get(file.path) != self._digest(file)]
        readings = [(file, *self._read(file)) for file in changed]
        if gone or changed:
            with self._engine.begin() as connection:
                for path in sorted(gone):
                    store.remove_document(connection, path)
                for file, records, problems in readings:
                    store.put_document(connection, file.path, self._digest(file), problems, records)
            forget_pages(self._engine)  # what was deleted must be in no file any more
        return self._publish(gathered.problems)

    def _known(self) -> dict[str, str]:
        with reading(self._engine) as connection:
            return store.document_digests(connection)

    def _digest(self, file: SourceFile) -> str:
        return f"{PARSER}-{self._zone}-{file.digest}"

    def _read(self, file: SourceFile) -> tuple[tuple[bytes, ...] | None, tuple[Problem, ...]]:
        """Return the encoded passages or products, None when the old ones stay, and what there is to say."""
        notes = Notes(file.path)
        try:
            records = self._records(file, notes)
        except FileRefused as fault:
            notes.error(fault.line, f"{fault} What it said before stays.")
            return None, notes.problems
        except Exception as fault:  # noqa: BLE001 - the named boundary: a hostile file may break any parser in any way
            notes.error(
                0, f"The file is damaged ({type(fault).__name__}). Save it again. What it said before stays."
            )
            return None, notes.problems
        if not records and any(problem.severity is Severity.ERROR for problem in notes.problems):
            return None, notes.problems
        if not records:
            notes.warning(0, "Nothing in this file can be used. Add questions with answers, or delete it.")
        return tuple(map(msgspec.json.encode, records)), notes.problems

    def _records(self, file: SourceFile, notes: Notes) -> tuple[Passage | Product | Wording, ...]:
        if file.path == CATALOGUE:
            return self._products(file, notes)
        if file.path == WORDINGS:
            return read_wordings(csv_rows(decode(file, notes), notes), notes)
        return self._passages(file, notes)

    def _products(self, file: SourceFile, notes: Notes) -> tuple[Product, ...]:
        return read_products(csv_rows(decode(file, notes), notes), notes, zone=self._zone)

    def _passages(self, file: SourceFile, notes: Notes) -> tuple[Passage, ...]:
        found = passages_of(read_entries(file, notes), file.path, self._count, notes)
        passages = tuple(islice(found, MAX_PASSAGES + 1))
        if len(passages) > MAX_PASSAGES:
            raise FileRefused(f"It makes more than {MAX_PASSAGES:,} passages. Split it into several files.")
        return passages

    def _publish(self, problems: tuple[Problem, ...]) -> Published:
        with reading(self._engine) as connection:
            records = store.records(connection)
            noted = store.problems(connection)
        products = tuple(_decoded(records, Product, lambda path: path == CATALOGUE))
        wordings = tuple(_decoded(records, Wording, lambda path: path == WORDINGS))
        passages = _decoded(records, Passage, lambda path: path not in {CATALOGUE, WORDINGS})
        unique, clashes = without_clashes([*passages, *map(product_passage, products)])
        worded, unknown = with_wordings(unique, wordings)
        return Published(worded, products, (*problems, *noted, *clashes, *unknown))


def _decoded(records: Iterable[tuple[str, bytes]], kind: type[T], of: Callable[[str], bool]) -> Iterator[T]:
    return (msgspec.json.decode(body, type=kind) for path, body in records if of(path))


def read_entries(file: SourceFile, notes: Notes) -> tuple[Entry, ...]:
    """Read a file by the reader of its kind. Raises `FileRefused`."""
    path = PurePosixPath(file.path)
    reader = _READERS[path.suffix.lower()]
    return reader(file, notes, path.stem)


def passages_of(entries: Iterable[Entry], path: str, count: Count, notes: Notes) -> Iterator[Passage]:
    """Cut entries into passages with ids; answers too long for one passage are noted."""
    stem = _id_stem(PurePosixPath(path).stem)
    numbered: dict[str, int] = {}
    for entry in entries:
        anchor = entry.anchor or slug(entry.title) or "text"
        if entry.kind is Kind.DOCUMENT:  # headings such as "Notes" may repeat in running text
            numbered[anchor] = numbered.get(anchor, 0) + 1
            anchor = f"{anchor}-{numbered[anchor]}" if numbered[anchor] > 1 else anchor
        texts = split(entry.text, count)
        if len(texts) > 1 and entry.kind is Kind.FAQ:
            notes.notice(
                entry.line,
                f'The answer to "{entry.title[:80]}" is long and was cut into {len(texts)} pieces. '
                "Shorter answers are found and spoken better.",
            )
        for number, text in enumerate(texts, start=1):
            yield Passage(
                id=f"{stem}#{anchor}" + (f"~{number}" if number > 1 else ""),
                title=entry.title,
                text=text,
                kind=entry.kind,
                also_asked=entry.also_asked,
                topic=entry.topic,
                source=f"{path}:{entry.line}",
                valid_from=entry.valid_from,
                valid_until=entry.valid_until,
            )


def without_clashes(passages: Iterable[Passage]) -> tuple[tuple[Passage, ...], tuple[Problem, ...]]:
    """Keep the first passage of each id and report the others, naming both places."""
    first: dict[str, Passage] = {}
    problems = []
    for passage in passages:
        if (other := first.setdefault(passage.id, passage)) is not passage:
            path, _, line = passage.source.rpartition(":")
            message = (
                f"The name {passage.id} is already taken by {other.source}, so this one is left out. "
                "Give one of them an anchor of its own, such as {#other}."
            )
            problems.append(Problem(severity=Severity.ERROR, path=path, line=int(line), message=message))
    return tuple(first.values()), tuple(problems)


def _id_stem(stem: str) -> str:
    """Return a file's stem as part of an id: anything that golden.csv uses as a sign becomes a hyphen."""
    safe = "".join(letter if letter.isalnum() or letter in "._-" else " " for letter in stem)
    return "-".join(safe.split())


_Reader = Callable[[SourceFile, Notes, str], tuple[Entry, ...]]


def _markdown(file: SourceFile, notes: Notes, stem: str) -> tuple[Entry, ...]:
    return read_markdown(decode(file, notes), notes, stem=stem)


def _html(file: SourceFile, notes: Notes, stem: str) -> tuple[Entry, ...]:
    return read_html(decode(file, notes), notes, stem=stem)


def _csv(file: SourceFile, notes: Notes, _stem: str) -> tuple[Entry, ...]:
    return read_faq_table(csv_rows(decode(file, notes), notes), notes)


def _xlsx(file: SourceFile, notes: Notes, _stem: str) -> tuple[Entry, ...]:
    return read_faq_table(xlsx_rows(file.data, notes), notes)


def _pdf(file: SourceFile, notes: Notes, stem: str) -> tuple[Entry, ...]:
    return read_pdf(file.data, notes, stem=stem)


def _docx(file: SourceFile, notes: Notes, stem: str) -> tuple[Entry, ...]:
    return read_docx(file.data, notes, stem=stem)


_READERS: dict[str, _Reader] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": _html,
    ".htm": _html,
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".pdf": _pdf,
    ".docx": _docx,
}
