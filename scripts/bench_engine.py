"""Measures the engine of this machine beside the library's own chat call, in one run."""

import asyncio
import os
import signal
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import msgspec
from bench_turns import FACTS, job, prefix, question
from llama_cpp import Llama
from msgspec import Struct

from shopbell.assistant.bootstrap import House
from shopbell.assistant.errors import Unavailable
from shopbell.assistant.llm.client import WorkerModel
from shopbell.assistant.llm.protocol import Beginning, Finished, Generation, Message, Piece
from shopbell.assistant.llm.requests import EngineSettings
from shopbell.assistant.sifting import noted
from shopbell.knowledge.parts import parts
from shopbell.knowledge.passage import Kind, Passage


class Turn(Struct, frozen=True):
    """One turn, as the customer feels it."""

    first_word_s: float
    whole_s: float
    prompt_tokens: int
    cached_tokens: int
    tokens: int


class Delta(Struct, frozen=True):
    """What a chunk of the plain call adds."""

    content: str | None = None


class Choice(Struct, frozen=True):
    """The one choice of a chunk."""

    delta: Delta


class Chunk(Struct, frozen=True):
    """A chunk of the plain call."""

    choices: tuple[Choice, ...]


class Figures(Struct, frozen=True, kw_only=True):
    """What was found."""

    model: str
    library: str
    threads: int
    flash: bool
    start_s: float
    """From nothing to ready, the common beginning read; with the machine measured before."""
    memory_mb: float
    prefix_tokens: int
    prefill_rate: float
    decode_rate: float
    warm_first_word_s: float
    """Median over the turns."""
    warm_whole_s: float
    warm_new_tokens: float
    plain_first_word_s: float
    plain_whole_s: float
    plain_same_prefix_first_word_s: float
    """The plain call right after another with the same rules, when nobody else came between."""
    ratio: float
    """The plain call's first word, by ours."""
    cancel_writing_s: float
    cancel_reading_s: float
    killed_noticed_s: float
    killed_back_s: float


async def turn(model: WorkerModel, generation: Generation) -> tuple[Turn, Finished]:
    """Play a turn with a stop-watch."""
    began = time.perf_counter()
    first = 0.0
    async with aclosing(model.generate(generation)) as progress:
        async for event in progress:
            if isinstance(event, Piece) and not first:
                first = time.perf_counter() - began
            if isinstance(event, Finished):
                whole = time.perf_counter() - began
                return Turn(first, whole, event.prompt_tokens, event.cached_tokens, event.tokens), event
    raise Unavailable("the reply had no end")


async def cancel_writing(model: WorkerModel) -> float:
    """Close a reply in the middle; return the seconds until the engine is free."""
    async with aclosing(model.generate(job(question(90), "cancel", 200))) as progress:
        seen = 0
        async for event in progress:
            seen += isinstance(event, Piece)
            if seen == 3:  # noqa: PLR2004 - well into the reply
                break
    return await until_free(model)


async def cancel_reading(model: WorkerModel) -> float:
    """Close a reply while its long prompt is read; return the seconds until the engine is free."""
    long = Message("user", " ".join(FACTS) * 8)
    reading = asyncio.create_task(turn(model, job(long, "cancel", 8)))
    await asyncio.sleep(0.4)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    return await until_free(model)


async def until_free(model: WorkerModel) -> float:
    """Return the seconds until the engine has let go of its job."""
    began = time.perf_counter()
    while model.busy:  # noqa: ASYNC110 - a stop-watch may poll
        await asyncio.sleep(0.001)
    return time.perf_counter() - began


async def killed(model: WorkerModel) -> tuple[float, float]:
    """Kill the worker in mid-reply; return the seconds until it is noticed, and until it answers again."""
    async with aclosing(model.generate(job(question(91), "kill", 100))) as progress:
        async for event in progress:
            if isinstance(event, Piece):
                break
        began = time.perf_counter()
        os.kill(model.worker.state.pid, signal.SIGKILL)
        try:
            async for _ in progress:
                pass
        except Unavailable:
            noticed = time.perf_counter() - began
        else:
            noticed = float("nan")
    await model.ready()
    await turn(model, job(question(92), "kill", 1))
    return noticed, time.perf_counter() - began


