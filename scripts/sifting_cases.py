"""Notes and questions that the sieve is fitted on: which were found together, and whether rightly."""

import csv
import shutil
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from reading_sets import squad

from shopbell.assistant.bootstrap import Here
from shopbell.assistant.flows.products import ProductFlow
from shopbell.assistant.settings import Settings, load
from shopbell.assistant.shelf import Shelf
from shopbell.assistant.turn import Turn
from shopbell.knowledge.library import Library
from shopbell.knowledge.passage import Outcome, Passage

ROOT = Path(__file__).resolve().parent
DEMO = ROOT.parent / "examples" / "lantern-street"
FIRST_GOLDEN = ROOT / "lantern_golden_first.csv"
HELD = ("bikes", "butcher", "demo", "garden", "wine")
"""Shops that no weight is fitted on: how well they were fitted, and the thresholds, are taken from these.
Four were drawn by lot; the demo shop is there with its first golden set."""
LOOKED_AT = 3
"""Notes of each question that are looked at."""
SQUAD = "squad2"
ASKED_AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
"""When all questions are asked; prices and stock are of then."""


class Case(Struct, frozen=True):
    """One note and one question."""

    shop: str
    question: str
    passage: Passage
    place: int
    answerable: bool
    """Whether anything in the shop answers the question."""
    right: bool
    """Whether this note does."""


class Head(Struct, frozen=True, kw_only=True):
    """The sum over a layer's states that was learned with the beginning."""

    weights: tuple[float, ...]
    bias: float
    fitted_on: str


def shops(scratch: Path) -> Iterator[tuple[str, Path, list[tuple[str, str]]]]:
    """Yield each shop's name, its folder, and questions with the note expected, empty for none."""
    yield "demo", DEMO, _rows(FIRST_GOLDEN)
    for source in sorted((ROOT / "fit_shops").iterdir()):
        folder = scratch / source.name
        (folder / "faq").mkdir(parents=True)
        shutil.copy(source / "faq.md", folder / "faq")
        shutil.copy(DEMO / "shop.toml", folder)
        yield source.name, folder, _rows(source / "questions.csv")


def cases(
    here: Here,
    scratch: Path,
    *,
    only: Collection[str] = (),
    step: int = 1,
    articles: Path | None = None,
) -> Iterator[Case]:
    """Yield the notes found for every `step`-th question the search was unsure of; then articles'.

    Of all shops, or of those in `only`. Products have their price and stock with them, and questions that
    the catalogue answers are left out, as they never come to the sieve.
    """
    for shop, folder, rows in shops(scratch):
        if not only or shop in only:
            yield from _cases_of(shop, here.open_library(folder), load(folder), rows[::step])
    if articles is not None:
        for one in squad(articles):
            if one.part != "test":
                yield Case(SQUAD, one.query, one.passage, 0, one.answerable, one.answerable)


def _cases_of(
    shop: str, library: Library, settings: Settings, rows: Sequence[tuple[str, str]]
) -> Iterator[Case]:
    """Yield the cases of one shop, and close its library."""
    now = ASKED_AT.astimezone(settings.zone)
    prices = ProductFlow(lambda: library.catalogue, settings.shop.currency)
    shelf = Shelf(library, prices, lambda: now)
    for question, expected in rows:
        found = shelf.search(question)
        if found.outcome is not Outcome.UNSURE:
            continue
        if prices.answer(Turn(conversation=shop, text=question, now=now)):
            continue
        for place, match in enumerate(found.matches[:LOOKED_AT]):
            right = match.passage.id in _ids(expected)
            yield Case(shop, question, match.passage, place, bool(expected), right)
    library.close()


def _rows(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["question"], row["expect"].strip()) for row in csv.DictReader(file)]


def _ids(expected: str) -> set[str]:
    names = expected.replace("|", " ").replace(";", " ").split()
    return {*names, *(f"faq#{name}" for name in names)}
