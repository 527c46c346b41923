"""Recommending: what goes with a basket at this hour and season, is there, pays, and may be eaten."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from math import sqrt

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from shopbell.loyalty.reckoning.answers import Advice, Limits
from shopbell.loyalty.reckoning.copurchase import Habit

LEAST_TOGETHER = 5
"""Receipts with both, below which the one is no reason for the other."""
_PAIRS_PRIOR, _HOURS_PRIOR, _MONTHS_PRIOR = 100.0, 50.0, 200.0
"""How many receipts it takes until what was counted weighs as much as what is usual."""
_MOST_BASKET = 8
_NEAR = (-1, 0, 1)
"""Hours around the one now that say what is bought at this time of day."""
Floats = npt.NDArray[np.float64]
_SAME_MARGIN = 0.5
_LEAST_LIFT = 1.05


class Ware(Struct, frozen=True, kw_only=True):
    """What the shop can offer now."""

    sku: str
    name: str
    category: str = ""
    price_minor: int = 0
    stock: int | None = None
    """Pieces; None: not counted."""
    diet: tuple[str, ...] = ()
    allergens: tuple[str, ...] = ()
    margin: float | None = None
    """Part of the price that is earned; None: not known."""


class Wanted(Struct, frozen=True, kw_only=True):
    """For whom and when."""

    basket: tuple[str, ...] = ()
    """SKUs in the basket, or what the customer usually buys."""
    at: datetime
    """On the shop's clock."""
    limits: Limits = Limits()
    usual: bool = False
    """The basket is what the customer usually buys, not what lies on the counter."""


