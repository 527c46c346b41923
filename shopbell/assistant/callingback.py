"""Calling back: who may be rung by the shop, and when. Nobody who did not ask for it, and never at night."""

import re
from datetime import datetime, time
from typing import Protocol

from shopbell.assistant.calendar import OpeningHours
from shopbell.assistant.telephone import Telephone
from shopbell.loyalty.casebook import Case

UNASKED = "low:"
"""How the key of a case begins that the shop made of a bad mark: nobody asked to be rung."""
_NUMBER = re.compile(r"\+?\d(?:[\s()./-]{0,3}\d){5,14}")


class CallsBack(Protocol):
    """What rings customers back; the shop's telephone does."""

    async def call_back(self, number: int, by: str) -> str:
        """Ring staff, then the customer of a case; return what happens now. Raises BadRequest."""
        ...


def dialable(reach: str) -> str:
    """Return the telephone number in what a customer left, as it is dialled; empty for none."""
    found = _NUMBER.search(reach)
    return "".join(one for one in found.group() if one.isdigit() or one == "+") if found else ""


def refusal(case: Case, now: datetime, hours: OpeningHours, settings: Telephone) -> str:
    """Return why a customer is not rung now; empty when nothing stands against it."""
    if not settings.staff:
        return "There is no telephone to ring you at. Set phone.staff in shop.toml."
    if case.kind != "call-back" or case.key.startswith(UNASKED):
        return "This customer did not ask to be called, so Shopbell does not dial."
    if not dialable(case.wanted):
        return "No telephone number was left."
    first, last = (time.fromisoformat(part) for part in settings.calling_hours.split("-"))
    if not hours.on(now.date()).spans:
        return "Nobody is rung on a day when the shop is closed."
    if not first <= now.time() < last:
        return f"Customers are rung from {first:%H:%M} to {last:%H:%M} only."
    return ""
