"""Weights of the fusion; written by `scripts/fit_retrieval`, not by hand."""

from types import MappingProxyType

WEIGHTS = MappingProxyType(
    {
        "dense_asked": 2.442,
        "dense_text": 0.877,
        "dense_body": 2.730,
        "lexical_asked": -0.316,
        "lexical_text": -0.568,
        "lexical_body": -0.097,
        "covered_asked": -0.350,
        "covered_body": -0.048,
        "overlap_asked": 2.727,
        "pairs_asked": 3.222,
        "brevity_asked": -0.408,
        "late": 7.819,
        "dense_best": 1.137,
        "rank_dense": 1.589,
        "rank_asked": 0.895,
        "rank_lexical": 1.497,
        "rank_late": 0.363,
    },
)
"""Of a shop that has titles alone."""

WORDED = MappingProxyType(
    {
        "dense_asked": -0.704,
        "dense_text": 1.431,
        "dense_body": 0.897,
        "lexical_asked": 0.265,
        "lexical_text": 0.464,
        "lexical_body": 0.196,
        "covered_asked": -1.185,
        "covered_body": 0.144,
        "overlap_asked": -1.043,
        "pairs_asked": -0.676,
        "brevity_asked": 1.516,
        "late": 5.749,
        "dense_best": -0.567,
        "rank_dense": -1.153,
        "rank_asked": 0.544,
        "rank_lexical": -0.824,
        "rank_late": 2.181,
    },
)
"""What is added where customers' wordings stand beside the titles."""

FIRST = (-4.841, 0.316, 0.432, 2.272, 0.053, 0.309, 4.490)
"""Weights of `calibration.SIGNALS` for "the first match answers", before a shop's own questions."""

ABOUT = (-4.195, 0.884, 0.274, 2.560, 0.560, 0.000, 3.021)
"""Weights of `calibration.SIGNALS` for "one of the first five answers", before a shop's own questions."""

SURE = 0.871
"""Probability from which the first match is given verbatim."""

NONE = 0.067
"""Probability under which nothing is about the question."""
