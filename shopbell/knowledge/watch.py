"""Watch: an edit of the shop's files is live within two seconds of being saved."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from pathlib import Path

import structlog
from watchfiles import awatch

from shopbell.knowledge.errors import KnowledgeError
from shopbell.knowledge.files import CATALOGUE, GOLDEN, WORDINGS
from shopbell.knowledge.golden import GoldenReport
from shopbell.knowledge.library import Library, Snapshot
from shopbell.storage.worker import Worker

DEBOUNCE_MS = 200
"""Milliseconds for which changes are gathered before they are told."""
STEP_MS = 50
"""Milliseconds of quiet that end the gathering early."""
SETTLE_S = 0.15
"""Seconds a file must stay the same before it is read: an editor may still be writing."""
SETTLE_AT_MOST_S = 0.9
"""Seconds after which files are read although they still change."""
LOOK_ANYWAY_S = 30.0
"""Seconds after which the folder is read without being told: some network drives tell nothing."""

log = structlog.get_logger(__name__)


async def watch_shop(
    library: Library,
    worker: Worker,
    *,
    changed: Callable[[Snapshot], None] = lambda _snapshot: None,
    look_anyway_s: float = LOOK_ANYWAY_S,
    check_after_s: float = 0.0,
) -> None:
    """Make every edit of the shop's folder live, until cancelled; never blocks the event loop.

    After each edit the golden questions are asked again; the first time `check_after_s` later, so that an
    opening shop has the cores to itself. `changed` is called with every new state. Give it a
    worker of its own, so that no customer waits for an edit.
    """
    async with asyncio.TaskGroup() as tasks, aclosing(_edits(library.folder, look_anyway_s)) as edits:
        await _refresh(library, worker, changed)
        check = tasks.create_task(_check(library, worker, changed, check_after_s))
        async for _ in edits:
            await _settled(library.folder, worker)
            check.cancel()
            await _refresh(library, worker, changed)
            check = tasks.create_task(_check(library, worker, changed))


async def _edits(folder: Path, look_anyway_s: float) -> AsyncGenerator[None, None]:
    """Yield whenever something of the shop changed, or may have."""
    while True:
        try:
            watch = awatch(
                folder,
                watch_filter=lambda _change, path: _is_knowledge(folder, Path(path)),
                debounce=DEBOUNCE_MS,
                step=STEP_MS,
                rust_timeout=int(look_anyway_s * 1000),
                yield_on_timeout=True,
                ignore_permission_denied=True,
            )
            async for _ in watch:
                yield
        except (
            OSError,
            RuntimeError,
        ) as fault:  # the folder is gone or cannot be watched: look from time to time
            log.warning("knowledge.watch_failed", folder=str(folder), fault=str(fault))
            await asyncio.sleep(look_anyway_s)
            yield


def _is_knowledge(folder: Path, path: Path) -> bool:
    parts = path.relative_to(folder).parts if path.is_relative_to(folder) else ()
    return parts[:1] == ("faq",) or parts in {(CATALOGUE,), (GOLDEN,), (WORDINGS,)}


async def _settled(folder: Path, worker: Worker) -> None:
    """Wait until the files stay the same, so that none is read half-written."""
    seen = await worker.call(_stamps, folder)
    waited = 0.0
    while waited < SETTLE_AT_MOST_S:
        await asyncio.sleep(SETTLE_S)
        waited += SETTLE_S
        now = await worker.call(_stamps, folder)
        if now == seen:
            return
        seen = now


def _stamps(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Return path, size and time of change of every file that matters."""
    stamps = set()
    for path in (folder / CATALOGUE, folder / GOLDEN, folder / WORDINGS, *(folder / "faq").rglob("*")):
        try:
            about = path.lstat()
        except OSError:
            continue
        stamps.add((str(path), about.st_size, about.st_mtime_ns))
    return frozenset(stamps)


async def _refresh(library: Library, worker: Worker, changed: Callable[[Snapshot], None]) -> None:
    before = library.snapshot
    try:
        snapshot = await worker.call(library.refresh)
    except KnowledgeError as fault:
        log.warning("knowledge.refresh_failed", fault=str(fault))
        return
    if snapshot is not before:
        log.info("knowledge.refreshed", passages=len(snapshot.passages), problems=len(snapshot.problems))
        changed(snapshot)


async def _check(
    library: Library, worker: Worker, changed: Callable[[Snapshot], None], after_s: float = 0.0
) -> None:
    """Ask the golden questions, each a call of its own so that an edit need not wait for the rest."""
    await asyncio.sleep(after_s)
    before, asking = library.snapshot, library.checking()
    while not await worker.call(_is_done, asking):
        pass
    if library.snapshot is not before:
        changed(library.snapshot)


def _is_done(asking: Generator[None, None, GoldenReport]) -> bool:
    try:
        next(asking)
    except StopIteration:
        return True
    return False
