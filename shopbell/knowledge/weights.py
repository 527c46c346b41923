"""Weights of the fusion; written by `scripts/fit_retrieval`, not by hand."""

from types import MappingProxyType

WEIGHTS = MappingProxyType(
    {
        "dense_asked": 3.07,
        "dense_text": 0.0,
        "dense_body": 2.5,
        "lexical_asked": 0.0,
        "lexical_text": 0.0,
        "lexical_body": 0.0,
        "covered_asked": 0.4,
        "covered_body": 2.2,
        "overlap_asked": 0.5,
        "pairs_asked": 1.6,
        "brevity_asked": 0.3,
        "dense_best": 3.7,
        "rank_dense": 0.5,
        "rank_asked": 1.2,
        "rank_lexical": 0.5,
    },
)

FIRST = (-6.0, 3.0, 2.0, 3.0, 1.5, 1.0, 1.0)
"""Weights of `calibration.SIGNALS` for "the first match answers", before a shop's own questions."""

ABOUT = (-6.0, 3.0, 0.5, 5.0, 2.0, 0.5, 2.0)
"""The same for "one of the first five answers"."""
