"""A worker process under supervision, with a puppet for an engine."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from shopbell.models.calls import WorkerDown, WorkerError, WorkerRefused
from shopbell.models.launch import Launch, Patience
from shopbell.models.supervision import Worker

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
QUICK = Patience(hang_s=1.0, start_s=10.0, first_pause_s=0.05, longest_pause_s=0.2, crashes=4)


class Collector:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.items: list[bytes] = []
        self.error: WorkerError | None = None
        self.ended = asyncio.Event()

    def item(self, body: bytes) -> None:
        self.items.append(body)

    def end(self, error: WorkerError | None) -> None:
        assert not self.ended.is_set()
        self.error = error
        self.ended.set()

    async def result(self) -> bytes:
        async with asyncio.timeout(10):
            await self.ended.wait()
        if self.error is not None:
            raise self.error
        return b"".join(self.items)


def puppet(settings: bytes = b"", cautious: bytes | None = None) -> Launch:
    return Launch(factory="tests.fakes.engine:start", settings=settings, cautious=cautious, paths=(ROOT,))


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait; the bound keeps a fault from hanging the suite and says nothing of how quick it should be."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what it waits for has no event
            await asyncio.sleep(0.01)


async def do(worker: Worker, words: str) -> bytes:
    sink = Collector()
    worker.submit(words.encode(), sink)
    return await sink.result()


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    async with Worker(puppet(), patience=QUICK) as worker:
        await until(lambda: worker.state.status == "ready")
        yield worker


async def test_it_answers_in_order(worker: Worker) -> None:
    """Jobs are done one after another and each gets its own answers."""
    answers = await asyncio.gather(*(do(worker, f"echo {number}") for number in range(20)))
    assert answers == [str(number).encode() for number in range(20)]
    assert worker.state.facts == b"puppet"


async def test_prints_do_not_reach_the_line(worker: Worker) -> None:
    """What a library prints goes to standard error, never among the frames."""
    assert await do(worker, "print") == b"done"
    assert await do(worker, "echo still here") == b"still here"
    await until(lambda: "noise on descriptor one" in worker.last_lines)


async def test_secrets_stay_in_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker inherits a few named variables and telemetry is off."""
    monkeypatch.setenv("SHOP_SECRET", "hunter2")
    async with Worker(puppet(), patience=QUICK) as worker:
        await until(lambda: worker.state.status == "ready")
        environment = (await do(worker, "env")).decode()
    assert "hunter2" not in environment
    assert "ORT_DISABLE_TELEMETRY=1" in environment
    assert f"OMP_NUM_THREADS={len(os.sched_getaffinity(0))}" in environment
    assert "MKL_NUM_THREADS" not in environment, "it would overrule the threads that Whisper is told"


async def test_a_refusal_is_not_a_crash(worker: Worker) -> None:
    """The engine may refuse a job with a code and go on."""
    with pytest.raises(WorkerRefused, match="not this one") as caught:
        await do(worker, "refuse")
    assert caught.value.reason == "no-thanks"
    assert await do(worker, "echo on") == b"on"
    assert worker.state.restarts == 0


async def test_a_cancel_stops_the_job_at_work(worker: Worker) -> None:
    """A job told to stop ends soon, and the next is done."""
    sink = Collector()
    number = worker.submit(b"work 30", sink)
    await asyncio.sleep(0.2)
    worker.cancel(number)
    assert await sink.result() == b"cancelled"
    assert await do(worker, "echo next") == b"next"


async def test_a_cancel_skips_a_job_that_waits(worker: Worker) -> None:
    """A job that has not begun is dropped without being done."""
    first, second = Collector(), Collector()
    worker.submit(b"work 0.3", first)
    worker.cancel(worker.submit(b"echo never", second))
    assert await second.result() == b""
    assert await first.result() == b"worked"


async def test_kill_is_noticed_at_once_and_mended(worker: Worker) -> None:
    """After `kill -9` the job fails at once, nothing is accepted, and service returns."""
    sink = Collector()
    worker.submit(b"work 30", sink)
    await asyncio.sleep(0.1)
    began = time.monotonic()
    os.kill(worker.state.pid, signal.SIGKILL)
    with pytest.raises(WorkerDown, match="SIGKILL"):
        await sink.result()
    assert time.monotonic() - began < 2.0  # its job would have gone on for 30
    await until(lambda: worker.state.status == "restarting")
    with pytest.raises(WorkerDown):
        worker.submit(b"echo x", Collector())
    await until(lambda: worker.state.status == "ready")
    assert await do(worker, "echo back") == b"back"
    assert worker.state.restarts == 1


