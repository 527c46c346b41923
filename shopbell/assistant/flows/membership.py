"""Membership: joining, contact details, opting out, being forgotten. Pure."""

import re

from shopbell.assistant.flows import plain
from shopbell.assistant.flows.forms import Question, Slots
from shopbell.assistant.flows.sight import Sight
from shopbell.assistant.flows.task import Change, Consent, Deed, Erase, Field, Join
from shopbell.loyalty.customers import e164
from shopbell.loyalty.errors import CustomerRefused

ASKED_AT_JOINING = ("history", "marketing", "profiling")
"""Purposes that are asked one by one; the others are asked where they first matter."""
_FRIEND = "friend"
_ABOUT = {
    "marketing": re.compile(r"e-?mail|news|offer|market|promot|mailing|contact|writ|advert", re.IGNORECASE),
    "history": re.compile(r"history|remember|order|purchas|bought|answer", re.IGNORECASE),
    "profiling": re.compile(r"profil|group|segment|track", re.IGNORECASE),
    "recordings": re.compile(r"record|voice", re.IGNORECASE),
    "improvement": re.compile(r"improv|learn|train|read", re.IGNORECASE),
}


class JoinForm:
    """Makes somebody a member."""

    flow = "join"
    is_private = False

    def __init__(self, region: str) -> None:
        """Take the country of phone numbers written without one."""
        self._region = region

    def begin(self, _text: str, sight: Sight) -> Slots | str:
        """Begin, unless the customer is a member."""
        return f"You are in {sight.club} already." if sight.customer else ()

    def missing(self, slots: Slots, sight: Sight) -> Question | None:
        """Ask for name and number, then for each purpose by itself, then for a friend's code."""
        known = dict(slots)
        if "name" not in known:
            return Question(slot="name", text=f"Welcome to {sight.club}! What is your name?")
        if "phone" not in known:
            return Question(slot="phone", text="Thank you. What is your phone number? It is your membership.")
        for purpose in ASKED_AT_JOINING:
            if purpose not in known and purpose in sight.purposes:
                text = f"{sight.purposes[purpose]} You can say no and still be a member. (yes or no)"
                return Question(slot=purpose, text=text)
        if _FRIEND not in known:
            return Question(slot=_FRIEND, text="Did a friend give you a code? Tell me the code, or say no.")
        return None

    def read(self, slot: str, text: str, _sight: Sight) -> str:
        """Return the slot's value in the words."""
        if slot == "name":
            return plain.name(text)
        if slot == "phone":
            return _phone(text, self._region)
        if slot == _FRIEND:
            return "-" if plain.is_no(text) else _code(text)
        return "yes" if plain.is_yes(text) else "no" if plain.is_no(text) else ""

    def deed(self, slots: Slots, _sight: Sight) -> Deed | str:
        """Return the membership to be made."""
        known = dict(slots)
        asked = [purpose for purpose in ASKED_AT_JOINING if purpose in known]
        friend = known.get(_FRIEND, "-")
        return Join(
            name=known["name"],
            phone=known["phone"],
            purposes=tuple(one for one in asked if known[one] == "yes"),
            refused=tuple(one for one in asked if known[one] == "no"),
            friend="" if friend == "-" else friend,
        )

    def echo(self, deed: Deed, sight: Sight) -> str:
        """Ask for the yes, with everything that will be kept."""
        if not isinstance(deed, Join):
            return ""
        agreed = ", ".join(deed.purposes) or "nothing else"
        friend = f" Brought by the code {deed.friend}." if deed.friend else ""
        return (
            f"I will make {deed.name}, {deed.phone}, a member of {sight.club}. You agreed to: {agreed}."
            f"{friend} Is that right? (yes or no)"
        )


