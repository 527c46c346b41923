"""RFM: recency, frequency and money in fifths; who is alike gets the same fifth, however many they are."""

import numpy as np

from shopbell.loyalty.reckoning.fitting import Floats, Ints

BEST, GOOD, LOW = 5, 4, 2


def fifths(values: Floats) -> Ints:
    """Return int64[n], 5 for the greatest: by the middle rank, so that equal values share a fifth.

    Where half of all are equal there are no five groups, and none are made up.
    """
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    _, place, many = np.unique(values, return_inverse=True, return_counts=True)
    middle = (np.cumsum(many) - many / 2) / len(values)
    return np.asarray(np.minimum(1 + np.floor(middle * BEST), BEST).astype(np.int64)[place])


def group(recency: int, frequency: int, money: int, visits: int) -> str:
    """Return the group of these fifths, one for each customer."""
    if visits <= LOW:
        return "new" if recency >= GOOD else "tried"
    if recency >= GOOD:
        return "champions" if min(frequency, money) >= GOOD else "active"
    if recency <= LOW:
        return "cooling" if max(frequency, money) >= GOOD else "asleep"
    return "loyal" if frequency >= GOOD else "steady"


GROUPS = {
    "champions": "Champions: here lately, often, and for much",
    "loyal": "Loyal: come often, and were here not long ago",
    "active": "Active: here lately",
    "steady": "Steady: in the middle of everything",
    "cooling": "Cooling: came often or paid much, and have not been here for long",
    "asleep": "Asleep: came seldom, and have not been here for long",
    "new": "New: one or two visits, lately",
    "tried": "Tried: one or two visits, long ago",
}
"""Group -> how people read it."""
