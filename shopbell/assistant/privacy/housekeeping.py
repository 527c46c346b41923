"""Housekeeping: what the calendar asks of the shop's data, looked at now and then while the server runs."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from shopbell.assistant.errors import AssistantError
from shopbell.assistant.frontdesk import Parts
from shopbell.assistant.insight.monday import Weekly, keep_weeks
from shopbell.assistant.privacy.erasure import DIGESTS, Place
from shopbell.assistant.privacy.retention import sweep_once
from shopbell.assistant.privacy.wordings import adopt_wordings, load_wordings
from shopbell.loyalty.errors import LoyaltyError
from shopbell.storage.database import is_waiting

LOOK_S = 300.0
"""Seconds between two looks whether the day's removal is due."""
SOON_S = 20.0
"""Seconds until it is tried again where another program was writing."""
_log = logging.getLogger(__name__)


@asynccontextmanager
async def keep_house(parts: Parts, shop: Path, *, work: bool) -> AsyncIterator[None]:
    """With `work`, remove old data once a day meanwhile; raises ConsentsRefused for a bad consents.toml."""
    if not work:
        yield
        return
    place = Place(engine=parts.database, folder=parts.folder, shop=shop, draw=secrets.token_bytes)
    await parts.writer.call(adopt_wordings, parts.database, load_wordings(shop), parts.now())
    task = asyncio.create_task(_look(parts, place, shop))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _weekly(parts: Parts, shop: Path) -> Weekly:
    return Weekly(
        engine=parts.database,
        shop=shop,
        settings=parts.settings,
        digests=parts.folder / DIGESTS,
    )


async def _look(parts: Parts, place: Place, shop: Path) -> None:
    while True:
        wait_s = LOOK_S
        try:
            await parts.writer.call(sweep_once, place, parts.settings.retention, parts.now())
            await asyncio.to_thread(keep_weeks, _weekly(parts, shop), parts.now())
        except sa.exc.OperationalError as fault:
            if is_waiting(fault):
                wait_s = SOON_S
            else:
                _log.warning("privacy.retention", exc_info=fault)
        except (AssistantError, LoyaltyError) as fault:
            # A file cannot be read or written: its text says which.
            _log.warning("figures.weekly", exc_info=fault)
        await asyncio.sleep(wait_s)