def plain_turns(model: Path, threads: int, flash: bool, numbers: Sequence[int], apart: bool) -> list[Turn]:
    """Play the same turns with the library's own chat call.

    `apart` forgets the rules in between, as another customer's question with another beginning would.
    """
    plain = Llama(
        str(model), n_ctx=2048, n_threads=threads, n_threads_batch=threads, flash_attn=flash, verbose=False
    )
    turns = []
    for number in numbers:
        if apart:
            plain.n_tokens = 0
        turns.append(_plain_turn(plain, number))
    plain.close()
    return turns


def _plain_turn(plain: Llama, number: int) -> Turn:
    messages = [msgspec.to_builtins(message) for message in (*prefix(), question(number))]
    began = time.perf_counter()
    first, pieces = 0.0, 0
    for chunk in plain.create_chat_completion(messages, max_tokens=32, temperature=0.0, stream=True):
        delta = msgspec.convert(chunk, Chunk).choices[0].delta
        if delta.content and not first:
            first = time.perf_counter() - began
        pieces += bool(delta.content)
    return Turn(first, time.perf_counter() - began, 0, 0, pieces)


@asynccontextmanager
async def ready_model(settings: EngineSettings) -> AsyncIterator[WorkerModel]:
    """Give a warm model."""
    async with WorkerModel(settings) as model:
        model.warm(Beginning(messages=prefix()))
        while model.state.status != "ready":
            await model.ready()
        yield model


async def ours(settings: EngineSettings, turns: int) -> tuple[list[Turn], list[Finished], dict[str, object]]:
    """Measure our side."""
    async with ready_model(settings):
        pass  # the machine is measured and the file in memory
    began = time.perf_counter()
    async with ready_model(settings) as model:
        found: dict[str, object] = {"start_s": time.perf_counter() - began}
        played = [await turn(model, job(question(number), str(number), 32)) for number in range(turns)]
        facts = model.facts
        if facts is None:
            raise Unavailable(model.state.detail)
        found |= {
            "model": facts.description,
            "library": facts.library,
            "threads": facts.rates.threads_reading,
            "flash": facts.rates.flash,
            "memory_mb": facts.memory / 1e6,
            "cancel_writing_s": statistics.median([await cancel_writing(model) for _ in range(3)]),
            "cancel_reading_s": statistics.median([await cancel_reading(model) for _ in range(3)]),
        }
        noticed, back = await killed(model)
        found |= {"killed_noticed_s": noticed, "killed_back_s": back}
    return [one for one, _ in played], [end for _, end in played], found


async def bench(model: Path, turns: int) -> Figures:
    """Measure everything; used by `bench_answers`, too."""
    with tempfile.TemporaryDirectory() as data:
        played, ends, found = await ours(EngineSettings(model=model, data=Path(data)), turns)
    threads, flash = int(str(found["threads"])), bool(found["flash"])
    apart = await asyncio.to_thread(plain_turns, model, threads, flash, range(turns), True)
    alone = await asyncio.to_thread(plain_turns, model, threads, flash, range(turns), False)
    warm = statistics.median(one.first_word_s for one in played)
    plain = statistics.median(one.first_word_s for one in apart)
    read = sum(end.prompt_tokens - end.cached_tokens for end in ends)
    return msgspec.convert(
        {
            **found,
            "prefix_tokens": min(end.cached_tokens for end in ends),
            "prefill_rate": read / sum(end.prefill_s for end in ends),
            "decode_rate": sum(end.tokens for end in ends) / sum(end.decode_s for end in ends),
            "warm_first_word_s": warm,
            "warm_whole_s": statistics.median(one.whole_s for one in played),
            "warm_new_tokens": read / len(ends),
            "plain_first_word_s": plain,
            "plain_whole_s": statistics.median(one.whole_s for one in apart),
            "plain_same_prefix_first_word_s": statistics.median(one.first_word_s for one in alone[1:]),
            "ratio": plain / warm,
        },
        type=Figures,
    )


async def read_ahead(house: House, questions: Sequence[str]) -> list[Passage]:
    """Let the model read the notes these questions are about, as it does while nobody asks; return them."""
    asked = [*questions, *(part for question in questions for part in parts(question))]
    found = [match.passage for question in asked for match in house.library.search(question).matches[:2]]
    notes = list({passage.id: passage for passage in found if passage.kind is Kind.FAQ}.values())
    for note in notes:
        await house.model.keep(noted(note))
    return notes
