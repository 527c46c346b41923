"""Customers drawn as BG/NBD and Gamma-Gamma have it, with what they do in the year after."""

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from shopbell.loyalty.reckoning.bgnbd import Visits
from shopbell.loyalty.reckoning.fitting import Floats

TRUTH = (0.8, 15.0, 0.6, 4.0, 3.0, 4.0, 2500.0)
"""r, alpha (days), a, b, p, q, gamma (minor units)."""
YEAR = 365.0


class Crowd(Struct, frozen=True):
    """What is seen in a year, and what then comes: float64[n] each."""

    visits: Visits
    mean: Floats
    came: Floats
    spent: Floats
    alive: npt.NDArray[np.bool_]
    """When the first year ends."""


def crowd(seed: int, count: int) -> Crowd:
    """Draw customers who first come in the first ten months of a year."""
    random = np.random.default_rng(seed)
    rate, chance = random.gamma(TRUTH[0], 1 / TRUTH[1], count), random.beta(TRUTH[2], TRUTH[3], count)
    scale, age = random.gamma(TRUTH[5], 1 / TRUTH[6], count), YEAR - random.uniform(0, 300, count)
    repeats, last, paid, came, spent = np.zeros((5, count))
    now, here, alive = np.zeros(count), np.ones(count, bool), np.ones(count, bool)
    while here.any():
        now = now + random.exponential(1 / rate)
        here &= now <= age + YEAR
        price, early = random.gamma(TRUTH[4], 1 / scale), here & (now <= age)
        repeats += early
        last = np.where(early, now, last)
        paid += np.where(early, price, 0)
        came += here & ~early
        spent += np.where(here & ~early, price, 0)
        stops = here & (random.random(count) < chance)
        alive &= ~(stops & early)
        here &= ~stops
    return Crowd(Visits(repeats, last, age), paid / np.maximum(repeats, 1), came, spent, alive)
