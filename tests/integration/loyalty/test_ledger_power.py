"""The plug is pulled and the process is killed: what was acknowledged is there, nothing by half."""

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from shopbell.loyalty.ledger import Ledger
from shopbell.storage.database import open_database
from tests.fakes import ledger_writers

RECORDER = Path(__file__).parents[2] / "fakes" / "write_recorder.c"
ROOT = Path(__file__).parents[3]
OPERATIONS = 320
POINTS = 2000
KILLS = 100


class Event(NamedTuple):
    """One thing that was done to a file."""

    kind: str
    """w: write, a: append, t: truncate, s: sync."""
    name: str
    offset: int
    data: bytes


class Day(NamedTuple):
    """A recorded run: the files before it and all that was done to them."""

    before: dict[str, bytes]
    events: list[Event]


def record(folder: Path, template: Path, synchronous: str) -> Day:
    """Run the script of postings under the recorder."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to build the recorder with: apt install build-essential")
    library, log, data = folder / "recorder.so", folder / "log", folder / "data"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", library, RECORDER, "-ldl", "-lpthread"], check=True
    )
    data.mkdir()
    shutil.copy(template, data / "shop.db")
    before = {"shop.db": (data / "shop.db").read_bytes()}
    watched = {"LD_PRELOAD": str(library), "RECORD_FOLDER": str(data), "RECORD_LOG": str(log)}
    subprocess.run(
        [sys.executable, "-m", ledger_writers.__name__, data, synchronous, str(OPERATIONS)],
        check=True,
        cwd=ROOT,
        env=os.environ | watched,
        timeout=300,
    )
    return Day(before, list(parse(log.read_bytes())))


def parse(log: bytes) -> Iterator[Event]:
    """Read the recorder's log."""
    at = 0
    while at < len(log):
        kind, name_length, offset, length = struct.unpack_from("=cBqQ", log, at)
        at += 18
        name = log[at : at + name_length].decode()
        at += name_length
        yield Event(kind.decode(), name, offset, log[at : at + length])
        at += length


def apply(files: dict[str, bytearray], event: Event) -> None:
    """Do to a copy what was done to the file."""
    content = files.setdefault(event.name, bytearray())
    if event.kind == "t":
        del content[event.offset :]
        content.extend(bytes(event.offset - len(content)))
    elif event.kind == "w":
        content.extend(bytes(max(0, event.offset - len(content))))
        content[event.offset : event.offset + len(event.data)] = event.data


class Found(NamedTuple):
    """What a database holds after the power came back."""

    keys: frozenset[str]
    half: int


class Loss(NamedTuple):
    """Sums over all points at which the plug was pulled."""

    points: int
    states: int
    missing: int
    half: int


def pull_the_plug(day: Day, folder: Path, keep: random.Random | None, points: int) -> Loss:
    """Cut the power at evenly spread points; what was written since a file's last sync is lost.

    With `keep`, each such write survives by the toss of a coin, as a disk may reorder what it was not told to
    keep.
    """
    chosen = {round(n * (len(day.events) - 1) / (points - 1)) for n in range(points)}
    safe = {name: bytearray(content) for name, content in day.before.items()}
    waiting: list[Event] = []
    acknowledged: list[str] = []
    missing = half = states = 0
    found: Found | None = None
    for number, event in enumerate(day.events):
        if event.name == "acks":
            acknowledged += event.data.decode().split()
        elif event.kind == "s":
            for write in [write for write in waiting if write.name == event.name]:
                apply(safe, write)
            waiting = [write for write in waiting if write.name != event.name]
            found = None
        elif not event.name.endswith("-shm"):
            waiting.append(event)
        if number in chosen:
            if found is None or keep is not None:
                found, states = look(surviving(safe, waiting, keep), folder), states + 1
            missing += len(set(acknowledged) - found.keys)
            half += found.half
    return Loss(len(chosen), states, missing, half)


def surviving(
    safe: dict[str, bytearray], waiting: list[Event], keep: random.Random | None
) -> dict[str, bytearray]:
    """Return the files as the disk has them."""
    if keep is None:
        return safe
    files = {name: bytearray(content) for name, content in safe.items()}
    for write in waiting:
        if keep.random() < 0.5:
            apply(files, write)
    return files


