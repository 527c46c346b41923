"""The sets the fusion is fitted on: FAQ and paragraph search, intents turned into a FAQ, the demo shop.

Of the public sets the development halves only; nothing of them is kept but the coefficients. The
demo shop is asked our own questions (lantern_questions.csv), never those of its golden.csv.
"""

import csv
import hashlib
import json
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import Struct

from shopbell.knowledge.embedding import MiniLM, Vectors
from shopbell.knowledge.ingest import Ingest
from shopbell.knowledge.passage import Passage
from shopbell.storage.database import open_database


class Ask(Struct, frozen=True):
    """A question with the passages that answer it; none if nothing does."""

    text: str
    relevant: tuple[str, ...]
    group: str
    """Questions of one group are never on both sides of a cross-validation."""
    about: bool = True
    """Whether the shop has anything on the matter, answer or not."""


class Set(Struct, frozen=True):
    """One set of passages and questions."""

    name: str
    family: str
    """Sets of one source; left out together."""
    weight: float
    passages: tuple[Passage, ...]
    asks: tuple[Ask, ...]


WEIGHTS = {"covidfaq": 3.0, "stackfaq": 2.0, "squad2": 2.0}
"""Sets with questions people really asked, or passages of real length, count more than made-up FAQs."""

INTENTS = (
    ("banking77", 0, False, 1.0),
    ("banking77", 3, True, 2.0),
    ("clinc150", 0, False, 1.0),
    ("clinc150", 2, True, 1.0),
)
"""Source, other wordings per entry, whether the title is the bare label, weight."""

QUESTIONS = 6
"""Questions asked of each entry made of an intent."""


QUESTIONS_OF_SHOP = Path(__file__).parent / "lantern_questions.csv"
SHOP = Path(__file__).resolve().parents[1] / "examples" / "lantern-street"


def sets(data: Path, count: Callable[[str], int]) -> list[Set]:
    """Read the sets under `data`, retrieval/*/{docs,queries}.jsonl and intents/*/*.jsonl, and the demo shop.

    `count` counts word pieces, by which the shop's texts are cut.
    """
    found = [_retrieval(data / "retrieval" / name, weight) for name, weight in WEIGHTS.items()]
    return [*found, _shop(count)] + [
        _intents(data / "intents" / name, number, others, bare, weight)
        for number, (name, others, bare, weight) in enumerate(INTENTS)
    ]


def _retrieval(folder: Path, weight: float) -> Set:
    docs = [
        Passage(id=row["id"], title=row["title"], text=row["text"], also_asked=tuple(row["also_asked"]))
        for row in _rows(folder / "docs.jsonl")
    ]
    asks = [
        Ask(row["query"], tuple(row["relevant"]) if row["answerable"] else (), _group(row["relevant"]))
        for row in _rows(folder / "queries.jsonl")
    ]
    return Set(folder.name, folder.name, weight, tuple(docs), tuple(asks))


def _shop(count: Callable[[str], int]) -> Set:
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(Path(folder) / "shop.db")
        passages = Ingest(engine, count, ZoneInfo("Europe/London")).run(SHOP).passages
        engine.dispose()
    with QUESTIONS_OF_SHOP.open(encoding="utf-8") as file:
        asks = [
            Ask(row["question"], tuple(row["expect"].split()), row["expect"]) for row in csv.DictReader(file)
        ]
    return Set("demo shop", "demo shop", 1.0, tuple(passages), tuple(asks))


def _group(relevant: Sequence[str]) -> str:
    """Name the document or, where a thread has several answers (t000a0), the thread."""
    first = min(relevant, default="")
    return first.partition("a")[0] if first.startswith("t") else first


def _intents(folder: Path, number: int, others: int, bare: bool, weight: float) -> Set:
    rng = random.Random(number)
    by_label: dict[str, list[str]] = {}
    for row in _rows(folder / "train.jsonl"):
        by_label.setdefault(row["label"], []).append(row["text"])
    strange = by_label.pop("oos", [])
    passages, asks = [], [Ask(text, (), text, about=False) for text in strange]
    for label, texts in sorted(by_label.items()):
        drawn = rng.sample(sorted(set(texts)), min(len(set(texts)), 1 + others + QUESTIONS))
        title = label.replace("_", " ") if bare else drawn[0]
        passages.append(Passage(id=label, title=title, text="", also_asked=tuple(drawn[1 : 1 + others])))
        asks += [Ask(text, (label,), label) for text in drawn[1 + others :]]
    return Set(f"{folder.name}-{others}", folder.name, weight, tuple(passages), tuple(asks))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


class Kept:
    """MiniLM with its vectors kept in a file, so that a second fit embeds nothing."""

    def __init__(self, folder: Path, cache: Path) -> None:
        """Load the model, and the vectors of a former run if they are of the same model."""
        self._model = MiniLM(folder)
        self._path = cache / f"vectors-{self.fingerprint}.npz"
        self._known: dict[str, Vectors] = {}
        if self._path.is_file():
            held = np.load(self._path)
            self._known = dict(zip(held["keys"].tolist(), held["rows"], strict=True))

    @property
    def fingerprint(self) -> str:
        """Return the model's own."""
        return self._model.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32[len(texts), 384]."""
        keys = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        self._known.update(zip(fresh, self._model.embed(list(fresh.values())), strict=True))
        return np.stack([self._known[key] for key in keys])

    def token_count(self, text: str) -> int:
        """Count word pieces."""
        return self._model.token_count(text)

    def is_word(self, word: str) -> bool:
        """Say whether `word` is an everyday word."""
        return self._model.is_word(word)

    def save(self) -> None:
        """Keep the vectors for another run."""
        np.savez(self._path, keys=np.array(list(self._known)), rows=np.array(list(self._known.values())))
