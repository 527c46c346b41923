"""The clubhouse: the loyalty programme of one shop as the server runs it, with its clock and its courier."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.frontdesk import Parts
from shopbell.assistant.settings import Settings
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk, SignedIn
from shopbell.loyalty.backroom import About, open_backroom
from shopbell.loyalty.courier import Courier, post_parcel
from shopbell.loyalty.programmefile import NAME
from shopbell.storage.worker import Worker

CALENDAR_S = 300.0
"""Seconds between looks at what ripens, expires and is released."""
_log = logging.getLogger(__name__)


class Grounds(Struct, frozen=True, kw_only=True):
    """What the clubhouse stands on."""

    parts: Parts
    """Settings, database and writer, which it shares with the front desk."""
    shop: Path
    """The shop's folder."""
    now: Callable[[], datetime]
    signed_in: SignedIn


def about(settings: Settings) -> About:
    """Return what the programme needs to know of the shop's settings."""
    shop = settings.shop
    return About(currency=shop.currency, timezone=shop.timezone, region=shop.country or "GB")


@asynccontextmanager
async def open_clubhouse(grounds: Grounds, *, work: bool) -> AsyncIterator[LoyaltyDesk | None]:
    """Open the programme, None when the shop has none; with `work` webhooks go out and points ripen.

    Raises ProgrammeError when programme.toml is wrong.
    """
    if not (grounds.shop / NAME).is_file():
        yield None
        return
    books = Worker("books")
    parts, known = grounds.parts, about(grounds.parts.settings)
    room = await parts.writer.call(open_backroom, parts.database, grounds.shop, parts.folder, known)
    courier = Courier(room.outbox, parts.writer, grounds.now, post_parcel)
    desk = LoyaltyDesk(
        room,
        database=parts.writer,
        books=books,
        ring=courier.ring,
        signed_in=grounds.signed_in,
        now=grounds.now,
        shop=grounds.shop,
        imports=parts.folder / "imports",
    )
    try:
        async with asyncio.TaskGroup() as tasks:
            started = (
                [tasks.create_task(courier.run()), tasks.create_task(_keep_calendar(desk))] if work else []
            )
            try:
                yield desk
            finally:
                for task in started:
                    task.cancel()
    finally:
        await books.close()


async def _keep_calendar(desk: LoyaltyDesk) -> None:
    """Let points ripen and expire, levels change and bonuses come, now and then."""
    while True:
        try:
            await desk.act(desk.room.club.daily, desk.now())
        except sa.exc.OperationalError as fault:
            _log.warning("loyalty.calendar", exc_info=fault)  # another process writes: the next look does it
        await asyncio.sleep(CALENDAR_S)
