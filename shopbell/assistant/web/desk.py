"""What every handler of the web works with; built once, passed in."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from shopbell.assistant.calendar import OpeningHours, spoken_moment, spoken_time
from shopbell.assistant.doorman import Doorman
from shopbell.assistant.settings import Settings
from shopbell.assistant.web.limits import Buckets, Clock, Limits, Seats
from shopbell.assistant.web.service import Conversations


class Desk:
    """The service, the shop's settings, and the counts that all requests share."""

    def __init__(
        self,
        service: Conversations,
        settings: Settings,
        folder: Path,
        *,
        limits: Limits,
        clock: Clock,
        now: Callable[[], datetime],
        doorman: Doorman | None = None,
    ) -> None:
        """Take the parts; without `doorman` nobody can sign in."""
        self.service = service
        self.doorman = doorman
        self.settings = settings
        self.folder = folder
        self.limits = limits
        self.clock = clock
        self.now = now
        self.hours = OpeningHours(settings)
        self.says = Buckets(limits.address_says, clock)
        self.seats = Seats(limits.sockets)

    def open_line(self) -> tuple[bool, str]:
        """Return whether the shop is open now, and that in words."""
        return open_line(self.hours, self.now().astimezone(self.settings.zone))


def open_line(hours: OpeningHours, now: datetime) -> tuple[bool, str]:
    """Return whether the shop is open at `now` (in its zone), and that in words."""
    span = hours.open_at(now)
    if span is not None:
        return True, f"Open now until {_closing(spoken_time(span[1]))}"
    opening = hours.next_opening(now)
    if opening is None:
        return False, "Closed now"
    return False, f"Closed now, opens {spoken_moment(opening, now)}"


def _closing(text: str) -> str:
    return "midnight" if text == "00:00" else text
