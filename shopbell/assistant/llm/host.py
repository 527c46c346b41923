"""What runs inside the language model's worker process."""

import os
import resource
import time
from collections.abc import Callable

import msgspec

from shopbell.assistant.llm import tuning
from shopbell.assistant.llm.composer import Composer
from shopbell.assistant.llm.crew import Crew
from shopbell.assistant.llm.engine import LIBRARY, Weights
from shopbell.assistant.llm.memory import LAYOUT, Memory, Shape
from shopbell.assistant.llm.pacing import Pacing
from shopbell.assistant.llm.prompts import Prompter
from shopbell.assistant.llm.reading import Desk
from shopbell.assistant.llm.requests import EngineFacts, EngineSettings, Rates
from shopbell.assistant.llm.slots import Slots
from shopbell.assistant.llm.states import States
from shopbell.assistant.llm.tasks import task_of
from shopbell.assistant.llm.trial import Bench
from shopbell.models.worker import OpenJob
from shopbell.storage.precedence import goes_first

_ENCODER = msgspec.msgpack.Encoder()


class Host:
    """The engine as the worker process sees it: it does several jobs at once."""

    def __init__(self, settings: EngineSettings, beat: Callable[[], None]) -> None:
        """Load, measure, allocate; `beat` is called on the way. Raises EngineError."""
        began = time.monotonic()
        self._first, self._beat = goes_first(), beat
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
        self._pacing = Pacing(rates, self._memory.set_threads, cores=_cores())
        self._crew = Crew(self._memory, room=self._pacing.room)
        self._composer = self._composing(settings, rates)
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

    def _composing(self, settings: EngineSettings, rates: Rates) -> Composer:
        states = States(
            settings.data / "states",
            fingerprint=f"{_named(settings)} {rates.flash} {LAYOUT}",
            budget=settings.states_bytes,
            at_hand=settings.states_memory,
        )
        slots = Slots(sequences=settings.sequences, cells=settings.cells)
        return Composer(
            self._weights,
            Desk(self._memory, slots, states),
            Prompter(self._weights.render, self._weights.tokenize),
            prompt_limit=min(settings.prompt_limit, self._weights.trained_length),
            clock=time.monotonic,
        )

    @property
    def facts(self) -> bytes:
        """`EngineFacts`, encoded."""
        return _ENCODER.encode(self._facts)

    def take(self, request: bytes, job: OpenJob) -> None:
        """Begin to do what a `Request` says, beside all else; the job is refused when it does not fit."""
        if not self._crew.live:
            self._pacing.begin()
        self._crew.take(task_of(request, self._composer, job))

    def step(self) -> bool:
        """Go on with all jobs by one batch; return whether anything is left to do."""
        self._beat()
        self._crew.gather()
        # Who waits for a first word has all cores at once; beside words that come, others have theirs: a
        # kiosk's browser that plays them is among these.
        ahead = self._first and not self._crew.spare and not self._crew.writing
        self._pacing.look(patient=self._crew.spare, ahead=ahead)
        return self._crew.step()

    def close(self) -> None:
        """Free everything."""
        self._memory.close()
        self._weights.close()

    def _stop_reading(self) -> bool:
        self._beat()
        return self._crew.unwanted()

    def _tuned(self, settings: EngineSettings, beat: Callable[[], None]) -> Rates:
        bench = Bench(self._weights)
        tuner = tuning.Tuner(settings.data / tuning.FILE, bench, cores=_cores(), beat=beat)
        return tuner.rates(_named(settings))


def start(settings: bytes, beat: Callable[[], None]) -> Host:
    """Start the engine: the worker's factory. `settings` is an `EngineSettings`, encoded."""
    return Host(EngineSettings.decode(settings), beat)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _named(settings: EngineSettings) -> str:
    """Name what rates and states depend on besides themselves."""
    processor = tuning.processor_name() + (" plain" if settings.plain else "")
    return tuning.fingerprint(settings.model, library=LIBRARY, cores=_cores(), processor=processor)