async def test_a_submit_before_the_death_is_noticed_still_ends(worker: Worker) -> None:
    """A job given to a process that has just died is told so; none is ever left without an end."""
    os.kill(worker.state.pid, signal.SIGKILL)
    with pytest.raises(WorkerDown):
        await do(worker, "echo lost")


async def test_an_exception_in_the_engine_is_a_crash(worker: Worker) -> None:
    """An error nobody foresaw ends the process; its last line is kept for the owner."""
    with pytest.raises(WorkerDown):
        await do(worker, "break")
    await until(lambda: worker.state.status == "restarting")
    assert "the engine is broken" in worker.state.detail


async def test_a_hang_is_a_restart(worker: Worker) -> None:
    """A job without a sign of life is ended and the engine started again."""
    with pytest.raises(WorkerDown, match="no sign of life"):
        await do(worker, "hang")
    await until(lambda: worker.state.status == "ready")


async def test_a_stopped_process_is_a_hang(worker: Worker) -> None:
    """SIGSTOP looks like a hang and is mended like one."""
    sink = Collector()
    worker.submit(b"work 30", sink)
    os.kill(worker.state.pid, signal.SIGSTOP)
    with pytest.raises(WorkerDown, match="no sign of life"):
        await sink.result()


async def test_long_work_with_signs_of_life_is_no_hang(worker: Worker) -> None:
    """A job may take longer than the patience as long as it gets on."""
    assert await do(worker, f"work {QUICK.hang_s * 1.5}") == b"worked"


async def test_too_many_crashes_give_it_up_until_revived() -> None:
    """After so many crashes in the window it is degraded, and `revive` tries again."""
    async with Worker(puppet(b"fail"), patience=QUICK) as worker:
        await until(lambda: worker.state.status == "degraded")
        assert worker.state.restarts == QUICK.crashes
        assert "no such engine" in worker.state.detail
        worker.revive()
        await until(lambda: worker.state.restarts > QUICK.crashes)


@pytest.mark.parametrize("death", [b"illegal", b"slow illegal"])
async def test_an_illegal_instruction_leads_to_the_cautious_settings(death: bytes) -> None:
    """When the processor refuses an instruction the next start does without, also when it dies slowly."""
    async with Worker(puppet(death, cautious=b"careful"), patience=QUICK) as worker:
        await until(lambda: worker.state.status == "ready")
        assert await do(worker, "settings") == b"careful"
        assert worker.state.restarts == 1


async def test_preparations_are_done_after_every_start() -> None:
    """What was prepared is done before it is called ready, and again after a crash."""
    async with Worker(puppet(), patience=QUICK) as worker:
        worker.prepare(b"print")
        await until(lambda: worker.state.status == "ready")
        assert "noise on descriptor one" in worker.last_lines
        os.kill(worker.state.pid, signal.SIGKILL)
        await until(lambda: worker.state.status == "restarting")
        await until(lambda: worker.state.status == "ready")
        assert "noise on descriptor one" in worker.last_lines


async def test_stopping_is_quick_and_leaves_no_process(worker: Worker) -> None:
    """Even in the middle of a job that will not end, all is over within seconds."""
    sink = Collector()
    worker.submit(b"hang", sink)
    pid = worker.state.pid
    began = time.monotonic()
    await worker.stop()
    assert time.monotonic() - began < 5.0  # two, and what a busy machine adds
    assert not psutil.pid_exists(pid)
    assert sink.ended.is_set()


async def test_it_dies_with_the_house(tmp_path: Path) -> None:
    """When the house is killed, its worker does not outlive it."""
    script = tmp_path / "house.py"
    script.write_text(
        "import asyncio\n"
        "from shopbell.models.launch import Launch\n"
        "from shopbell.models.supervision import Worker\n"
        "from shopbell.models.calls import Nowhere\n"
        "async def main():\n"
        "    async with Worker(Launch(factory='tests.fakes.engine:start', settings=b'')) as worker:\n"
        "        while worker.state.status != 'ready':\n"
        "            await asyncio.sleep(0.01)\n"
        "        worker.submit(b'hang', Nowhere())\n"
        "        print(worker.state.pid, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    house = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
    )
    assert house.stdout is not None
    pid = int(await house.stdout.readline())
    house.kill()
    await house.wait()
    with contextlib.suppress(psutil.NoSuchProcess):
        await asyncio.to_thread(psutil.Process(pid).wait, 3)
    assert not psutil.pid_exists(pid)
