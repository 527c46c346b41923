"""Weights of the fusion; written by `scripts/fit_retrieval`, not by hand."""

from types import MappingProxyType

WEIGHTS = MappingProxyType(
    {
        "dense_asked": 3.296,
        "dense_text": 0.095,
        "dense_body": 1.799,
        "lexical_asked": -2.000,
        "lexical_text": 0.056,
        "lexical_body": -0.350,
        "covered_asked": 1.067,
        "covered_body": 1.778,
        "overlap_asked": 1.207,
        "pairs_asked": 1.760,
        "brevity_asked": -1.355,
        "dense_best": 3.559,
        "rank_dense": 0.876,
        "rank_asked": 0.458,
        "rank_lexical": 0.729,
    },
)

FIRST = (-5.118, 1.498, 0.473, 1.192, 0.461, 0.363, 4.861)
"""Weights of `calibration.SIGNALS` for "the first match answers", before a shop's own questions."""

ABOUT = (-4.603, 1.884, 0.194, 2.354, 1.012, -0.289, 3.865)
"""Weights of `calibration.SIGNALS` for "one of the first five answers", before a shop's own questions."""

SURE = 0.973
"""Probability from which the first match is given verbatim."""

NONE = 0.132
"""Probability under which nothing is about the question."""
