"""Golden questions: what the owner expects to be found, asked again on every edit."""

from collections.abc import Callable, Collection
from enum import StrEnum

from msgspec import Struct

from shopbell.knowledge.files import SourceFile, decode
from shopbell.knowledge.passage import Outcome, Retrieval
from shopbell.knowledge.problem import Notes, Problem
from shopbell.knowledge.tables import Row, csv_rows, named_rows

COLUMNS = ("question", "expect", "note")
REQUIRED = ("question", "expect")

Search = Callable[[str], Retrieval]


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
    """Something needed is not among the first three, or a question was answered that cannot be, or refused that can."""


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


def read_golden(file: SourceFile, known: Collection[str], notes: Notes) -> tuple[GoldenRow, ...]:
    """Read golden.csv; rows that name an unknown passage are noted and left out.

    Raises `FileRefused` when its head is wrong or it is no text.
    """
    rows = []
    for row in named_rows(csv_rows(decode(file, notes), notes), notes, columns=COLUMNS, required=REQUIRED):
        try:
            rows.append(_golden_row(row, known))
        except ValueError as fault:
            notes.error(row.line, f"The row is left out: {fault}")
    return tuple(rows)


def check(rows: tuple[GoldenRow, ...], search: Search, problems: tuple[Problem, ...] = ()) -> GoldenReport:
    """Ask every question and count."""
    checked = tuple(_checked(row, search(row.question)) for row in rows)
    answerable = [row for row in checked if row.is_answerable]
    unanswerable = [row for row in checked if not row.is_answerable]
    return GoldenReport(
        rows=checked,
        problems=problems,
        answerable=len(answerable),
        unanswerable=len(unanswerable),
        recall_at_1=_share([row.is_first_right for row in answerable]),
        recall_at_3=_share([row.are_three_right for row in answerable]),
        refused=_share([row.outcome is Outcome.NONE for row in unanswerable]),
        wrongly_refused=_share([row.outcome is Outcome.NONE for row in answerable]),
    )


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


def _checked(row: GoldenRow, found: Retrieval) -> Checked:
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