class Adviser:
    """Scores articles by what was counted of receipts. Immutable."""

    def __init__(self, habits: Sequence[Habit]) -> None:
        self._habits = {each.sku: each for each in habits}
        self._rows = {each.sku: row for row, each in enumerate(habits)}
        pairs = np.array([each.pairs for each in habits], float)
        self._base = (pairs + 0.5) / (pairs.sum() + 0.5 * len(habits))
        self._share = np.array([each.receipts for each in habits], float)
        self._share /= max(self._share.sum(), 1.0)
        self._hours = np.array([each.hours for each in habits], float).reshape(-1, 24)
        self._months = np.array([each.months for each in habits], float).reshape(-1, 12)

    def advise(self, wanted: Wanted, shelf: Collection[Ware], *, limit: int = 3) -> tuple[Advice, ...]:
        """Return the best of the shelf; nothing that is sold out, in the basket, or against the limits."""
        held = set(wanted.basket) | set(wanted.limits.skus)
        allowed = [each for each in shelf if each.sku not in held and is_allowed(each, wanted.limits)]
        known = [each for each in allowed if each.sku in self._habits]
        chances = self._chances(wanted, [each.sku for each in known])
        order = sorted(
            zip(known, chances, strict=True),
            key=lambda pair: (-pair[1] * (_SAME_MARGIN + _margin(pair[0])), pair[0].sku),
        )
        return tuple(self._advice(ware, chance, wanted) for ware, chance in order[:limit])

    def _chances(self, wanted: Wanted, skus: Sequence[str]) -> list[float]:
        """Return the chance of each article to be the next of this basket.

        What is usual, times how much likelier each article of the basket makes this one, times how much
        likelier the hour and the month do. Articles of a basket say much the same thing: their logarithms are
        divided by the root of their number.
        """
        if not skus:
            return []
        basket = [self._habits[sku] for sku in wanted.basket if sku in self._habits][-_MOST_BASKET:]
        pull = np.zeros(len(self._base))
        for held in basket:
            pull += np.log(self._beside(held) / self._base)
        usual = self._base if basket else self._share  # alone, what is bought alone counts as much
        score = np.log(usual) + pull / sqrt(max(len(basket), 1)) + self._timely(wanted.at)
        part = score[[self._rows[sku] for sku in skus]]
        part = np.exp(part - part.max())
        return [float(one) for one in part / part.sum()]

    def _beside(self, held: Habit) -> Floats:
        """Return the chance of each article to be beside this one."""
        count = np.zeros(len(self._base))
        known = [(self._rows[sku], times) for sku, times in held.beside.items() if sku in self._rows]
        for row, times in known:
            count[row] = times
        return np.asarray((count + _PAIRS_PRIOR * self._base) / (held.pairs + _PAIRS_PRIOR))

    def _timely(self, at: datetime) -> Floats:
        """Return the logarithm of how much likelier hour and month make each article."""
        near = self._hours[:, [(at.hour + step) % 24 for step in _NEAR]].sum(axis=1)
        month = self._months[:, at.month - 1]
        by_hour = (near + _HOURS_PRIOR * self._share) / (near.sum() + _HOURS_PRIOR) / self._share
        by_month = (month + _MONTHS_PRIOR * self._share) / (month.sum() + _MONTHS_PRIOR) / self._share
        return np.asarray(np.log(by_hour * by_month))

    def _advice(self, ware: Ware, chance: float, wanted: Wanted) -> Advice:
        together, receipts, why = self._why(ware, wanted)
        return Advice(
            sku=ware.sku,
            name=ware.name,
            category=ware.category,
            price_minor=ware.price_minor,
            score=round(chance, 6),
            together=together,
            receipts=receipts,
            why=why,
        )

    def _lift(self, held: Habit, sku: str) -> float:
        return float((self._beside(held) / self._base)[self._rows[sku]])

    def _why(self, ware: Ware, wanted: Wanted) -> tuple[int, int, str]:
        """Return receipts with both, receipts with what speaks most for it in the basket, and why."""
        pairs = [
            (self._lift(self._habits[held], ware.sku), self._habits[held])
            for held in wanted.basket
            if held in self._habits and self._habits[held].beside.get(ware.sku, 0) >= LEAST_TOGETHER
        ]
        lift, best = max(pairs, key=lambda pair: pair[0], default=(0.0, None))
        if best is not None and lift >= _LEAST_LIFT:
            count = best.beside[ware.sku]
            share = round(100 * count / best.receipts)
            owner = "you often buy" if wanted.usual else "you have"
            why = (
                f"{best.name}, which {owner}, and {ware.name} go together: of {best.receipts} receipts with "
                f"the first, {count} ({max(share, 1)} %) had both."
            )
            return count, best.receipts, why
        habit = self._habits[ware.sku]
        near = sum(habit.hours[(wanted.at.hour + step) % 24] for step in _NEAR)
        why = f"It is liked here at this time of day: it was on {near} receipts around {wanted.at.hour}:00."
        return 0, habit.receipts, why


def is_allowed(ware: Ware, limits: Limits) -> bool:
    """Say whether an article is there and within the limits; what is not known to fit does not."""
    diets = {each.casefold() for each in ware.diet}
    if "vegan" in diets:
        diets.add("vegetarian")
    has = {each.casefold() for each in ware.allergens}
    return (
        (ware.stock is None or ware.stock > 0)
        and all(each.casefold() in diets for each in limits.diets)
        and not any(bad in one for bad in _words(limits.allergens) for one in has)
    )


def with_margins(shelf: Collection[Ware], margins: Mapping[str, float]) -> tuple[Ware, ...]:
    """Return the shelf with what is earned, by category."""
    by_name = {name.casefold(): share for name, share in margins.items()}
    return tuple(
        msgspec.structs.replace(each, margin=by_name.get(each.category.casefold(), each.margin))
        for each in shelf
    )


def _words(allergens: Collection[str]) -> list[str]:
    """Return the words without their plural: `nuts` is in `tree nuts` and `hazelnut`."""
    return [each.casefold().rstrip("s") for each in allergens]


def _margin(ware: Ware) -> float:
    return _SAME_MARGIN if ware.margin is None else ware.margin
