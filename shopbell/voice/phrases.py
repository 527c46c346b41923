"""Phrases: the fixed lines that only a voice needs. Rendered once, always true, said by code."""

import re
from math import inf

from msgspec import Struct

PROMPTS = (
    "Are you still there? Ask me anything about the shop, or type it on the screen.",
    "I am still listening. Say goodbye when you are done, and I clear the screen.",
)
"""Said when nothing was heard for long, one after the other."""
FAREWELL = "I clear the screen now. Goodbye!"
"""Said when nobody answered the prompts."""
UNHEARD = "Sorry, I did not catch that. Could you say it again?"
SLOW = "This takes a little longer than usual. I am still on it."
"""Said once when an answer is very late."""
DEAF = "I cannot hear at the moment. Please type on the screen; I answer there."


class Manner(Struct, frozen=True, kw_only=True):
    """What is said otherwise where there is a screen and where there is none."""

    prompts: tuple[str, str]
    """Said when nothing was heard for long, one after the other."""
    farewell: str
    """Said when nobody answered the prompts."""
    deaf: str
    """Said once when nothing can be heard."""
    most_silence_s: float = inf
    """Seconds of silence after a turn that nobody is left in, whatever is waited for."""


AT_KIOSK = Manner(prompts=PROMPTS, farewell=FAREWELL, deaf=DEAF)
ON_PHONE = Manner(
    prompts=(
        "Are you still there? Ask me anything about the shop, or press zero for a person.",
        "I am still listening. Say goodbye, or just hang up, when you are done.",
    ),
    farewell="I hear nothing more, so I hang up now. Goodbye!",
    deaf="I cannot hear you now, but I understand keys. Press zero for a person, or call again later.",
    most_silence_s=1.7,
)
ON_IT = "One moment, please."
"""The filler when nothing better is known."""
NOTHING_TO_REPEAT = "I have not said anything yet."

_FILLERS: tuple[tuple[str, str], ...] = (
    (r"\b(open|close[sd]?|opening|hours|holiday|sunday|saturday|today|tomorrow)\b", "our opening hours"),
    (r"\b(return|refund|exchange|bring (it )?back|warranty|guarantee|receipt)\b", "returns"),
    (r"\b(deliver\w*|post(age)?|shipping|parcel|courier)\b", "delivery"),
    (r"\b(price|cost|how much|cheap\w*|expensive|offer|discount)\b", "the price"),
    (r"\b(allerg\w*|gluten|nuts?|vegan|vegetarian|dairy|ingredient\w*|lactose)\b", "what is in it"),
    (r"\b(points?|card|reward\w*|loyalty|stamps?|voucher)\b", "your points and rewards"),
    (r"\b(order(ed)?|tracking|pick ?up|collect)\b", "orders"),
    (r"\b(repair\w*|mend|broken|fix|service)\b", "repairs"),
    (r"\b(course|class|workshop|lesson|booking?|book|table|appointment)\b", "bookings"),
    (r"\b(parking|park|bus|train|where|address|directions?)\b", "how to find us"),
    (r"\b(stock|in store|do you (have|sell|stock)|available)\b", "what we have"),
)


def topic(text: str) -> str:
    """Return what words are about, such as `repairs`; empty when nothing says so."""
    return next((name for pattern, name in _FILLERS if re.search(pattern, text, re.IGNORECASE)), "")


def filler(text: str) -> str:
    """Return what to say while the answer to `text` is looked up: it names what is looked up."""
    about = topic(text)
    return f"Let me look up {about}." if about else ON_IT


def fixed() -> tuple[str, ...]:
    """Return every line, for rendering in advance."""
    named = tuple(dict.fromkeys(f"Let me look up {name}." for _, name in _FILLERS))
    phone = (*ON_PHONE.prompts, ON_PHONE.farewell, ON_PHONE.deaf)
    return (*PROMPTS, FAREWELL, *phone, UNHEARD, SLOW, DEAF, ON_IT, NOTHING_TO_REPEAT, *named)
