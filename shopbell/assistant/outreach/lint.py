"""Lint: finds false urgency, guilt and numbers that nobody looked up in what is written to customers. Pure.

A deadline is honest when it comes from a fact of the message, and only then; "hurry" never is. Whoever stays
away owes the shop nothing, so no sentence may say or hint so.
"""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

_SLOT = re.compile(r"\{([a-z_]*)\}")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WHEN = (
    r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tonight|today|tomorrow|midnight|noon|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|"
    r"\d|the end of|this week|the weekend)"
)
_URGENCY = re.compile(
    r"\b(hurry|act (?:now|fast|quickly)|last chance|final (?:call|hours|reminder|notice|chance)|"
    r"(?:don['’]?t|do not|never) miss(?: out)?|before it['’]?s too late|before it is too late|too late|"
    r"(?:today|now|tonight|this week) only|only today|ends (?:soon|today|tonight|at midnight)|"
    r"(?:while|as long as) (?:stocks?|supplies|it) lasts?|going fast|selling (?:out|fast)|almost gone|"
    r"nearly gone|running out|limited (?:time|offer|places|stock)|time is running|the clock is ticking|"
    r"once in a lifetime|exclusive(?:ly)? for you|urgent(?:ly)?|immediately|right away|"
    r"\w+ (?:people|others|customers) (?:are|have) (?:looking|viewing|bought|waiting))\b",
    re.IGNORECASE,
)
_GUILT = re.compile(
    r"\b(we (?:really |all |do )?miss(?:ed)? you|missing you|you(?: have|['’]ve)? (?:forgot(?:ten)?|"
    r"abandoned|neglected|left|deserted|ignored|let) (?:about )?us|have you forgotten|did you forget|"
    r"(?:what|something|anything) (?:did )?we (?:did|do|have done) wrong|did we do something|"
    r"don['’]?t you (?:like|love|want|care)|do you not (?:like|love|care)|you no longer (?:like|love|care)|"
    r"we(?:['’]re| are| were) (?:so |very |really )?(?:sad|hurt|heartbroken|disappointed|worried|lonely)|"
    r"makes us sad|break(?:s|ing)? our hearts?|after (?:all|everything) (?:we|i)|you owe|"
    r"(?:feel|be) (?:bad|ashamed|guilty)|shame on|small shops? (?:like ours )?(?:will|may|could) close|"
    r"we (?:depend|rely|count) on you|keep us (?:alive|open|afloat)|give up on us|without you we|"
    r"no,? i (?:don['’]?t|do not) (?:want|like|care)|why (?:have|did) you "
    r"(?:stay(?:ed)?|stop(?:ped)?|leave|left|not))\b",
    re.IGNORECASE,
)
_LEFT = re.compile(
    r"\b(?:only|just)\s+(?:\{(?P<slot>[a-z_]+)\}|\d+|a few|few|a couple(?: of)?|one|two|three|four|five|ten)"
    r"\s+(?:[\w-]+\s+){0,3}?(?:left|remain(?:ing)?|available|to go|in stock)\b",
    re.IGNORECASE,
)
_COUNTDOWN = re.compile(
    r"\b(?:\d+|a few|two|three|few)\s+(?:seconds?|minutes?|hours?|days?)\s+(?:left|to go|only|remaining)\b",
    re.IGNORECASE,
)
_DEADLINE = re.compile(rf"\b(?:until|till|by|before|ends on|expires? on|valid to)\s+{_WHEN}", re.IGNORECASE)
_LEAD = re.compile(r"^(?:until|till|by|before|ends on|expires? on|valid to)\s+", re.IGNORECASE)
_SHOUT = re.compile(r"!\s*!|\?\s*!|\b[A-Z]{4,}\b(?:\s+[A-Z]{2,}\b)+")
COUNTED = frozenset({"expiring", "points", "missing"})
"""Facts that are a number of something the customer has: "only {expiring} left" of them is true."""


class Fault(Struct, frozen=True):
    """Something that may not be sent."""

    kind: str
    """`urgency`, `guilt`, `deadline`, `number`, `shouting` or `slot`."""
    words: str
    """What was found."""
    advice: str


def faults(text: str, known: frozenset[str] = frozenset()) -> Iterator[Fault]:
    """Yield what is wrong with a template, or with a finished message; `known` are the slots it may use."""
    for found in _URGENCY.finditer(text):
        yield Fault(
            "urgency", found[0], "It presses without a reason. Say what there is, and leave it there."
        )
    for found in (*_LEFT.finditer(text), *_COUNTDOWN.finditer(text)):
        slot = found.groupdict().get("slot")
        if slot is None or slot not in COUNTED & known:
            yield Fault("urgency", found[0], "Nobody counted that. Use a number that is looked up, or none.")
    for found in _GUILT.finditer(text):
        yield Fault("guilt", found[0], "It makes the customer feel bad. Whoever stays away owes you nothing.")
    for found in _DEADLINE.finditer(text):
        yield Fault(
            "deadline", found[0], "A deadline must be looked up: write it as a fact, as {expires_on}."
        )
    for found in _SHOUT.finditer(text):
        yield Fault("shouting", found[0], "It shouts. One mark and small letters do.")
    for name in _SLOT.findall(text):
        if name not in known:
            can = ", ".join(f"{{{one}}}" for one in sorted(known)) or "none"
            yield Fault("slot", f"{{{name}}}", f"There is no such fact here. There are: {can}.")


def foreign_numbers(text: str, facts: Mapping[str, str], template: str) -> list[str]:
    """Return the numbers of a finished message that stand in no fact and not in its template."""
    allowed = {one for source in (*facts.values(), template) for one in _NUMBER.findall(source)}
    return [one for one in _NUMBER.findall(text) if one not in allowed]


def invented_dates(text: str, facts: Mapping[str, str]) -> list[Fault]:
    """Return the deadlines of a finished message of which no fact tells."""
    told = " ".join(facts.values()).lower()
    found = []
    for fault in faults(text):
        words = _LEAD.sub("", fault.words)
        if fault.kind != "deadline" or words.lower() not in told:
            found.append(fault)
    return found
