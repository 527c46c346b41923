"""Phrases: the fixed lines that only a voice needs. Rendered once, always true, said by code."""

import re

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


def filler(text: str) -> str:
    """Return what to say while the answer to `text` is looked up: it names what is looked up."""
    about = next((name for pattern, name in _FILLERS if re.search(pattern, text, re.IGNORECASE)), "")
    return f"Let me look up {about}." if about else ON_IT


def fixed() -> tuple[str, ...]:
    """Return every line, for rendering in advance."""
    named = tuple(dict.fromkeys(f"Let me look up {name}." for _, name in _FILLERS))
    return (*PROMPTS, FAREWELL, UNHEARD, SLOW, DEAF, ON_IT, NOTHING_TO_REPEAT, *named)
