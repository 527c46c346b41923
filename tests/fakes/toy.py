"""A toy in the engine's place: its words are bytes, and it repeats the customer's last message.

Its memory keeps the rules of the real one and fails when they are broken, so that it tests the bookkeeping.
"""

import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar, cast

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.assistant.llm.composer import Composer, Emit
from shopbell.assistant.llm.crew import Crew
from shopbell.assistant.llm.errors import Aborted
from shopbell.assistant.llm.plans import Copy, Step
from shopbell.assistant.llm.prompts import Prompter
from shopbell.assistant.llm.protocol import Finished, Judged
from shopbell.assistant.llm.reading import Desk
from shopbell.assistant.llm.requests import (
    EngineFacts,
    EngineSettings,
    Generate,
    Judge,
    Keep,
    Kept,
    Rates,
    Response,
    Warm,
    Warmed,
)
from shopbell.assistant.llm.slots import Slots
from shopbell.assistant.llm.states import States
from shopbell.assistant.llm.tasks import task_of
from shopbell.assistant.llm.work import Ask, Read, Steps
from shopbell.models.worker import OpenJob

T = TypeVar("T")

OPEN, CLOSE = 256, 257
VOCABULARY = 258
_CONTROL = {"<|im_start|>": OPEN, "<|im_end|>": CLOSE}
RATES = Rates(threads=1, threads_reading=1, flash=False, prefill_rate=1000.0, decode_rate=100.0)


def tokenize(text: str, special: bool, first: bool) -> list[int]:
    """Bytes are tokens; control texts are one token each, if they are meant."""
    if special:
        for control, token in _CONTROL.items():
            if control in text:
                before, _, after = text.partition(control)
                return [*tokenize(before, True, first), token, *tokenize(after, True, first)]
    return list(text.encode())


def render(messages: Sequence[tuple[str, str]], answer: bool) -> str:
    """Write a conversation as most small models want it."""
    text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in messages)
    return text + ("<|im_start|>assistant\n" if answer else "")


class ToyWords:
    """The vocabulary."""

    def tokenize(self, text: str, special: bool, first: bool) -> list[int]:
        return tokenize(text, special, first)

    def bytes_of(self, token: int) -> bytes:
        return bytes([token]) if token < OPEN else b""

    def ends(self, token: int) -> bool:
        return token >= OPEN


