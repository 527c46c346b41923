"""A small shop as `shopbell serve` really serves it: a process of its own on a free port, without an LLM."""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shopbell.assistant.newshop import make
from shopbell.loyalty.tills import RATE, Scope, Tills
from shopbell.models.files import data_folder
from shopbell.storage.buckets import Buckets
from shopbell.storage.database import open_database

READY_S = 180
"""Seconds to wait until it answers; on a busy machine it takes half a minute."""


class Premises:
    """The shop's folder and its data, kept from one run of the server to the next."""

    def __init__(self, folder: Path) -> None:
        """Make a shop; skips the test when the embedding model is not on this machine."""
        self.shop, self.data = folder / "shop", folder / "data"
        minilm = data_folder(os.environ, Path.home()) / "models" / "minilm"
        if not minilm.is_dir():
            pytest.skip("the model minilm is not here: run scripts/test")
        make(self.shop)
        (self.data / "models").mkdir(parents=True)
        (self.data / "models" / "minilm").symlink_to(minilm)

    @property
    def database(self) -> Path:
        """The shop's database; made by the first run."""
        return next(self.data.glob("**/shop.db"))

    def keys(self, count: int) -> list[dict[str, str]]:
        """Make keys for so many tills; return the headers that show them."""
        engine = open_database(self.database)
        tills = Tills(engine, buckets=Buckets(RATE, time.monotonic), draw=secrets.token_bytes)
        made = [tills.create(f"till{n}", Scope, datetime.now(UTC)) for n in range(count)]
        engine.dispose()
        return [{"Authorization": f"Bearer {each.text}"} for each in made]

    @asynccontextmanager
    async def served(self) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
        """Run the server; yield its process and address, and kill it when it still runs afterwards."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "shopbell.assistant.cli", "--data", str(self.data)),
            *("serve", str(self.shop), "--port", "0"),
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            async with asyncio.timeout(READY_S):
                line = (await process.stdout.readline()).decode()
            port = line.split("127.0.0.1:")[1].split()[0]
            yield process, f"http://127.0.0.1:{port}"
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
