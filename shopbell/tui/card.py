"""Card: how one conversation stands in the floor's list, and what is known of it. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shopbell.assistant import staffwire as w
from shopbell.tui.rows import Piece, Row, Tone, beside, fit, row
from shopbell.tui.state import NEEDY, age, tag

_MARK: Mapping[w.Need, tuple[str, Tone]] = {
    "waiting": ("●", "urgent"),
    "approval": ("◆", "accent"),
    "frustrated": ("▲", "warn"),
    "vip": ("★", "accent"),
    "rest": (" ", ""),
}
REASONS: Mapping[str, str] = {
    "asked": "asked for a person",
    "nothing-found": "nothing found in the shop's answers",
    "failed-turns": "two answers in a row did not help",
    "frustration": "sounds upset",
    "topic": "a topic you listed",
    "erase": "wants to be forgotten",
    "valued": "a customer you listed",
    "approval": "a draft waits for approval",
    "rejected": "a draft was rejected",
    "unchecked": "nobody approved the draft in time",
}
_WHO = {"customer": "Customer", "assistant": "Assistant", "staff": "Staff", "notice": "Notice", "": ""}


def heading(width: int) -> Row:
    """Return the line above the list."""
    return row(
        Piece(_columns(("", "since", "from", "chat", "mood", "how", "with", "last words"), width), "dim")
    )


def line(card: w.Card, now: datetime, width: int) -> Row:
    """Return one card as one line of `width` cells."""
    mark, tone = _MARK[card.need]
    mood = "upset" if card.mood == "frustrated" else "calm"
    rung = "..." if card.answering else card.rung or "-"
    cells = (mark, age(card.since, now), card.channel, tag(card.conversation), mood, rung, _holder(card))
    whole = _columns((*cells, _last(card)), width)
    loud = 9 if width >= 100 else 8  # noqa: PLR2004 - as far as the age goes
    return row(Piece(whole[:loud], tone), Piece(whole[loud:], "strong" if card.need == "waiting" else ""))


class Lines:
    """Draws cards as lines, and again only those that changed: most of the time of a burst went there."""

    def __init__(self) -> None:
        """Begin with nothing drawn."""
        self._drawn: dict[str, tuple[w.Card, str, int, Row]] = {}

    def rows(self, cards: Sequence[w.Card], now: datetime, width: int) -> list[Row]:
        """Return one line of `width` cells for each card."""
        before, self._drawn = self._drawn, {}
        for card in cards:
            told, known = age(card.since, now), before.get(card.conversation)
            if known is None or known[0] is not card or known[1:3] != (told, width):
                known = (card, told, width, line(card, now, width))
            self._drawn[card.conversation] = known
        return [self._drawn[card.conversation][3] for card in cards]


def _columns(cells: Sequence[str], width: int) -> str:
    wide = width >= 100  # noqa: PLR2004 - columns on which there is room to breathe
    sizes = (1, 5, 9, 5, 5, 6, 12) if wide else (1, 5, 6, 4, 5, 6, 9)
    gap = "  " if wide else " "
    head = gap.join(fit(cell, size) for cell, size in zip(cells, sizes, strict=False))
    rest = width - len(head) - len(gap)
    return fit(" " + head + gap + fit(cells[-1], max(0, rest - 1)), width)


def _holder(card: w.Card) -> str:
    if card.need == "approval":
        return "approve?"
    return {"assistant": "assistant", "waiting": "nobody", "staff": card.staff}[card.holder]


def _last(card: w.Card) -> str:
    said = f"{card.last_who[:1].upper()}: {card.last}" if card.last_who and card.last else card.last
    return f"{named(card)} · {said}" if card.who else said


def named(card: w.Card) -> str:
    """Return the customer's name; with a question mark where they only say that it is theirs."""
    return f"{card.who}?" if card.known == "claimed" else card.who


def facts(card: w.Card, now: datetime, width: int) -> list[Row]:
    """Return all that the list knows of a conversation."""
    need = {"waiting": "waits for a person", "approval": "a draft waits for approval"}
    pairs = [
        ("Conversation", tag(card.conversation)),
        ("From", card.channel),
        ("Customer", " ".join(part for part in (named(card), card.tier) if part)),
        ("Now", need.get(card.need, _talks(card))),
        ("Why", REASONS.get(card.reason, card.reason)),
        ("Mood", "upset" if card.mood == "frustrated" else "calm"),
        ("Since", f"{age(card.since, now)} ago"),
        ("Began", f"{age(card.started_at, now)} ago"),
        ("Unanswered", str(card.unanswered) if card.unanswered else ""),
        ("Whisper", "waits for the next answer" if card.whispered else ""),
        ("Last rung", card.rung or ""),
    ]
    rows = [found for name, text in pairs if text for found in beside(f"{name:<13}", "dim", text, width)]
    if card.last:
        rows += [row(), *beside(f"{_WHO[card.last_who]}: ", "dim", card.last, width)]
    return rows


def ages(card: w.Card, now: datetime) -> tuple[str, str]:
    """Return how long ago something last happened, and how long ago it began."""
    return age(card.since, now), age(card.started_at, now)


def peek(card: w.Card, now: datetime, width: int) -> list[Row]:
    """Return in three lines what the list has no room for: why it waits, and the last words."""
    parts = [tag(card.conversation), f"from {card.channel}", f"began {age(card.started_at, now)} ago"]
    parts += [" ".join(part for part in (named(card), card.tier) if part)] if card.who else []
    parts += [REASONS.get(card.reason, card.reason)] if card.need in NEEDY and card.reason else []
    parts += [f"{card.unanswered} unanswered"] if card.unanswered else []
    parts += ["a whisper waits"] if card.whispered else []
    first = row(Piece(fit(" · ".join(parts), width), "dim"))
    return [first, *beside(f"{_WHO[card.last_who]}: ", "dim", card.last, width)[:2]] if card.last else [first]


def _talks(card: w.Card) -> str:
    if card.holder == "staff":
        return f"{card.staff} answers"
    return "the assistant is answering" if card.answering else "the assistant answers"
