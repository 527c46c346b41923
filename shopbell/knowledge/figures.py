"""Figures: hit@k, recall@10, MRR and nDCG@10 of ranked lists, and how refusals fared."""

import math
import operator
from collections.abc import Sequence

from msgspec import Struct

DEPTH = 10
"""Ranks that are looked at."""


class Figures(Struct, frozen=True):
    """One search over the answerable questions of a set; all in [0, 1]."""

    name: str
    hit_1: float
    """Share of questions whose first match is relevant."""
    hit_3: float
    hit_5: float
    recall_10: float
    """Mean share of the relevant passages among the first ten."""
    mrr: float
    """Mean of 1 / rank of the first relevant match, 0 beyond the tenth."""
    ndcg_10: float
    """Discounted gain of the first ten over the best possible (Jaervelin and Kekaelaeinen 2002)."""


class Refusals(Struct, frozen=True):
    """Refused is what the search calls `none`; the model may refuse more later."""

    refused: int
    unanswerable: int
    precision: float | None
    """Share of the refused that are unanswerable; None if nothing was refused."""
    recall: float | None
    """Share of the unanswerable that are refused; None if the set has none."""
    false_refusals: float | None
    """Share of the answerable that are refused; None if the set has none."""


class Verbatim(Struct, frozen=True):
    """What the search calls `sure`: given in the shop's own words, without the model."""

    given: int
    share: float | None
    """Share of all questions."""
    precision: float | None
    """Share of those given whose first match is relevant; an unanswerable question given counts as wrong."""


def figures(name: str, found: Sequence[Sequence[str]], relevant: Sequence[Sequence[str]]) -> Figures:
    """Measure ranked ids against the relevant ones, question by question."""
    rows = [_row(ids[:DEPTH], set(wanted)) for ids, wanted in zip(found, relevant, strict=True)]
    columns = list(zip(*rows, strict=True)) if rows else [(0.0,)] * 6
    return Figures(name, *(sum(column) / len(column) for column in columns))


def refusals(refused: Sequence[bool], answerable: Sequence[bool]) -> Refusals:
    """Count refusals against what could be answered."""
    unanswerable = sum(not can for can in answerable)
    right = sum(no and not can for no, can in zip(refused, answerable, strict=True))
    total = sum(refused)
    return Refusals(
        refused=total,
        unanswerable=unanswerable,
        precision=_share(right, total),
        recall=_share(right, unanswerable),
        false_refusals=_share(total - right, len(answerable) - unanswerable),
    )


def verbatim(sure: Sequence[bool], right: Sequence[bool]) -> Verbatim:
    """Count what was sure, and how often rightly."""
    given = sum(sure)
    return Verbatim(given, _share(given, len(sure)), _share(sum(map(operator.and_, sure, right)), given))


def best_of(variants: Sequence[Figures], engine: str) -> Figures:
    """Return the best variant of an engine by hit@1."""
    return max((one for one in variants if one.name.startswith(engine)), key=lambda one: one.hit_1)


def _row(ids: Sequence[str], wanted: set[str]) -> tuple[float, ...]:
    hits = [name in wanted for name in ids]
    first = hits.index(True) + 1 if any(hits) else 0
    gain = sum(1.0 / math.log2(rank + 1) for rank, hit in enumerate(hits, start=1) if hit)
    ideal = sum(1.0 / math.log2(rank + 1) for rank in range(1, min(len(wanted), DEPTH) + 1))
    return (
        float(any(hits[:1])),
        float(any(hits[:3])),
        float(any(hits[:5])),
        sum(hits) / len(wanted) if wanted else 0.0,
        1.0 / first if first else 0.0,
        gain / ideal if ideal else 0.0,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