class ToyMemory:
    """Sequences of (token, cell); a cell is freed when no sequence holds it."""

    def __init__(self, *, sequences: int, cells: int, pause: Callable[[], None] = lambda: None) -> None:
        self.sequences: list[list[tuple[int, int]]] = [[] for _ in range(sequences)]
        self.cells = cells
        self.reads = 0
        """Tokens read in all."""
        self.restored = 0
        """Tokens put back without reading."""
        self.halves: set[int] = set()
        """Cells that were read up to a layer only: of use to nobody who wants words."""
        self._fresh = 0
        self._pause = pause

    @property
    def half_read(self) -> int:
        """Cells still held that were read up to a layer only."""
        return len(self.halves & {cell for sequence in self.sequences for _, cell in sequence})

    def tokens(self, sequence: int) -> list[int]:
        return [token for token, _ in self.sequences[sequence]]

    @property
    def used(self) -> int:
        return len({cell for sequence in self.sequences for _, cell in sequence})

    def apply(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if isinstance(step, Copy):
                assert not self.sequences[step.target], "a copy onto what is there doubles positions"
                assert step.length <= len(self.sequences[step.source])
                self.sequences[step.target] = self.sequences[step.source][: step.length]
            else:
                del self.sequences[step.sequence][step.length :]

    def run(self, batch: Sequence[tuple[Ask, int]]) -> list[Read]:
        self._pause()
        reads = []
        for ask, count in batch:
            before = self._fresh
            self.read(ask.tokens[:count], sequence=ask.sequence, position=ask.position)
            self.halves |= set(range(before, self._fresh)) if ask.halfway else set()
            whole = count == len(ask.tokens)
            reads.append(
                Read(
                    count=count,
                    scores=self._scores(ask.sequence) if whole and not ask.halfway else None,
                    states=self._states(ask.sequence, count) if ask.layer is not None else None,
                )
            )
        return reads

    def read(self, tokens: Sequence[int], *, sequence: int, position: int) -> None:
        assert position == len(self.sequences[sequence]), "a hole or an overlap"
        for token in tokens:
            self.sequences[sequence].append((token, self._fresh))
            self._fresh += 1
        self.reads += len(tokens)
        assert self.used <= self.cells, "more cells than there are"

    def save(self, *, sequence: int, begin: int, end: int) -> bytes:
        return msgspec.json.encode(self.tokens(sequence)[begin:end])

    def restore(self, state: bytes, *, sequence: int, begin: int, end: int) -> bool:
        tokens = msgspec.json.decode(state, type=list[int])
        if len(self.sequences[sequence]) != begin or len(tokens) != end - begin:
            return False
        self.read(tokens, sequence=sequence, position=begin)
        self.reads -= len(tokens)
        self.restored += len(tokens)
        return True

    def _states(self, sequence: int, count: int) -> NDArray[np.float32]:
        length = len(self.tokens(sequence))
        return np.array([[place + 1, 1.0] for place in range(length - count, length)], dtype=np.float32)

    def _scores(self, sequence: int) -> NDArray[np.float32]:
        assert not self.halves & {cell for _, cell in self.sequences[sequence]}, "read up to a layer only"
        scores = np.zeros(VOCABULARY, dtype=np.float32)
        scores[_next(self.tokens(sequence))] = 5.0
        return scores


def _next(tokens: list[int]) -> int:
    """Continue the assistant's turn as a copy of the user's."""
    starts = [place for place, token in enumerate(tokens) if token == OPEN]
    if len(starts) < 2:  # a beginning: nobody was asked yet
        return CLOSE
    said = tokens[starts[-1] + len("assistant\n") + 1 :]
    asked = tokens[starts[-2] + len("user\n") + 1 : starts[-1] - 2]
    return asked[len(said)] if len(said) < len(asked) else CLOSE


class ToySettings(Struct, frozen=True, kw_only=True):
    """How the toy works."""

    pause_s: float = 0.0
    """Seconds for every slice read."""
    cells: int = 4096
    sequences: int = 8


def composer(
    memory: ToyMemory, *, sequences: int, prompt_limit: int = 2048, states: States | None = None
) -> Composer:
    """Put a composer on a toy."""
    return Composer(
        ToyWords(),
        Desk(memory, Slots(sequences=sequences, cells=memory.cells), states),
        Prompter(render, tokenize),
        prompt_limit=prompt_limit,
        clock=time.monotonic,
    )


class Solo:
    """A composer on a toy that does one job at a time, to its end."""

    def __init__(
        self, memory: ToyMemory, *, sequences: int, prompt_limit: int = 2048, states: States | None = None
    ) -> None:
        self._memory = memory
        self._composer = composer(memory, sequences=sequences, prompt_limit=prompt_limit, states=states)
        self.slices = -1
        """Slices of 16 tokens after which a job is stopped; negative for never."""

    def generate(self, request: Generate, emit: Emit) -> Finished:
        return self._done(self._composer.generate(request, emit), Finished)

    def judge(self, request: Judge) -> Judged:
        return self._done(self._composer.judge(request), Judged)

    def warm(self, request: Warm) -> Warmed:
        return self._done(self._composer.warm(request), Warmed)

    def keep(self, request: Keep) -> Kept:
        return self._done(self._composer.keep(request), Kept)

    def keep_only(self, keys: Collection[str]) -> None:
        self._run(self._composer.keep_only(keys))

    def forget(self, conversation: str) -> None:
        self._run(self._composer.forget(conversation))

    def _done(self, steps: Steps, kind: type[T]) -> T:
        response = self._run(steps)
        assert isinstance(response, kind)
        return response

    def _run(self, steps: Steps) -> Response | None:
        try:
            ask = next(steps)
            while self.slices:
                self.slices -= 1
                [read] = self._memory.run([(ask, min(16, len(ask.tokens)))])
                ask = steps.send(read)
        except StopIteration as stop:
            return cast("Response | None", stop.value)
        steps.close()
        raise Aborted


class ToyHost:
    """The toy in a worker process."""

    def __init__(self, settings: ToySettings, folder: Path, beat: Callable[[], None]) -> None:
        self._beat = beat
        memory = ToyMemory(
            sequences=settings.sequences, cells=settings.cells, pause=lambda: time.sleep(settings.pause_s)
        )
        self._composer = composer(
            memory,
            sequences=settings.sequences,
            states=States(folder / "states", fingerprint="toy", budget=1 << 20),
        )
        self._crew = Crew(memory, room=lambda _writing: 16)
        self.facts = msgspec.msgpack.encode(
            EngineFacts(
                description="toy",
                template="model",
                rates=RATES,
                cells=settings.cells,
                sequences=settings.sequences,
                memory=0,
                library="none",
                started_s=0.0,
            )
        )

    def take(self, request: bytes, job: OpenJob) -> None:
        self._crew.take(task_of(request, self._composer, job))

    def step(self) -> bool:
        self._beat()
        self._crew.gather()
        return self._crew.step()

    def close(self) -> None:
        pass


def start(settings: bytes, beat: Callable[[], None]) -> ToyHost:
    """Start the toy: a worker's factory. What it needs of the settings is the pause, given in the file."""
    given = EngineSettings.decode(settings)
    return ToyHost(msgspec.json.decode(given.model.read_bytes(), type=ToySettings), given.data, beat)
