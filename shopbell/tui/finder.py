"""What the command palette finds besides the keys: every open conversation."""

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from shopbell.assistant import staffwire as w
from shopbell.tui.inert import one_line
from shopbell.tui.state import by_need, tag

if TYPE_CHECKING:
    from shopbell.tui.app import ConsoleApp


class Conversations(Provider):
    """Finds a conversation by its letters, its channel, or the last words."""

    async def discover(self) -> Hits:
        """Offer those that want somebody most."""
        for card in by_need(self._app.desk.cards)[:5]:
            yield DiscoveryHit(
                Content(_name(card)), partial(self._app.talk, card.conversation), text=_name(card)
            )

    async def search(self, query: str) -> Hits:
        """Offer what fits."""
        matcher = self.matcher(query)
        for card in by_need(self._app.desk.cards):
            name = _name(card)
            if (score := matcher.match(name)) > 0:
                yield Hit(score, Content(name), partial(self._app.talk, card.conversation), text=name)

    @property
    def _app(self) -> "ConsoleApp":
        return cast("ConsoleApp", self.app)


def _name(card: w.Card) -> str:
    return one_line(f"Open {tag(card.conversation)} ({card.channel}): {card.last}")
