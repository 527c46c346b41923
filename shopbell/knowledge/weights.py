"""Weights of the fusion; written by `scripts/fit_retrieval`, not by hand."""

from types import MappingProxyType

WEIGHTS = MappingProxyType(
    {
        "dense_asked": 3.027,
        "dense_text": -0.797,
        "dense_body": 2.734,
        "lexical_asked": -3.786,
        "lexical_text": 0.931,
        "lexical_body": -2.240,
        "covered_asked": 2.396,
        "covered_body": 2.567,
        "overlap_asked": 2.167,
        "pairs_asked": 2.111,
        "brevity_asked": -1.058,
        "dense_best": 5.627,
        "rank_dense": 0.997,
        "rank_asked": 0.568,
        "rank_lexical": 0.941,
    },
)

FIRST = (-5.472, 1.770, 0.461, 0.786, 0.426, 0.000, 4.813)
"""Weights of `calibration.SIGNALS` for "the first match answers", before a shop's own questions."""

ABOUT = (-4.703, 1.634, 0.160, 2.056, 0.944, 0.000, 3.872)
"""Weights of `calibration.SIGNALS` for "one of the first five answers", before a shop's own questions."""

SURE = 0.810
"""Probability from which the first match is given verbatim."""

NONE = 0.082
"""Probability under which nothing is about the question."""
