"""Heard: what staff said in a conversation, for the model to answer from after the hand-back. Pure."""

from shopbell.assistant.conversation import Exchange
from shopbell.assistant.followups import leans
from shopbell.assistant.wording import stems
from shopbell.knowledge.passage import Kind, Passage

TITLE = "Said by our staff in this chat"
MOST = 2
"""Messages of staff the model is given, the newest."""


def heard(history: tuple[Exchange, ...]) -> tuple[Passage, ...]:
    """Return the newest words of staff, the last first."""
    said = [exchange for exchange in history if exchange.rung == "staff"][-MOST:]
    return tuple(
        Passage(id=f"staff-{number}", title=TITLE, text=_text(exchange), kind=Kind.DOCUMENT)
        for number, exchange in enumerate(reversed(said), 1)
    )


def is_about(text: str, said: tuple[Passage, ...]) -> bool:
    """Say whether the customer's words go back to what staff said."""
    if not said:
        return False
    mine = set(stems(text))
    return leans(text) or any(mine & set(stems(passage.text)) for passage in said)


def _text(exchange: Exchange) -> str:
    return f"{exchange.question.strip()}\n{exchange.answer}".strip() if exchange.question else exchange.answer
