"""Weights of the fusion; written by `scripts/fit_retrieval`, not by hand."""

from types import MappingProxyType

WEIGHTS = MappingProxyType(
    {
        "dense_asked": 2.080,
        "dense_text": 1.376,
        "dense_body": 2.575,
        "lexical_asked": -0.324,
        "lexical_text": -1.539,
        "lexical_body": 0.393,
        "covered_asked": -1.217,
        "covered_body": -0.376,
        "overlap_asked": 2.530,
        "pairs_asked": 2.627,
        "brevity_asked": 0.003,
        "late": 8.149,
        "dense_best": 1.595,
        "rank_dense": 0.910,
        "rank_asked": 0.775,
        "rank_lexical": 0.897,
        "rank_late": 0.668,
    },
)

FIRST = (-5.464, 3.184, 0.549, 0.000, 0.000, 0.000, 3.300)
"""Weights of `calibration.SIGNALS` for "the first match answers", before a shop's own questions."""

ABOUT = (-4.413, 2.840, 0.307, 1.224, 0.037, 0.000, 1.235)
"""Weights of `calibration.SIGNALS` for "one of the first five answers", before a shop's own questions."""

SURE = 0.913
"""Probability from which the first match is given verbatim."""

NONE = 0.130
"""Probability under which nothing is about the question."""
