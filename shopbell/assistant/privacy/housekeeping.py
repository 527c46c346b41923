"""Housekeeping: what the calendar asks of the shop's data, looked at now and then while the server runs."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from shopbell.assistant.frontdesk import Parts
from shopbell.assistant.privacy.erasure import Place
from shopbell.assistant.privacy.retention import sweep_once
from shopbell.assistant.privacy.wordings import adopt_wordings, load_wordings

LOOK_S = 300.0
"""Seconds between two looks whether the day's removal is due."""
_log = logging.getLogger(__name__)


@asynccontextmanager
async def keep_house(parts: Parts, shop: Path, *, work: bool) -> AsyncIterator[None]:
    """With `work`, remove old data once a day meanwhile; raises ConsentsRefused for a bad consents.toml."""
    if not work:
        yield
        return
    place = Place(engine=parts.database, folder=parts.folder, shop=shop, draw=secrets.token_bytes)
    await parts.writer.call(adopt_wordings, parts.database, load_wordings(shop), parts.now())
    task = asyncio.create_task(_look(parts, place))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _look(parts: Parts, place: Place) -> None:
    while True:
        try:
            await parts.writer.call(sweep_once, place, parts.settings.retention, parts.now())
        except sa.exc.OperationalError as fault:
            _log.warning("privacy.retention", exc_info=fault)  # another process writes: the next look does it
        await asyncio.sleep(LOOK_S)
