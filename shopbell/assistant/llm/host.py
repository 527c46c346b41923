"""What runs inside the language model's worker process."""

import os
import resource
import time
from collections.abc import Callable

import msgspec

from shopbell.assistant.errors import TooLong
from shopbell.assistant.llm import tuning
from shopbell.assistant.llm.composer import Composer
from shopbell.assistant.llm.engine import LIBRARY, SLICE, Memory, Shape, Weights
from shopbell.assistant.llm.errors import Aborted
from shopbell.assistant.llm.prompts import Prompter
from shopbell.assistant.llm.requests import (
    EngineFacts,
    EngineSettings,
    Forget,
    Generate,
    Judge,
    Keep,
    KeepOnly,
    Rates,
    Request,
    Response,
    Warm,
)
from shopbell.assistant.llm.slots import Slots
from shopbell.assistant.llm.states import States
from shopbell.assistant.llm.threads import Threads
from shopbell.models.worker import Job, Refused

_REQUESTS = msgspec.msgpack.Decoder(Request)
_ENCODER = msgspec.msgpack.Encoder()


class _Idle:
    """Nobody's job: what is watched while none runs."""

    def emit(self, body: bytes) -> None:
        """Nobody listens."""

    def cancelled(self) -> bool:
        """Nobody cancels."""
        return False

    def beat(self) -> None:
        """Nobody waits."""


class Host:
    """The engine as the worker process sees it."""

    def __init__(self, settings: EngineSettings, beat: Callable[[], None]) -> None:
        """Load, measure, allocate; `beat` is called on the way. Raises EngineError."""
        began = time.monotonic()
        self._job: Job = _Idle()
        self._weights = Weights(settings.model, plain=settings.plain)
        rates = self._tuned(settings, beat)
        shape = Shape(
            cells=settings.cells,
            sequences=settings.sequences,
            threads=rates.threads,
            threads_reading=rates.threads_reading,
            flash=rates.flash,
        )
        self._memory = Memory(self._weights, shape, self._stop_reading)
        self._rates = rates
        self._threads = Threads(most=max(rates.threads, rates.threads_reading))
        self._composer = self._composing(settings)
        self._facts = EngineFacts(
            description=self._weights.description,
            template=self._weights.template,
            rates=rates,
            cells=settings.cells,
            sequences=settings.sequences,
            memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            library=LIBRARY,
            started_s=time.monotonic() - began,
        )

    def _composing(self, settings: EngineSettings) -> Composer:
        states = States(
            settings.data / "states",
            fingerprint=self._fingerprint(settings),
            budget=settings.states_bytes,
        )
        return Composer(
            self._weights,
            self._memory,
            Slots(sequences=settings.sequences, cells=settings.cells),
            Prompter(self._weights.render, self._weights.tokenize),
            prompt_limit=min(settings.prompt_limit, self._weights.trained_length),
            slice_length=SLICE,
            clock=time.monotonic,
            watch=self._watch,
            states=states,
        )

    @property
    def facts(self) -> bytes:
        """`EngineFacts`, encoded."""
        return _ENCODER.encode(self._facts)

    def run(self, request: bytes, job: Job) -> None:
        """Do what a `Request` says. Raises Refused when the prompt does not fit."""
        self._job = job
        self._threads.begin(wall=time.monotonic(), cpu=time.process_time())
        try:
            self._do(_REQUESTS.decode(request), job)
        except TooLong as error:
            raise Refused(error.code, str(error)) from error
        except Aborted:
            return
        finally:
            self._job = _Idle()

    def close(self) -> None:
        """Free everything."""
        self._memory.close()
        self._weights.close()

    def _do(self, request: Request, job: Job) -> None:
        def say(response: Response) -> None:
            job.emit(_ENCODER.encode(response))

        match request:
            case Generate():
                say(self._composer.generate(request, say))
            case Judge():
                say(self._composer.judge(request))
            case Warm():
                say(self._composer.warm(request))
            case Keep():
                say(self._composer.keep(request))
            case KeepOnly(keys):
                self._composer.keep_only(keys)
            case Forget(conversation):
                self._composer.forget(conversation)

    def _watch(self) -> None:
        if self._stop_reading():
            raise Aborted
        if self._threads.note(wall=time.monotonic(), cpu=time.process_time()):
            most = self._threads.now
            writing, reading = min(self._rates.threads, most), min(self._rates.threads_reading, most)
            self._memory.set_threads(writing=writing, reading=reading)

    def _stop_reading(self) -> bool:
        self._job.beat()
        return self._job.cancelled()

    def _fingerprint(self, settings: EngineSettings) -> str:
        """Name what a state depends on besides its tokens."""
        return f"{self._named(settings)} {self._rates.flash} f16"

    @staticmethod
    def _named(settings: EngineSettings) -> str:
        cores = len(os.sched_getaffinity(0))
        processor = tuning.processor_name() + (" plain" if settings.plain else "")
        return tuning.fingerprint(settings.model, library=LIBRARY, cores=cores, processor=processor)

    def _tuned(self, settings: EngineSettings, beat: Callable[[], None]) -> Rates:
        cores = len(os.sched_getaffinity(0))
        name = self._named(settings)
        tuner = tuning.Tuner(settings.data / tuning.FILE, self._trial, cores=cores, beat=beat)
        return tuner.rates(name)

    def _trial(self, *, threads: int, flash: bool, reads: int, writes: int) -> tuple[float, float]:
        shape = Shape(cells=256, sequences=1, threads=threads, threads_reading=threads, flash=flash)
        memory = Memory(self._weights, shape, lambda: False)
        try:
            began = time.perf_counter()
            memory.read(list(range(100, 100 + reads)), sequence=0, position=0)
            memory.logits()
            read = time.perf_counter()
            for step in range(writes):
                memory.read([200 + step], sequence=0, position=reads + step)
                memory.logits()
            return read - began, time.perf_counter() - read
        finally:
            memory.close()


def start(settings: bytes, beat: Callable[[], None]) -> Host:
    """Start the engine: the worker's factory. `settings` is an `EngineSettings`, encoded."""
    return Host(EngineSettings.decode(settings), beat)
