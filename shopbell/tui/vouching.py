"""Vouching: what staff do for a customer who stands here and cannot sign in."""

import segno
from textual import work

from shopbell.assistant import staffwire as w
from shopbell.tui.choosing import Choose, Tell
from shopbell.tui.serving import Serving

PAPER = "#ffffff on #000000"
"""Colours of a QR code, by day and by night: many cameras read no other."""
QUIET = 2
"""Empty modules around a QR code on the screen."""
WAYS = (
    "A one-time code, to be read out",
    "The PIN can be tried again",
    "A new card; the old one ends",
)


class Vouching(Serving):
    """A screen on which a customer can be helped to sign in."""

    @work(exclusive=True, group="dialog")
    async def action_sign_in(self) -> None:
        """Ask how to help, and do it."""
        patron = self.patron
        if patron is None:
            return
        question = f"{patron.name} stands here and cannot sign in.\nYou vouch for who it is. What is needed?"
        way = await self.app.push_screen_wait(Choose(question, WAYS))
        form = w.CustomerId(customer=patron.customer)
        if way == 0:
            code = await self.tell("sign-in-code", form, w.SignInCode)
            if code is not None:
                until = f"{code.ends_at.astimezone(self.console_app.around.zone):%H:%M}"
                text = f"\n{code.code}\n\nIt counts once, until {until}. It is typed under “Sign in” only."
                await self.app.push_screen_wait(Tell(f"Read out to {patron.name}:", text))
        elif way == 1:
            kept = await self.tell("unlock", form, w.Kept)
            if kept is not None:
                self.console_app.say(kept.text)
        elif way is not None:
            card = await self.tell("new-card", form, w.LoyaltyCard)
            if card is not None:
                shown = Tell(f"The new card of {patron.name}:", qr_text(card.text), PAPER)
                await self.app.push_screen_wait(shown)


def qr_text(text: str) -> str:
    """Return a QR code as lines of half blocks, light on dark, to be held before a phone."""
    modules = [
        [bool(one) for one in line] for line in segno.make(text, micro=False).matrix_iter(border=QUIET)
    ]
    pairs = zip(modules[::2], [*modules[1::2], [True] * len(modules[0])], strict=False)
    return "\n".join(
        "".join(_HALVES[above, below] for above, below in zip(*pair, strict=True)) for pair in pairs
    )


_HALVES = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
"""Of a dark and a light half: what is light is drawn."""
