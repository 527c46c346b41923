"""Standing: in one or two lines, how a conversation stands and what it wants of whoever looks at it. Pure."""

from datetime import datetime

from shopbell.assistant import staffwire as w
from shopbell.tui.card import REASONS, named
from shopbell.tui.rows import Piece, Row, Tone, beside, paragraph, row
from shopbell.tui.state import age, tag


def standing(
    card: w.Card | None, asked: w.AreYouThere | None, now: datetime, width: int, *, mine: bool
) -> list[Row]:
    """Return the lines above a conversation."""
    if card is None:
        return [row(Piece(" This conversation is over.", "dim"))]
    text, tone = _holder(card, mine=mine)
    pieces = [
        Piece(f" {tag(card.conversation)} ", "strong"),
        Piece(f"{card.channel}  ", "dim"),
        Piece(f"{named(card)}  " if card.who else "", "customer"),
        Piece(text, tone),
    ]
    pieces.append(Piece(f"  for {age(card.since, now)}" if card.need == "waiting" else "", "dim"))
    if card.mood == "frustrated":
        pieces.append(Piece("  upset", "warn"))
    if card.reason and card.need == "waiting":
        pieces.append(Piece(f"  {REASONS.get(card.reason, card.reason)}", "dim"))
    if card.whispered:
        pieces.append(Piece("  a whisper waits for the next answer", "private"))
    rows = [row(*pieces)]
    if asked is not None:
        left = max(0, int((asked.until - now).total_seconds()))
        text = f" Are you still there? Press y, or the assistant takes over in {left} s."
        rows += paragraph(text, width, "urgent")
    return rows


def _holder(card: w.Card, *, mine: bool) -> tuple[str, Tone]:
    if card.need == "approval":
        return "a draft waits for your approval: s", "urgent"
    if card.holder == "waiting":
        return "waits for a person: t", "urgent"
    if card.holder == "staff":
        return ("you answer", "staff") if mine else (f"{card.staff} answers", "staff")
    return ("the assistant is answering" if card.answering else "the assistant answers"), "accent"


def draft_rows(draft: w.Suggested, now: datetime, width: int) -> list[Row]:
    """Return a draft as it stands above the line."""
    lead = f"Approve? (s) {_left(draft, now)}" if draft.ghost else "Suggested (s) "
    return beside(lead, "private", draft.text, width - 2)


def _left(draft: w.Suggested, now: datetime) -> str:
    if draft.until is None:
        return ""
    return f"{max(0, int((draft.until - now).total_seconds()))} s left "
