"""Minutes: what a customer and the assistant spoke about, in one line, kept for that customer with consent.

Written by code when a customer is signed out, from what was answered and done: no words of theirs are in it.
"""

from collections.abc import Callable, Sequence

from shopbell.assistant import events as e
from shopbell.assistant.flows.task import Did
from shopbell.assistant.store import EventLog
from shopbell.knowledge.history import ASSISTANT, History

MOST_TOPICS = 4
DONE = {
    "redeem": "you redeemed a reward",
    "complaint": "you made a complaint",
    "callback": "you asked to be called back",
    "contact": "you changed how we reach you",
    "optout": "you took a consent back",
    "feedback": "you gave feedback",
}
"""What was done, by flow; the others are better not repeated."""


def stretch(entries: Sequence[e.Logged]) -> tuple[str, Sequence[e.Logged]]:
    """Return the customer who was last known for certain, and what was logged from there until they left."""
    found: tuple[str, int, int] = ("", 0, 0)
    customer, begun = "", 0
    for place, entry in enumerate(entries):
        if not isinstance(event := entry.event, e.Recognised) or event.level == "claimed":
            continue
        if event.customer != customer:
            found = (customer, begun, place) if customer else found
            customer, begun = event.customer, place
    name, first, last = (customer, begun, len(entries)) if customer else found
    return name, entries[first:last]


def minutes(entries: Sequence[e.Logged]) -> str:
    """Return the line; empty where nothing was spoken about that is worth one."""
    asked, done = dict[str, None](), dict[str, None]()
    for entry in entries:
        match entry.event:
            case e.Replied(rung="faq" | "model", failed=False, sources=sources) if sources:
                asked[f"\N{LEFT DOUBLE QUOTATION MARK}{sources[0].title}\N{RIGHT DOUBLE QUOTATION MARK}"] = (
                    None
                )
            case Did(flow=flow, outcome="done") if flow in DONE:
                done[DONE[flow]] = None
            case e.StaffTook(name=name):
                done[f"you spoke with {name}"] = None
    topics = [f"you asked about {_listed(tuple(asked)[:MOST_TOPICS])}"] if asked else []
    return "; ".join((*topics, *done))


class Minutes:
    """Keeps them."""

    def __init__(self, log: EventLog, history: History, may: Callable[[str], bool]) -> None:
        """Take the log, where they are kept, and who has agreed; each of them blocks."""
        self._log = log
        self._history = history
        self._may = may

    def keep(self, conversation: str) -> None:
        """Keep the line on the customer who was last known here, if they agree. Blocks."""
        entries = self._log.read(conversation)
        customer, own = stretch(entries)
        line = minutes(own) if customer and self._may(customer) else ""
        channel = next((one.event.channel for one in entries if isinstance(one.event, e.Opened)), "")
        if line:
            self._history.remember(customer, line, own[-1].at, channel=channel, by=ASSISTANT)


def _listed(things: Sequence[str]) -> str:
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last
