"""State: all the console knows, as a pure fold of the frames it was sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.tui.thread import Thread, tell

Held = TypeVar("Held")
_RANK: Mapping[w.Need, int] = {"waiting": 0, "approval": 1, "frustrated": 2, "vip": 3, "rest": 4}
NEEDY = ("waiting", "approval")
"""Needs of a customer who waits for somebody now."""


class Link(Struct, frozen=True):
    """How the line to the server is."""

    state: Literal["closed", "opening", "live", "lost", "over"] = "closed"
    """`over`: the session ended, sign in again; `lost`: it comes back by itself."""
    text: str = ""
    wait_s: float = 0.0
    """Seconds to the next attempt."""


class Answer(Struct, frozen=True):
    """What became of a command."""

    key: str
    ok: bool
    text: str = ""


class Desk(Struct, frozen=True):
    """Everything on the desk of one member of staff."""

    link: Link = Link()
    me: w.SignedIn | None = None
    cards: Mapping[str, w.Card] = {}
    threads: Mapping[str, Thread] = {}
    asked: Mapping[str, w.AreYouThere] = {}
    """Conversations of mine in which I was asked whether I am there."""
    to_approve: int = 0
    """Requests for goodwill that wait for a second person."""

    def may(self, right: str) -> bool:
        """Say whether who is signed in may do this."""
        return self.me is not None and right in self.me.rights


Frame = w.DeskFrame | Link
"""What is folded: frames of the server, and what the line says of itself."""


def fold(desk: Desk, frame: Frame) -> Desk:
    """Return the desk after one frame."""
    match frame:
        case Link():
            return _linked(desk, frame)
        case w.SignedIn():
            return replace(desk, me=frame)
        case w.Cards(cards=cards):
            held = {card.conversation: card for card in cards}
            asked = {name: asked for name, asked in desk.asked.items() if name in held}
            return replace(desk, cards=held, asked=asked)
        case w.Card():
            return replace(desk, cards={**desk.cards, frame.conversation: frame}, asked=_asked(desk, frame))
        case w.CardGone(conversation=gone):
            return replace(desk, cards=_without(desk.cards, gone), asked=_without(desk.asked, gone))
        case w.AreYouThere(conversation=name):
            return replace(desk, asked={**desk.asked, name: frame})
        case w.ToApprove(count=count):
            return replace(desk, to_approve=count)
        case w.Told(conversation=name, frame=told) if name in desk.threads:
            return replace(desk, threads={**desk.threads, name: tell(desk.threads[name], told)})
        case w.SignedOut(text=text):
            return replace(desk, link=Link("over", text))
        case _:
            return desk


def watching(desk: Desk, conversation: str) -> Desk:
    """Return the desk with a thread for what the stream will tell."""
    if conversation in desk.threads:
        return desk
    return replace(desk, threads={**desk.threads, conversation: Thread(conversation)})


def unwatched(desk: Desk, conversation: str) -> Desk:
    """Return the desk without this thread."""
    return replace(desk, threads=_without(desk.threads, conversation))


def unasked(desk: Desk, conversation: str) -> Desk:
    """Return the desk without the question whether somebody is there."""
    return replace(desk, asked=_without(desk.asked, conversation))


def by_need(cards: Mapping[str, w.Card]) -> list[w.Card]:
    """Return the cards in the order in which they want somebody.

    Who waits longest stands first, then drafts to approve, then the frustrated, then those of the highest
    level, then the rest, newest first.
    """

    def urgency(card: w.Card) -> tuple[int, float, str]:
        since = card.since.timestamp()
        return (_RANK[card.need], since if card.need != "rest" else -since, card.conversation)

    return sorted(cards.values(), key=urgency)


def waiting(desk: Desk) -> int:
    """Return how many customers want somebody now."""
    return sum(card.need in NEEDY for card in desk.cards.values())


def age(since: datetime, now: datetime) -> str:
    """Return how long ago that was, in at most five characters: 0:42, 12:05, 3h07, 4d."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < 3_600:  # noqa: PLR2004 - an hour
        return f"{seconds // 60}:{seconds % 60:02}"
    if seconds < 86_400:  # noqa: PLR2004 - a day
        return f"{seconds // 3_600}h{seconds % 3_600 // 60:02}"
    return f"{seconds // 86_400}d"


def tag(conversation: str) -> str:
    """Return four characters by which colleagues can name a conversation to each other."""
    return conversation[-4:]


def judge(frame: Frame) -> Answer | None:
    """Return what a frame says of a command of ours, if it does."""
    match frame:
        case w.Done(key=key):
            return Answer(key, ok=True)
        case wire.Trouble(key=key, text=text):
            return Answer(key, ok=False, text=text)
        case _:
            return None


def _linked(desk: Desk, link: Link) -> Desk:
    if link.state == "live":
        return replace(desk, link=link)
    # Words that came after the line broke are missing: the reply comes whole from the log.
    threads = {name: replace(thread, live=None, current=False) for name, thread in desk.threads.items()}
    return replace(desk, link=link, threads=threads)


def _asked(desk: Desk, card: w.Card) -> Mapping[str, w.AreYouThere]:
    return desk.asked if card.holder == "staff" else _without(desk.asked, card.conversation)


def _without(held: Mapping[str, Held], name: str) -> Mapping[str, Held]:
    return {key: value for key, value in held.items() if key != name}
