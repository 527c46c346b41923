"""Evaluation: any outside set of passages and questions, measured beside BM25 and MiniLM alone."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

import bm25s
import msgspec
import numpy as np
from msgspec import Struct

from shopbell.knowledge.embedding import Embedder
from shopbell.knowledge.errors import BadRow
from shopbell.knowledge.figures import Figures, Refusals, Verbatim, best_of, figures, refusals, verbatim
from shopbell.knowledge.index import VectorIndex
from shopbell.knowledge.lexical import Scores
from shopbell.knowledge.passage import Outcome, Passage
from shopbell.knowledge.retriever import build_retriever
from shopbell.knowledge.synonyms import Synonyms
from shopbell.knowledge.words import stems
from shopbell.knowledge.wordstore import WordStore

_ANY_DAY = date(2000, 1, 1)
"""The passages of an outside set are always valid."""


class Doc(Struct, frozen=True):
    """A line of docs.jsonl."""

    id: str
    title: str
    text: str = ""
    also_asked: tuple[str, ...] = ()


class Query(Struct, frozen=True):
    """A line of a queries file; other keys are ignored."""

    id: str
    query: str
    relevant: tuple[str, ...] = ()
    answerable: bool = True


class EvalReport(Struct, frozen=True, kw_only=True):
    """One set, three searches."""

    docs: int
    queries: int
    answerable: int
    fused: Figures
    bm25: Figures
    """The better of BM25 on titles and on title and text, by hit@1."""
    minilm: Figures
    """The better of MiniLM on titles and on title and text, by hit@1."""
    variants: tuple[Figures, ...]
    """All single searches, each by its name."""
    refusals: Refusals
    verbatim: Verbatim
    ms_p50: float
    """Milliseconds of a whole search, median."""
    ms_p95: float
    publish_seconds: float
    """Seconds to embed, index and calibrate the passages."""


Row = TypeVar("Row", Doc, Query)


def evaluate_files(docs_dir: Path, queries: Path, embedder: Embedder, scratch: Path) -> EvalReport:
    """Measure `docs_dir`/docs.jsonl with a file of queries; raise `BadRow` with file and line."""
    documents = list(_read(docs_dir / "docs.jsonl", Doc))
    known = {doc.id for doc in documents}
    if len(known) < len(documents):
        raise BadRow(docs_dir / "docs.jsonl", len(documents), "two documents have the same id")
    questions = []
    for line, query in enumerate(_read(queries, Query), start=1):
        unknown = [name for name in query.relevant if name not in known]
        if unknown:
            raise BadRow(queries, line, f"relevant names {unknown[0]!r}, which docs.jsonl does not hold")
        if query.answerable and not query.relevant:
            raise BadRow(queries, line, "answerable, but relevant is empty")
        questions.append(query)
    return evaluate(documents, questions, embedder, scratch)


def evaluate(
    docs: Sequence[Doc],
    queries: Sequence[Query],
    embedder: Embedder,
    data_dir: Path,
    synonyms: Synonyms | None = None,
) -> EvalReport:
    """Publish the documents in `data_dir` as a shop's and ask every query, as a customer would."""
    passages = [Passage(id=d.id, title=d.title, text=d.text, also_asked=d.also_asked) for d in docs]
    start = time.perf_counter()
    retriever = build_retriever(passages, embedder, data_dir, synonyms)
    publish_seconds = time.perf_counter() - start
    found, outcomes, seconds = [], [], []
    for query in queries:
        result = retriever.search(query.query, limit=10, today=_ANY_DAY)
        found.append([match.passage.id for match in result.matches])
        outcomes.append(result.outcome)
        seconds.append(result.seconds)
    asked = [query for query in queries if query.answerable]
    variants = tuple(_singles(passages, asked, embedder, data_dir))
    spent = np.percentile(np.array(seconds or [0.0]) * 1000.0, [50, 95])
    ours = [ids for ids, query in zip(found, queries, strict=True) if query.answerable]
    firsts = [bool(ids) and ids[0] in query.relevant for ids, query in zip(found, queries, strict=True)]
    return EvalReport(
        docs=len(docs),
        queries=len(queries),
        answerable=len(asked),
        fused=figures("fused", ours, [query.relevant for query in asked]),
        bm25=best_of(variants, "bm25"),
        minilm=best_of(variants, "minilm"),
        variants=variants,
        refusals=refusals([o is Outcome.NONE for o in outcomes], [q.answerable for q in queries]),
        verbatim=verbatim([outcome is Outcome.SURE for outcome in outcomes], firsts),
        ms_p50=float(spent[0]),
        ms_p95=float(spent[1]),
        publish_seconds=publish_seconds,
    )


def _singles(
    passages: Sequence[Passage], queries: Sequence[Query], embedder: Embedder, data_dir: Path
) -> Iterator[Figures]:
    """Measure each engine alone, on titles and on title and text."""
    index = VectorIndex(data_dir / "vectors", embedder, WordStore(data_dir / "words.npz"))
    vectors = index.vectors(passages)
    index.close()
    questions = embedder.embed([query.query for query in queries])
    fields = {"title": vectors.asked[_first_rows(passages)], "title+text": vectors.body}
    ids = [passage.id for passage in passages]
    relevant = [query.relevant for query in queries]
    for name, rows in fields.items():
        near = questions @ rows.T
        yield figures(f"minilm {name}", [_top(scores, ids) for scores in near], relevant)
    for name, texts in (
        ("title", [passage.title for passage in passages]),
        ("title+text", [f"{passage.title}\n{passage.text}" for passage in passages]),
    ):
        score = _bm25(texts)
        yield figures(f"bm25 {name}", [_top(score(query.query), ids) for query in queries], relevant)


def _first_rows(passages: Sequence[Passage]) -> list[int]:
    sizes = [1 + len(passage.also_asked) for passage in passages]
    return [sum(sizes[:number]) for number in range(len(sizes))]


def _bm25(texts: Sequence[str]) -> Callable[[str], Scores]:
    """Plain BM25 over stems, no more."""
    index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    index.index([stems(text) or [""] for text in texts], show_progress=False)

    def score(question: str) -> Scores:
        known = [word for word in stems(question) if word in index.vocab_dict]
        if not known:
            return np.zeros(len(texts), dtype=np.float32)
        return np.asarray(index.get_scores(known), dtype=np.float32)

    return score


def _top(scores: Scores, ids: Sequence[str]) -> list[str]:
    return [ids[int(row)] for row in np.argsort(-scores, kind="stable")[:10]]


def _read(path: Path, kind: type[Row]) -> Iterator[Row]:
    if not path.is_file():
        raise BadRow(path, 1, "there is no such file")
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                raise BadRow(path, number, "an empty line; each line holds one JSON object")
            try:
                yield msgspec.json.decode(line, type=kind)
            except msgspec.DecodeError as fault:
                raise BadRow(path, number, str(fault)) from fault
