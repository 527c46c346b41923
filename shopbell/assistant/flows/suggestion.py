"""Suggestion: what the assistant would recommend, from receipts alone; no model has a part in it. Blocks."""

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from shopbell.assistant.flows.diets import limits_in
from shopbell.assistant.mood import frustrated
from shopbell.assistant.turn import Turn
from shopbell.loyalty.casebook import Casebook
from shopbell.loyalty.money import money
from shopbell.loyalty.reckoning.answers import Limits
from shopbell.loyalty.reckoning.offering import Offered, Offering
from shopbell.loyalty.reckoning.recommending import Wanted

WISH = "advise"
COMPLAINT: Literal["complaint"] = "complaint"
NOT_NOW = "I would rather put right what went wrong before I suggest anything. Shall I get a person?"
NOTHING = "I have no suggestion that I can stand behind just now. A person in the shop can help."
AS_WRITTEN = "I went by what the catalogue says of it; if it is serious, please ask a person too."
FOR_ANYBODY = "It is what others like at this hour: I use your own purchases only if you agree to it."
_OWN = re.compile(r"\b(i|i'm|my|me|we)\b", re.IGNORECASE)
"""What somebody says of themselves holds for the whole conversation."""
_WHY = re.compile(r"^\W*(but |and |so )?(why|how come|what makes you)\b", re.IGNORECASE)


class Offers(Struct, frozen=True, kw_only=True):
    """What suggestions are made with."""

    offering: Offering
    cases: Casebook
    currency: str


def asks_why(turn: Turn) -> bool:
    """Say whether the customer asks why that was suggested."""
    return bool(turn.history) and turn.history[-1].subject == WISH and bool(_WHY.match(turn.text))


def told_suggestion(offers: Offers, customer: str, turn: Turn, known: Sequence[str] = ()) -> tuple[str, str]:
    """Return what is said to who asks for a suggestion, or why it was made, and the reason in plain words.

    `known` is what the customer had remembered, if they agree that it is used.
    """
    if _complains(offers.cases, customer, turn):
        return NOT_NOW, "While something is not put right, nothing is offered to you."
    asked = [one.question for one in turn.history if one.subject == WISH or _OWN.search(one.question)]
    limits = limits_in([*asked, turn.text, *known])
    found = offers.offering.offer(customer, Wanted(at=turn.now, limits=limits))
    if not found.advice:
        return NOTHING, "I looked for what is in stock, fits what you told me, and is often bought here."
    reasons = " ".join(f"{each.name}: {each.why}" for each in found.advice)
    if asks_why(turn):
        return f"{reasons}{_besides(found, limits, customer)}", "I counted receipts of this shop."
    names = [f"{each.name} ({money(each.price_minor, offers.currency)})" for each in found.advice]
    text = f"I would suggest {_listed(names)}.{_limited(limits)}{_besides(found, limits, customer)}"
    return f"{text} Ask “why” and I tell you.", reasons


def _complains(cases: Casebook, customer: str, turn: Turn) -> bool:
    """Say whether something is not put right: now, in this conversation, or in an open case."""
    now = turn.task is not None and turn.task.flow == COMPLAINT
    here = any(exchange.subject == COMPLAINT for exchange in turn.history)
    upset = frustrated([*(exchange.question for exchange in turn.history), turn.text])
    return now or here or upset or any(one.closed_at is None for one in cases.of(customer, COMPLAINT))


def _limited(limits: Limits) -> str:
    parts = [*limits.diets, *(f"without {each}" for each in limits.allergens)]
    return f" I kept to: {', '.join(parts)}." if parts else ""


def _besides(found: Offered, limits: Limits, customer: str) -> str:
    said = [AS_WRITTEN] if limits != Limits() else []
    if customer and not found.personal:
        said.append(FOR_ANYBODY)
    return "".join(f" {one}" for one in said)


def _listed(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
