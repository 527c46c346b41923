"""Nightly: has the customers reckoned once a day, in a process of its own that others come before."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

import sqlalchemy as sa

from shopbell.loyalty.backroom import About
from shopbell.loyalty.demo import is_filling
from shopbell.loyalty.errors import LoyaltyError
from shopbell.loyalty.reckoning.apart import Premises, is_due, reckon_apart
from shopbell.storage.database import reading
from shopbell.storage.errors import StorageError

FIRST_S = 60.0
"""Seconds after the start until the first look: the shop opens first."""
LOOK_S = 300.0
"""Seconds between two looks whether the day's reckoning is due."""
_log = logging.getLogger(__name__)


async def keep_reckoned(
    database: sa.Engine, folder: Path, shop: Path, about: About, now: Callable[[], datetime]
) -> None:
    """Look now and then, for ever; `folder` is where the shop's data lies, `shop` its own folder."""
    await asyncio.sleep(FIRST_S)
    while True:
        try:
            if await asyncio.to_thread(_due, database, folder, about, now()):
                await _reckon(Premises(database=_where(database), shop=shop, about=about), now())
        except (sa.exc.OperationalError, StorageError, LoyaltyError, BrokenProcessPool) as fault:
            _log.warning("loyalty.reckoning", exc_info=fault)  # the next look does it
        await asyncio.sleep(LOOK_S)


async def _reckon(premises: Premises, now: datetime) -> None:
    pool = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
    try:
        done = await asyncio.get_running_loop().run_in_executor(pool, reckon_apart, premises, now)
        _log.info("loyalty.reckoned", extra={"customers": done.reckoned, "seconds": done.seconds})
    finally:
        for process in pool._processes.values():  # noqa: SLF001 - else the server waits for it to end
            process.terminate()
        pool.shutdown(wait=False, cancel_futures=True)


def _due(database: sa.Engine, folder: Path, about: About, now: datetime) -> bool:
    if is_filling(folder):
        return False
    with reading(database) as db:
        return is_due(db, about, now)


def _where(database: sa.Engine) -> Path | str:
    url = database.url
    if url.get_backend_name() == "sqlite":
        return Path(url.database or "")
    return url.render_as_string(hide_password=False)
