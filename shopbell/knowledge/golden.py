"""Golden questions: what the owner expects to be found, asked again on every edit."""

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from shopbell.knowledge.errors import FileRefused
from shopbell.knowledge.files import GOLDEN, SourceFile, decode, read_one
from shopbell.knowledge.passage import Outcome, Retrieval
from shopbell.knowledge.problem import Notes, Problem
from shopbell.knowledge.tables import Row, csv_rows, named_rows

COLUMNS = ("question", "expect", "note")
REQUIRED = ("question", "expect")


class GoldenRow(Struct, frozen=True, kw_only=True):
    """One question with what should be found."""

    line: int
    question: str
    parts: tuple[frozenset[str], ...] = ()
    """Ids of which one is right, for each thing asked; empty: the shop cannot answer."""
    note: str = ""


class Colour(StrEnum):
    """How a question fares."""

    GREEN = "green"
    """The first passage is right, or an unanswerable question was refused."""
    AMBER = "amber"
    """Everything needed is among the first three, but not first."""
    RED = "red"
    """Something needed is not among the first three, or the wrong kind of question was refused."""


class Checked(Struct, frozen=True, kw_only=True):
    """One golden question asked."""

    line: int
    question: str
    colour: Colour
    is_answerable: bool
    is_first_right: bool
    are_three_right: bool
    outcome: Outcome
    confidence: float
    expected: str
    found: tuple[str, ...]
    """Ids of the first three."""


class GoldenReport(Struct, frozen=True, kw_only=True):
    """How the golden questions fare."""

    rows: tuple[Checked, ...] = ()
    problems: tuple[Problem, ...] = ()
    answerable: int = 0
    unanswerable: int = 0
    recall_at_1: float = 0.0
    """Share of the answerable whose first passage is right."""
    recall_at_3: float = 0.0
    """Share of the answerable with a right passage for each part among the first three."""
    refused: float = 0.0
    """Share of the unanswerable with the outcome `none`."""
    wrongly_refused: float = 0.0
    """Share of the answerable with the outcome `none`."""


class Golden(Struct, frozen=True, kw_only=True):
    """The owner's golden questions."""

    rows: tuple[GoldenRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    digest: str = ""
    """Of the file; empty when there is none."""


def load_golden(folder: Path, known: Collection[str]) -> Golden:
    """Read golden.csv of a shop; rows that name a passage that is not in `known` are noted and left out."""
    notes = Notes(GOLDEN)
    rows: list[GoldenRow] = []
    digest = ""
    try:
        if (file := read_one(folder, GOLDEN)) is not None:
            digest = file.digest
            rows.extend(_rows(file, known, notes))
    except FileRefused as fault:
        notes.error(fault.line, str(fault))
    return Golden(rows=tuple(rows), problems=notes.problems, digest=digest)


def tally(rows: Sequence[Checked], problems: tuple[Problem, ...] = ()) -> GoldenReport:
    """Count how the questions fared."""
    answerable = [row for row in rows if row.is_answerable]
    unanswerable = [row for row in rows if not row.is_answerable]
    return GoldenReport(
        rows=tuple(rows),
        problems=problems,
        answerable=len(answerable),
        unanswerable=len(unanswerable),
        recall_at_1=_share([row.is_first_right for row in answerable]),
        recall_at_3=_share([row.are_three_right for row in answerable]),
        refused=_share([row.outcome is Outcome.NONE for row in unanswerable]),
        wrongly_refused=_share([row.outcome is Outcome.NONE for row in answerable]),
    )


def _rows(file: SourceFile, known: Collection[str], notes: Notes) -> Iterator[GoldenRow]:
    for row in named_rows(csv_rows(decode(file, notes), notes), notes, columns=COLUMNS, required=REQUIRED):
        try:
            yield _golden_row(row, known)
        except ValueError as fault:
            notes.error(row.line, f"The row is left out: {fault}")


def _golden_row(row: Row, known: Collection[str]) -> GoldenRow:
    if not row.cells["question"]:
        raise ValueError("the question is empty.")
    parts = tuple(
        frozenset(name.strip() for name in part.split("|") if name.strip())
        for part in row.cells["expect"].split(" & ")
        if part.strip()
    )
    if unknown := sorted(frozenset().union(*parts) - frozenset(known)):
        raise ValueError(f"no passage is called {', '.join(unknown)}. Correct the name, or add the passage.")
    return GoldenRow(line=row.line, question=row.cells["question"], parts=parts, note=row.cells["note"])


def checked(row: GoldenRow, found: Retrieval) -> Checked:
    """Say how a question fares by what was found for it."""
    ids = tuple(match.passage.id for match in found.matches[:3])
    names = [{name, _whole(name)} for name in ids]
    is_first_right = bool(names) and any(part & names[0] for part in row.parts)
    are_three_right = bool(row.parts) and all(part & set().union(*names) for part in row.parts)
    return Checked(
        line=row.line,
        question=row.question,
        colour=_colour(row, found.outcome, is_first_right, are_three_right),
        is_answerable=bool(row.parts),
        is_first_right=is_first_right,
        are_three_right=are_three_right,
        outcome=found.outcome,
        confidence=found.confidence,
        expected=" & ".join("|".join(sorted(part)) for part in row.parts),
        found=ids,
    )


def _whole(name: str) -> str:
    """Return the id of the whole answer: a later piece of a long one counts as it."""
    return name.partition("~")[0]


def _colour(row: GoldenRow, outcome: Outcome, is_first_right: bool, are_three_right: bool) -> Colour:
    if not row.parts:
        return Colour.GREEN if outcome is Outcome.NONE else Colour.RED
    if outcome is Outcome.NONE or not are_three_right:
        return Colour.RED
    return Colour.GREEN if is_first_right else Colour.AMBER


def _share(values: list[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
