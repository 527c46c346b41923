"""Forgetting: one thing that is remembered, or all of it, deleted by asking. Pure."""

import re

from shopbell.assistant.flows import plain
from shopbell.assistant.flows.forms import Question, Slots
from shopbell.assistant.flows.sight import Sight
from shopbell.assistant.flows.task import Deed, Unremember
from shopbell.knowledge.history import Remembered
from shopbell.loyalty.money import plural

MOST = 8
"""Things listed at once, the newest first."""
SHORT = 80
NOTHING = "I remember nothing about you, so there is nothing to forget."
_ALL = re.compile(r"\b(all|everything|each|every one)\b", re.IGNORECASE)
_IDLE = frozenset(
    "a about and any did do for forget delete remove erase i it me my note of one please remember "
    "remembered said say something that the thing told what which you your".split()
)


class UnrememberForm:
    """Forgets what the customer names among the things remembered."""

    flow = "unremember"
    is_private = True

    def begin(self, text: str, sight: Sight) -> Slots | str:
        """Take what was named; refuse where nothing is remembered."""
        if not sight.remembered:
            return NOTHING
        only = str(sight.remembered[0].number) if len(sight.remembered) == 1 else ""
        which = only or self._named(text, sight)
        return (("which", which),) if which else ()

    def missing(self, slots: Slots, sight: Sight) -> Question | None:
        """Ask which one."""
        if "which" in dict(slots):
            return None
        shown = "; ".join(f"{at}: “{one.text[:SHORT]}”" for at, one in enumerate(sight.remembered[:MOST], 1))
        return Question(slot="which", text=f"Which one shall I forget? {shown}. Or say “all”.")

    def read(self, _slot: str, text: str, sight: Sight) -> str:
        """Return the number of the one that is meant by its place or its words; `0` for all."""
        if _ALL.search(text):
            return "0"
        place = plain.number(text)
        if place is not None and 1 <= place <= len(sight.remembered[:MOST]):
            return str(sight.remembered[place - 1].number)
        return self._named(text, sight)

    def deed(self, slots: Slots, sight: Sight) -> Deed | str:
        """Return what is forgotten."""
        number = int(dict(slots)["which"])
        found = [one.text for one in sight.remembered if number in {0, one.number}]
        return Unremember(number=number, text="; ".join(found)) if found else NOTHING

    def echo(self, deed: Deed, sight: Sight) -> str:
        """Ask for the yes, with the words, or how many things it is."""
        if not isinstance(deed, Unremember):
            return ""
        all_of_it = plural(len(sight.remembered), "thing")
        what = f"“{deed.text}”" if deed.number else f"all {all_of_it} I remember about you"
        return f"I will forget {what}. Right? (yes or no)"

    @staticmethod
    def _named(text: str, sight: Sight) -> str:
        said = _words(text)
        scored = [(len(said & _words(one.text)), one) for one in sight.remembered]
        best = max((score for score, _ in scored), default=0)
        found: list[Remembered] = [one for score, one in scored if score == best]
        return str(found[0].number) if best and len(found) == 1 else ""


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in _IDLE}