class ContactForm:
    """Keeps another phone number or e-mail address."""

    flow = "contact"
    is_private = True

    def __init__(self, region: str) -> None:
        """Take the country of phone numbers written without one."""
        self._region = region

    def begin(self, text: str, sight: Sight) -> Slots | str:
        """Return which of the two is meant, and the new one if it was said."""
        slots: Slots = ()
        if field := self.read("field", text, sight):
            slots = (("field", field),)
            if value := self.read(field, text, sight):
                slots = (*slots, ("value", value))
        return slots

    def missing(self, slots: Slots, _sight: Sight) -> Question | None:
        """Ask which, then for the new one."""
        known = dict(slots)
        if "field" not in known:
            return Question(slot="field", text="Shall I change your phone number, or your e-mail address?")
        if "value" not in known:
            what = "phone number" if known["field"] == "phone" else "e-mail address"
            return Question(slot="value", text=f"What is your new {what}?")
        return None

    def read(self, slot: str, text: str, _sight: Sight) -> str:
        """Return the slot's value in the words."""
        if slot == "phone":
            return _phone(text, self._region)
        if slot == "email":
            return plain.email(text)
        if slot == "value":
            return plain.email(text) or _phone(text, self._region)
        if plain.email(text) or re.search(r"e-?mail", text, re.IGNORECASE):
            return "email"
        said_phone = re.search(r"\b(phone|mobile|number|cell|telephone)\b", text, re.IGNORECASE)
        return "phone" if plain.phone(text) or said_phone else ""

    def deed(self, slots: Slots, _sight: Sight) -> Deed | str:
        """Return what is changed; the value says itself what it is."""
        value = dict(slots)["value"]
        field: Field = "email" if "@" in value else "phone"
        return Change(field=field, value=value)

    def echo(self, deed: Deed, _sight: Sight) -> str:
        """Ask for the yes, with the new one whole."""
        if not isinstance(deed, Change):
            return ""
        what = "phone number" if deed.field == "phone" else "e-mail address"
        return f"From now on your {what} here is {deed.value}. Is that right? (yes or no)"


class OptOutForm:
    """Takes consents back."""

    flow = "optout"
    is_private = True

    def begin(self, text: str, sight: Sight) -> Slots | str:
        """Return the purposes that are named, or all that were agreed to."""
        given, named = _given(sight), self.read("purposes", text, sight)
        others = any(pattern.search(text) for pattern in _ABOUT.values())
        if not given or (others and not named):
            return "You have agreed to nothing of the kind, so there is nothing to take back."
        return (("purposes", named or " ".join(given)),)

    def missing(self, _slots: Slots, _sight: Sight) -> Question | None:
        """Ask nothing: what is not named means all."""
        return None

    def read(self, _slot: str, text: str, sight: Sight) -> str:
        """Return the purposes named in the words."""
        return " ".join(one for one in _given(sight) if one in _ABOUT and _ABOUT[one].search(text))

    def deed(self, slots: Slots, _sight: Sight) -> Deed | str:
        """Return what is taken back."""
        return Consent(purposes=tuple(dict(slots)["purposes"].split()), given=False)

    def echo(self, deed: Deed, _sight: Sight) -> str:
        """Ask for the yes, naming each purpose."""
        names = ", ".join(deed.purposes) if isinstance(deed, Consent) else ""
        return f"I will take back your consent to: {names}. It holds at once. Shall I? (yes or no)"


class ForgetForm:
    """Has the customer erased."""

    flow = "forgetme"
    is_private = True

    def begin(self, _text: str, _sight: Sight) -> Slots | str:
        """Begin."""
        return ()

    def missing(self, _slots: Slots, _sight: Sight) -> Question | None:
        """Ask nothing."""
        return None

    def read(self, _slot: str, _text: str, _sight: Sight) -> str:
        """Return nothing: there is nothing to fill in."""
        return ""

    def deed(self, _slots: Slots, _sight: Sight) -> Deed | str:
        """Return the erasure."""
        return Erase()

    def echo(self, _deed: Deed, sight: Sight) -> str:
        """Ask for the yes, saying what is lost."""
        return (
            f"That ends your membership for good: your {sight.points:,} points, your rewards, your history "
            "and your details are erased, and nobody can bring them back. Shall I? (yes or no)"
        )


def _given(sight: Sight) -> list[str]:
    return [purpose for purpose, given in sight.consents.items() if given]


def _phone(text: str, region: str) -> str:
    typed = plain.phone(text)
    if not typed:
        return ""
    try:
        return e164(typed, region)
    except CustomerRefused:
        return ""


def _code(text: str) -> str:
    found = re.search(r"\b[0-9A-Za-z]{5}-?[0-9A-Za-z]{3}\b", text)
    return found[0].upper() if found else ""