def look(files: dict[str, bytearray], folder: Path) -> Found:
    """Open the database as SQLite finds it and count what is there by half."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with closing(sqlite3.connect(folder / "shop.db")) as db:
        keys = frozenset(key for (key,) in db.execute("SELECT key FROM entry"))
        half = db.execute(
            "SELECT (SELECT count(*) FROM posting WHERE entry NOT IN (SELECT seq FROM entry))"
            " + (SELECT count(*) FROM (SELECT 1 FROM posting GROUP BY entry HAVING sum(points) <> 0))"
            " + (SELECT count(*) FROM entry WHERE seq NOT IN (SELECT entry FROM posting))"
            " + (SELECT count <> (SELECT count(*) FROM entry) FROM head)"
            " + (SELECT quick_check <> 'ok' FROM pragma_quick_check LIMIT 1)"
        ).fetchone()[0]
    return Found(keys, half)


@pytest.mark.slow
def test_a_power_cut_loses_nothing_acknowledged(tmp_path: Path, sqlite_template: Path) -> None:
    """At 2,000 points: acknowledged and missing 0, by half 0, also when the disk reorders."""
    day = record(tmp_path, sqlite_template, "FULL")
    loss = pull_the_plug(day, tmp_path / "after", None, POINTS)
    assert loss.points >= POINTS
    assert loss.states >= OPERATIONS / 2
    assert (loss.missing, loss.half) == (0, 0)
    shuffled = pull_the_plug(day, tmp_path / "after", random.Random(3), 200)
    assert (shuffled.missing, shuffled.half) == (0, 0)
    engine = open_database(tmp_path / "after" / "shop.db")
    assert Ledger(engine).verify().fault is None
    engine.dispose()


@pytest.mark.slow
def test_the_power_cut_test_can_fail(tmp_path: Path, sqlite_template: Path) -> None:
    """The same with synchronous = NORMAL loses acknowledged entries: the check sees what it looks for."""
    day = record(tmp_path, sqlite_template, "NORMAL")
    loss = pull_the_plug(day, tmp_path / "after", None, POINTS)
    assert loss.missing > 0
    assert loss.half == 0


@pytest.mark.slow
def test_a_hundred_kills_lose_and_double_nothing(tmp_path: Path, sqlite_template: Path) -> None:
    """`kill -9` under eight writers, a hundred times: acknowledged and missing 0, doubled 0."""
    path, acks = tmp_path / "shop.db", tmp_path / "acks"
    shutil.copy(sqlite_template, path)
    acks.touch()
    start = multiprocessing.get_context("forkserver")
    start.set_forkserver_preload([ledger_writers.__name__])
    chance = random.Random(5)
    for _ in range(KILLS):
        done = acks.read_text().split()
        numbers = [0] * ledger_writers.WRITERS
        for writer, n in (key.split("-") for key in done):
            numbers[int(writer)] = max(numbers[int(writer)], int(n) + 1)
        process = start.Process(target=ledger_writers.keep_writing, args=(str(path), str(acks), numbers))
        process.start()
        assert process.pid is not None
        wait_for_more(acks, acks.stat().st_size, process)
        time.sleep(chance.uniform(0, 0.05))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        process.close()
    check_after_kills(path, acks.read_text().split())


def wait_for_more(acks: Path, size: int, process: "multiprocessing.process.BaseProcess") -> None:
    """Return when something was acknowledged."""
    deadline = time.monotonic() + 60
    while acks.stat().st_size == size:
        assert process.is_alive(), "the writers ended by themselves"
        assert time.monotonic() < deadline, "nothing was written in a minute"
        time.sleep(0.002)


def check_after_kills(path: Path, acknowledged: list[str]) -> None:
    """Every acknowledged key is there once, and each point was given for one key."""
    engine = open_database(path)
    ledger = Ledger(engine)
    assert ledger.verify().fault is None
    with engine.connect() as db:
        kept = {str(key): str(owner) for key, owner in db.exec_driver_sql("SELECT key, owner FROM entry")}
    assert len(acknowledged) == len(set(acknowledged)) >= KILLS
    assert set(acknowledged) - set(kept) == set()
    for number in range(ledger_writers.WRITERS):
        owner = f"c{number}"
        mine = sum(who == owner for who in kept.values())
        assert ledger.balance(owner, "points", ledger_writers.T0).available == mine
    engine.dispose()
