"""The clubhouse: the loyalty programme of one shop as the server runs it, with its clock and its courier."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Self

import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.frontdesk import Parts
from shopbell.assistant.nightly import keep_reckoned
from shopbell.assistant.privacy.housekeeping import keep_house
from shopbell.assistant.settings import Settings
from shopbell.assistant.staff.office import Office
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk, SignedIn, Witness
from shopbell.loyalty.backroom import About, open_backroom
from shopbell.loyalty.courier import Courier, post_parcel
from shopbell.loyalty.demo import is_filling
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
    witness: Witness

    @classmethod
    def of(cls, parts: Parts, shop: Path, now: Callable[[], datetime], office: Office) -> Self:
        """Take the shop as it stands, and the staff's office for who may come in."""
        return cls(parts=parts, shop=shop, now=now, signed_in=office.member, witness=office.called)


def about(settings: Settings) -> About:
    """Return what the programme needs to know of the shop's settings."""
    shop = settings.shop
    return About(currency=shop.currency, timezone=shop.timezone, region=shop.country or "GB")


@asynccontextmanager
async def open_clubhouse(grounds: Grounds, *, work: bool) -> AsyncIterator[LoyaltyDesk | None]:
    """Open the programme, None when the shop has none.

    With `work` webhooks go out, points ripen and old data goes.
    Raises ProgrammeError when programme.toml is wrong.
    """
    async with (
        keep_house(grounds.parts, grounds.shop, work=work),
        _open_club(grounds, work=work) as desk,
    ):
        yield desk


@asynccontextmanager
async def _open_club(grounds: Grounds, *, work: bool) -> AsyncIterator[LoyaltyDesk | None]:
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
        witness=grounds.witness,
        now=grounds.now,
        shop=grounds.shop,
        imports=parts.folder / "imports",
    )
    try:
        async with asyncio.TaskGroup() as tasks:
            reckon = partial(keep_reckoned, parts.database, parts.folder, grounds.shop, known, grounds.now)
            chores = (courier.run, partial(_keep_calendar, desk, parts.folder), reckon) if work else ()
            started = [tasks.create_task(chore()) for chore in chores]
            try:
                yield desk
            finally:
                for task in started:
                    task.cancel()
    finally:
        await books.close()


async def _keep_calendar(desk: LoyaltyDesk, folder: Path) -> None:
    """Let points ripen and expire, levels change and bonuses come, now and then."""
    while True:
        try:
            if not await asyncio.to_thread(is_filling, folder):
                await desk.act(desk.room.club.daily, desk.now())
        except sa.exc.OperationalError as fault:
            _log.warning("loyalty.calendar", exc_info=fault)  # another process writes: the next look does it
        await asyncio.sleep(CALENDAR_S)
