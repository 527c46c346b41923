"""What stands on the console's screen, and waiting for it: each wait has an end and says what it was for."""

import time
from collections.abc import Callable
from typing import Any

from textual.app import App

WAIT_S = 20.0
"""Seconds for what should be there at once, on a machine that has much else to do."""


def seen(app: App[Any]) -> str:
    """Return the screen's text."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def until(
    pilot: Any, shows: str | Callable[[], object], what: str = "", seconds: float = WAIT_S
) -> None:
    """Wait until words are on the screen, or until `what` is so; fail with the screen after `seconds`."""
    end = time.monotonic() + seconds
    while not (shows in seen(pilot.app) if isinstance(shows, str) else shows()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s for {what or shows}; seen:\n{seen(pilot.app)}")
        await pilot.pause(0.02)
