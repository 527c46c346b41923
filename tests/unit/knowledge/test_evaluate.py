import json
from pathlib import Path

import msgspec
import pytest

from shopbell.knowledge.errors import BadRow
from shopbell.knowledge.evaluate import EvalReport, evaluate_files
from tests.fakes.embedding import HashedEmbedder

Row = dict[str, object]
DOCS: list[Row] = [
    {"id": "a", "title": "When are you open?", "also_asked": ["opening hours"], "text": "Eight to four."},
    {"id": "b", "title": "Do you sell gift cards?", "also_asked": [], "text": "Yes, from five pounds."},
]
QUERIES: list[Row] = [
    {"id": "1", "query": "opening times", "relevant": ["a"], "answerable": True, "answers": ["eight"]},
    {"id": "2", "query": "gift card", "relevant": ["b"], "answerable": True},
    {"id": "3", "query": "zzz qqq", "relevant": [], "answerable": False},
]


def write(folder: Path, docs: list[Row], queries: list[Row]) -> Path:
    (folder / "docs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in docs))
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in queries))
    return folder / "queries.jsonl"


def run(folder: Path, docs: list[Row], queries: list[Row]) -> EvalReport:
    return evaluate_files(folder, write(folder, docs, queries), HashedEmbedder(), folder / "scratch")


def test_measures_a_set(tmp_path: Path) -> None:
    """A set is measured beside each engine alone, and the report can be written as JSON."""
    report = run(tmp_path, DOCS, QUERIES)
    assert (report.docs, report.queries, report.answerable) == (2, 3, 2)
    assert report.fused.hit_1 == 1.0
    assert report.refusals.recall == 1.0
    assert {one.name for one in report.variants} == {
        "minilm title",
        "minilm title+text",
        "bm25 title",
        "bm25 title+text",
    }
    assert msgspec.json.decode(msgspec.json.encode(report), type=EvalReport) == report


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"id": "1"}', r"queries\.jsonl:1: .*query"),
        ("{", r"queries\.jsonl:1: "),
        ("", r"queries\.jsonl:1: an empty line"),
        ('{"id": "1", "query": "x", "relevant": ["q"]}', r"queries\.jsonl:1: relevant names 'q'"),
        ('{"id": "1", "query": "x"}', r"queries\.jsonl:1: answerable, but relevant is empty"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, line: str, fault: str) -> None:
    """A row that cannot be used is named with its file and line."""
    queries = write(tmp_path, DOCS, [])
    queries.write_text(line + "\n")
    with pytest.raises(BadRow, match=fault):
        evaluate_files(tmp_path, queries, HashedEmbedder(), tmp_path / "scratch")


def test_a_missing_file_and_a_double_id_are_named(tmp_path: Path) -> None:
    """Without documents, or with one id twice, the message says so."""
    with pytest.raises(BadRow, match=r"docs\.jsonl:1: there is no such file"):
        evaluate_files(tmp_path, tmp_path / "q.jsonl", HashedEmbedder(), tmp_path)
    with pytest.raises(BadRow, match="same id"):
        run(tmp_path, [DOCS[0], DOCS[0]], QUERIES[:1])


def test_a_set_without_questions_is_measured_as_nought(tmp_path: Path) -> None:
    """No question gives figures of nought, not a fault."""
    assert run(tmp_path, DOCS, []).fused.hit_1 == 0.0
