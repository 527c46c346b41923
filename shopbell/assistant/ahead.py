"""Reading ahead: while nobody asks, the model reads the notes, so that later only questions are read."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import structlog

from shopbell.assistant.errors import TooLong, Unavailable
from shopbell.assistant.llm.protocol import Message
from shopbell.assistant.sifting import noted
from shopbell.knowledge.passage import Kind, Passage

log = structlog.get_logger()

PAUSE_S = 2.0
"""Seconds between two looks whether there is something new, or whether the engine is free again."""


class Notes(Protocol):
    """Where the shop's notes are."""

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All that is published; another object after each publication."""
        ...


class Keeper(Protocol):
    """An engine that reads while nobody wants it."""

    async def ready(self) -> None:
        """Wait until it answers; raises Unavailable when it never will."""
        ...

    async def keep(self, messages: tuple[Message, ...]) -> str | None:
        """Read a beginning and keep its state; None when somebody wanted the engine first."""
        ...

    def keep_only(self, keys: set[str]) -> None:
        """Throw away all other states."""
        ...


@asynccontextmanager
async def reading_ahead(model: Keeper, notes: Notes, *, enabled: bool) -> AsyncIterator[None]:
    """Read ahead while the block runs, if `enabled`."""
    task = asyncio.create_task(read_ahead(model, notes)) if enabled else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def read_ahead(model: Keeper, notes: Notes) -> None:
    """Read every note, and again what is new after each publication; returns when there is no model."""
    read: tuple[Passage, ...] | None = None
    try:
        while True:
            await model.ready()
            passages = notes.passages
            if passages is not read and await _read_all(model, notes, passages):
                read = passages
            await asyncio.sleep(PAUSE_S)
    except Unavailable:
        return


async def _read_all(model: Keeper, notes: Notes, passages: tuple[Passage, ...]) -> bool:
    """Read these notes and forget all others; False when they were published anew on the way."""
    keys: set[str] = set()
    for passage in passages:
        if passage.kind is not Kind.FAQ:
            continue
        while overloaded() or (key := await _kept(model, passage)) is None:
            await asyncio.sleep(PAUSE_S)
            await model.ready()
        keys.add(key)
        if notes.passages is not passages:
            return False
    model.keep_only(keys)
    log.info("model.read_ahead", notes=len(keys))
    return True


def overloaded() -> bool:
    """Say whether the machine has more to do than it has cores for, our own reading aside."""
    return os.getloadavg()[0] > len(os.sched_getaffinity(0)) + 1


async def _kept(model: Keeper, passage: Passage) -> str | None:
    try:
        return await model.keep(noted(passage))
    except TooLong:
        return ""
