"""What every handler of the loyalty programme works with; built once, passed in."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from shopbell.assistant.doorman import Doorman
from shopbell.assistant.errors import BadRequest
from shopbell.assistant.keysmith import Keysmith
from shopbell.assistant.outreach.office import Office
from shopbell.loyalty.backroom import Backroom
from shopbell.loyalty.reckoning.offering import Offering
from shopbell.storage.worker import Worker

P = ParamSpec("P")
T = TypeVar("T")

_OLDEST_YEAR = 1990
_AHEAD = timedelta(days=1)
"""A till's clock may be wrong by so much."""


class Person(Protocol):
    """Somebody signed in at the console."""

    @property
    def name(self) -> str:
        """What they are called."""
        ...

    @property
    def role(self) -> str:
        """`clerk`, `manager` or `owner`."""
        ...


Witness = Callable[[str, str], Awaitable[None]]
"""Writes down who of the staff called what."""

SignedIn = Callable[[str], Awaitable[Person | None]]
"""Tells of a console's token whose it is."""


class LoyaltyDesk:
    """The programme's services, each called on the thread where it may block."""

    def __init__(
        self,
        room: Backroom,
        *,
        database: Worker,
        books: Worker,
        ring: Callable[[], None],
        signed_in: SignedIn,
        witness: Witness,
        now: Callable[[], datetime],
        shop: Path,
        imports: Path,
    ) -> None:
        """Take the parts.

        `database` is the thread of all writers, `books` one for long reading, `ring` tells the courier that
        something waits, `shop` is the shop's folder, `imports` where uploaded files are kept.
        """
        self.room = room
        self.signed_in = signed_in
        self.witness = witness
        self.now = now
        self.shop = shop
        self.imports = imports
        self._database = database
        self._books = books
        self._ring = ring
        self._together = room.club.together
        self.doorman: Doorman | None = None
        """Who lets customers in; None until the front desk is open."""
        self.keysmith: Keysmith | None = None
        self.outreach: Office | None = None
        """Who writes to customers first; None until it is open."""
        self.offering = Offering(room.engine, shop)

    async def act(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Change something by itself, and have the webhooks told."""
        done = await self._database.call(fn, *args, **kwargs)
        self._ring()
        return done

    async def enter(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Change something short, on one flush of the disk with the other tills that wait.

        `fn` writes by `sharing.writing` alone, as the club's calls of one transaction do.
        """
        done = await self._database.join(self._together, fn, *args, **kwargs)
        self._ring()
        return done

    async def look(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read something short."""
        return await self._database.call(fn, *args, **kwargs)

    async def study(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read something long, while the tills go on."""
        return await self._books.call(fn, *args, **kwargs)

    def checked_time(self, at: datetime) -> datetime:
        """Return when a till says something happened; raises BadRequest when that cannot be."""
        if at.year < _OLDEST_YEAR or at.year > self.now().year + 1 or at > self.now() + _AHEAD:
            raise BadRequest(f"at: {at:%Y-%m-%d %H:%M} cannot be when it happened. Check the till's clock.")
        return at
