"""Weights of the fusion; written by `scripts/fit_retrieval`, not by hand."""

from types import MappingProxyType

WEIGHTS = MappingProxyType(
    {
        "dense_asked": 3.397,
        "dense_text": -0.549,
        "dense_body": 2.472,
        "lexical_asked": -3.673,
        "lexical_text": 0.845,
        "lexical_body": -2.052,
        "covered_asked": 2.258,
        "covered_body": 2.667,
        "overlap_asked": 1.947,
        "pairs_asked": 2.052,
        "brevity_asked": -1.236,
        "dense_best": 5.354,
        "rank_dense": 1.197,
        "rank_asked": 0.582,
        "rank_lexical": 0.864,
    },
)

FIRST = (-5.530, 1.801, 0.455, 0.803, 0.454, 0.000, 4.852)
"""Weights of `calibration.SIGNALS` for "the first match answers", before a shop's own questions."""

ABOUT = (-4.678, 1.596, 0.156, 2.137, 0.924, 0.000, 3.841)
"""Weights of `calibration.SIGNALS` for "one of the first five answers", before a shop's own questions."""

SURE = 0.820
"""Probability from which the first match is given verbatim."""

NONE = 0.082
"""Probability under which nothing is about the question."""
