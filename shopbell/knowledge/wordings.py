"""Wordings: what customers say when they mean an entry, kept in one table beside the shop's files.

`wordings.csv` holds an entry's id and a wording in each row. It grows as staff tell which entry an
unanswered question meant, and leaves the entries themselves short.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from shopbell.knowledge.files import WORDINGS
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.problem import Notes, Problem
from shopbell.knowledge.tables import Raw, named_rows

COLUMNS = ("entry", "wording")
LONGEST = 200
"""Characters of a wording at most."""


class Wording(Struct, frozen=True):
    """A customer's words for an entry."""

    entry: str
    """Id of a passage."""
    text: str
    line: int


def read_wordings(rows: Iterable[Raw], notes: Notes) -> tuple[Wording, ...]:
    """Read the table; bad rows are noted and left out. Raises `FileRefused` when its head is wrong."""
    found = []
    for row in named_rows(rows, notes, columns=COLUMNS, required=COLUMNS):
        entry, text = row.cells["entry"], " ".join(row.cells["wording"].split())
        if not entry or not text:
            notes.error(row.line, "The row is left out: it needs an entry and a wording.")
        elif len(text) > LONGEST:
            notes.error(row.line, f"The row is left out: a wording has at most {LONGEST} characters.")
        else:
            found.append(Wording(entry, text, row.line))
    return tuple(found)


def with_wordings(
    passages: Sequence[Passage], wordings: Sequence[Wording]
) -> tuple[tuple[Passage, ...], tuple[Problem, ...]]:
    """Add wordings to the passages they name; report those that name none."""
    said: dict[str, list[str]] = {}
    for wording in wordings:
        said.setdefault(wording.entry, []).append(wording.text)
    known = {passage.id for passage in passages}
    notes = Notes(WORDINGS)
    for wording in wordings:
        if wording.entry not in known:
            notes.warning(
                wording.line,
                f"There is no entry {wording.entry[:80]}, so this wording is not used. "
                "Correct the entry's name or remove the row.",
            )
    return tuple(_added(passage, said.get(passage.id, ())) for passage in passages), notes.problems


def _added(passage: Passage, wordings: Sequence[str]) -> Passage:
    if not wordings:
        return passage
    return replace(passage, also_asked=tuple(dict.fromkeys((*passage.also_asked, *wordings))))
