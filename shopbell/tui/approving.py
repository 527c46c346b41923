"""Approving: what colleagues asked for and a second person decides."""

from typing import Literal

from textual import work

from shopbell.assistant import staffwire as w
from shopbell.tui.serving import Serving

View = Literal["find", "card", "requests", "twin"]
"""What the customer screen shows."""


class Approving(Serving):
    """A screen that can show the requests."""

    requests: w.Requests | None = None
    """What waits for a second person."""

    @property
    def picked(self) -> str:
        """What the line under the cursor is."""
        raise NotImplementedError

    def turn(self, view: View) -> None:
        """Show another view."""
        raise NotImplementedError

    @work(exclusive=True, group="load")
    async def action_requests(self) -> None:
        """Show what waits for a second person."""
        house = self.console_app.house
        found = await self.attempt(lambda: house.ask("customers/requests", w.Requests))
        if found is not None:
            self.requests = found
            self.turn("requests")

    @work(exclusive=True, group="dialog")
    async def action_refuse(self) -> None:
        """Turn down what a colleague asked for."""
        await self.decide(self.picked.partition(":")[2], approve=False)

    async def decide(self, request: str, *, approve: bool) -> None:
        """Ask, then say yes or no to a colleague's request."""
        asked = self.requests.requests if self.requests else ()
        one = next((row for row in asked if row.request == request), None)
        if one is None:
            return
        verb = "Give" if approve else "Refuse"
        if await self.put_question(f"{verb} {one.points:,} points to {one.name}?\n{one.by}: {one.reason}"):
            done = await self.tell("requests/decide", w.Decide(request=request, approve=approve), w.Awarded)
            if done is not None:
                self.console_app.say("Given." if approve else "Refused.")
            self.action_requests()
