"""Alarm: the bell, a notice and the window's title, when somebody starts to wait."""

from typing import Any

from textual.app import App

from shopbell.assistant import staffwire as w
from shopbell.tui.card import REASONS
from shopbell.tui.state import NEEDY, Desk, tag, waiting


def newly(before: Desk, after: Desk) -> list[w.Card]:
    """Return the cards that began to want somebody."""
    if before.cards is after.cards:
        return []
    return [
        card
        for name, card in after.cards.items()
        if card.need in NEEDY and (name not in before.cards or before.cards[name].need not in NEEDY)
    ]


def title(desk: Desk) -> str:
    """Return what stands in the window's title."""
    count = waiting(desk)
    shop = desk.me.shop if desk.me else "Shopbell"
    return f"({count} waiting) {shop}" if count else shop


class Alarm:
    """Rings once for each customer who starts to wait."""

    def __init__(self) -> None:
        """Begin with nothing in the title."""
        self.title = ""
        self.rung = 0
        """Times the bell was rung."""

    def ring(self, app: App[Any], before: Desk, after: Desk) -> str:
        """Ring for who is new, and keep the title true; return what is to be said of it, or nothing."""
        fresh = newly(before, after)
        if fresh:
            self.rung += 1
            app.bell()
        if (before.cards is not after.cards or before.me is not after.me) and title(after) != self.title:
            wanted = title(after)
            self.title = wanted
            _set_title(app, wanted)
        if fresh:
            return _notice(fresh)
        asked = after.to_approve > before.to_approve and after.may("approve")
        return "A colleague asks for goodwill: F3, then a, shows it." if asked else ""


def _notice(fresh: list[w.Card]) -> str:
    if len(fresh) > 1:
        return f"{len(fresh)} customers wait for a person."
    card = fresh[0]
    why = REASONS.get(card.reason, card.reason) or "wants somebody"
    return w.visible(f"{tag(card.conversation)} on {card.channel} waits: {why}")


def _set_title(app: App[Any], text: str) -> None:
    driver = app._driver  # noqa: SLF001 - Textual has no other way to the terminal's title
    if driver is not None and not app.is_headless:
        driver.write(f"\x1b]0;{w.visible(text)[:80]}\x07")
