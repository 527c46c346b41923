"""Redeeming: a reward is set aside under a code, for exactly the points that were said. Pure."""

import re

from shopbell.assistant.flows import plain
from shopbell.assistant.flows.forms import Question, Slots
from shopbell.assistant.flows.sight import Sight
from shopbell.assistant.flows.task import Deed, Redeem
from shopbell.loyalty.answers import Offer
from shopbell.loyalty.money import plural

_IDLE = frozenset(
    "a an the any my i want to use get redeem please for with points point reward off now of and".split()
)


class RedeemForm:
    """Sets a reward aside."""

    flow = "redeem"
    is_private = True

    def begin(self, text: str, sight: Sight) -> Slots | str:
        """Return the reward that was named, if one was."""
        if not _open(sight):
            return _nothing(sight)
        named = self.read("reward", text, sight)
        return (("reward", named),) if named else ()

    def missing(self, slots: Slots, sight: Sight) -> Question | None:
        """Ask which reward, unless there is but one."""
        if dict(slots).get("reward") or len(_open(sight)) == 1:
            return None
        listed = "; ".join(f"{number}: {_priced(one)}" for number, one in enumerate(_open(sight), 1))
        return Question(slot="reward", text=f"You have {plural(sight.points, 'point')}. Which one? {listed}.")

    def read(self, _slot: str, text: str, sight: Sight) -> str:
        """Return the id of the reward that is named, by its number in the list or its words."""
        offers = _open(sight)
        place = plain.number(text)
        if place is not None and len(text.split()) <= 3 and 1 <= place <= len(offers):  # noqa: PLR2004 - "number 2 please"
            return offers[place - 1].reward
        said = _words(text)
        scored = [(len(said & _words(f"{one.name} {one.reward}")), one.reward) for one in offers]
        best = max((score for score, _ in scored), default=0)
        found = [reward for score, reward in scored if score == best]
        return found[0] if best and len(found) == 1 else ""

    def deed(self, slots: Slots, sight: Sight) -> Deed | str:
        """Return what is set aside, and for how much."""
        wanted = dict(slots).get("reward")
        offers = [one for one in _open(sight) if one.reward == wanted or wanted is None]
        if len(offers) != 1:
            return _nothing(sight)
        return Redeem(reward=offers[0].reward, name=offers[0].name, cost=_cost(offers[0]))

    def echo(self, deed: Deed, sight: Sight) -> str:
        """Ask for the yes, with the price and what is left."""
        if not isinstance(deed, Redeem):
            return ""
        if not deed.cost:
            return f"Shall I set aside {deed.name} for you, at no points? (yes or no)"
        left = sight.points - deed.cost
        return (
            f"That takes {plural(deed.cost, 'point')} for {deed.name}; you have {sight.points:,}, so "
            f"{left:,} are left. Shall I do that? (yes or no)"
        )


def _open(sight: Sight) -> list[Offer]:
    return [one for one in sight.offers if one.can]


def _cost(offer: Offer) -> int:
    return 0 if offer.owned else offer.cost


def _priced(offer: Offer) -> str:
    return (
        f"{offer.name} ({plural(offer.cost, 'point')})" if _cost(offer) else f"{offer.name} (yours already)"
    )


def _nothing(sight: Sight) -> str:
    near = [one for one in sight.offers if one.cost > sight.points and not one.owned]
    text = f"You have {plural(sight.points, 'point')}, and nothing can be redeemed at the moment."
    if near:
        first = min(near, key=lambda one: one.cost)
        text += f" {plural(first.cost - sight.points, 'point')} more and it is {first.name}."
    return text


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in _IDLE}
