"""Plays several conversations at once with the engine of this machine, and one alone, in one run."""

import asyncio
import multiprocessing
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from itertools import chain
from pathlib import Path

from bench_turns import prefix
from msgspec import Struct

from shopbell.assistant.llm.client import WorkerModel
from shopbell.assistant.llm.protocol import Beginning, Finished, Generation, Message, Piece
from shopbell.assistant.llm.requests import EngineSettings

LONGEST = 40
"""Tokens of a reply."""

HASTE = (0.0, 1.0)
"""Seconds that a customer takes before the next question, from and to: as much as the engine can bear."""

PEOPLE = (2.0, 8.0)
"""The same for somebody who reads or hears the reply, thinks, and types or says the next question."""

QUESTIONS = (
    "Hello! Which coffee would you take for a moka pot on a gas stove?",
    "And how fine should I grind it for that?",
    "How long does a bag like that stay fresh once it is open?",
    "Is there something sweet you would have with it in the afternoon?",
    "What should I look at when I clean the pot?",
    "Thank you. What would you give to somebody who drinks no milk?",
    "Does the water matter, or is the tap all right?",
    "My sister takes hers cold. How would you make that at home?",
    "Which cake goes with a strong one?",
    "Would a burr grinder be worth the money for two cups a day?",
    "How much should I weigh out for a pot of six cups?",
    "What do you drink yourself in the morning?",
)


TALES = tuple(
    f"Tell me the whole story of {what}, from its beginning to today, in ten long sentences."
    for what in ("coffee", "bread", "tea", "chocolate")
)
"""What takes long to answer: for replies that are written side by side."""

AT_LENGTH = 120
"""Tokens of such a reply."""


class Turn(Struct, frozen=True):
    """One turn on the clock, in seconds."""

    asked: float
    first: float
    ended: float
    tokens: int
    stall: float
    """The longest time between two pieces."""


class Customer:
    """One conversation: asks, waits for the whole reply, thinks a little, asks on."""

    def __init__(self, model: WorkerModel, number: int, pause: tuple[float, float] = HASTE) -> None:
        """Talk to the model under a number of one's own."""
        self._model = model
        self._pause = pause
        self._number = number
        self._seed = random.Random(number)
        self._said: list[Message] = []

    async def talk(self, turns: int) -> list[Turn]:
        """Ask so many questions, in an order of one's own."""
        asked = self._seed.sample(QUESTIONS, k=min(turns, len(QUESTIONS)))
        played = []
        for question in asked:
            await asyncio.sleep(self._seed.uniform(*self._pause))
            self._said.append(Message("user", question))
            played.append(await self._turn())
        self._model.forget(str(self._number))
        return played

    async def _turn(self) -> Turn:
        asked = last = time.perf_counter()
        first = stall = 0.0
        text, tokens = "", 0
        wanted = Generation(
            conversation=str(self._number),
            messages=(*prefix(), *self._said),
            max_tokens=LONGEST,
            deadline_s=120.0,
        )
        async with aclosing(self._model.generate(wanted)) as progress:
            async for event in progress:
                now = time.perf_counter()
                if isinstance(event, Piece):
                    stall = max(stall, now - last) if first else 0.0
                    first, last, text = first or now, now, text + event.text
                elif isinstance(event, Finished):
                    tokens = event.tokens
        self._said.append(Message("assistant", text))
        return Turn(asked, first or last, time.perf_counter(), tokens, stall)


class Written(Struct, frozen=True):
    """When the pieces of a reply came, and of how many tokens it was."""

    pieces: list[float]
    tokens: int


async def write(model: WorkerModel, number: int, tale: str) -> Written:
    """Have one long reply written."""
    wanted = Generation(
        conversation=f"tale {number}",
        messages=(*prefix(), Message("user", tale)),
        max_tokens=AT_LENGTH,
        deadline_s=120.0,
    )
    pieces, tokens = list[float](), 0
    async with aclosing(model.generate(wanted)) as progress:
        async for event in progress:
            if isinstance(event, Piece):
                pieces.append(time.perf_counter())
            elif isinstance(event, Finished):
                tokens = event.tokens
    model.forget(wanted.conversation)
    return Written(pieces, tokens)


def writing_rate(replies: Sequence[Written]) -> tuple[float, float]:
    """Return tokens written in the time in which all are being written, and the seconds of that time."""
    begun = max(reply.pieces[0] for reply in replies)
    ended = min(reply.pieces[-1] for reply in replies)
    if ended <= begun:
        raise SystemExit("the long replies were never written side by side")
    share = (sum(begun < at <= ended for at in reply.pieces) / len(reply.pieces) for reply in replies)
    tokens = (part * reply.tokens for part, reply in zip(share, replies, strict=True))
    return sum(tokens), ended - begun


async def written_at_once(model: WorkerModel, callers: int, rounds: int) -> float:
    """Return tokens a second while so many replies are being written, over all rounds."""
    found = []
    for turn in range(rounds):
        tales = [TALES[(turn + number) % len(TALES)] for number in range(callers)]
        replies = await asyncio.gather(*(write(model, number, tale) for number, tale in enumerate(tales)))
        found.append(writing_rate(replies))
    return sum(tokens for tokens, _ in found) / sum(seconds for _, seconds in found)


def rate(turns: Sequence[Turn]) -> float:
    """Return tokens per second of the time in which at least one reply was awaited."""
    spent, until = 0.0, 0.0
    for turn in sorted(turns, key=lambda one: one.asked):
        spent += max(0.0, turn.ended - max(turn.asked, until))
        until = max(until, turn.ended)
    return sum(turn.tokens for turn in turns) / spent


def words(turns: Sequence[Turn]) -> dict[str, float]:
    """Return how soon first words came, and the longest time without one in mid-reply."""
    waits = sorted(turn.first - turn.asked for turn in turns)
    return {
        "first_word_p50_s": round(statistics.median(waits), 3),
        "first_word_p95_s": round(waits[min(len(waits) - 1, int(0.95 * len(waits)))], 3),
        "longest_stall_s": round(max(turn.stall for turn in turns), 3),
        "tokens_per_s": round(rate(turns), 2),
    }


def spin() -> None:
    """Keep a core busy, as an ordinary program in a window of its own."""
    os.setpriority(os.PRIO_PROCESS, 0, 0)
    os.setsid()
    while True:
        pass


@asynccontextmanager
async def neighbour() -> AsyncIterator[None]:
    """Run another busy process meanwhile."""
    other = multiprocessing.get_context("spawn").Process(target=spin, daemon=True)
    other.start()
    try:
        await asyncio.sleep(0.5)
        yield
    finally:
        other.kill()
        other.join()


async def _several(
    model: WorkerModel, callers: int, turns: int, pause: tuple[float, float]
) -> list[list[Turn]]:
    return await asyncio.gather(*(Customer(model, n, pause).talk(turns) for n in range(callers)))


def _times(crowded: dict[str, float], alone: dict[str, float]) -> float:
    return round(crowded["first_word_p95_s"] / alone["first_word_p95_s"], 2)


async def together(file: Path, *, callers: int, turns: int) -> dict[str, object]:
    """Measure one alone, one beside a busy process, and several at once."""
    with tempfile.TemporaryDirectory() as data:
        async with WorkerModel(EngineSettings(model=file, data=Path(data))) as model:
            model.warm(Beginning(messages=prefix()))
            while model.state.status != "ready":
                await model.ready()
            await Customer(model, 100).talk(1)
            alone = await Customer(model, 0).talk(turns)
            many = await _several(model, callers, turns, HASTE)
            calm = await _several(model, callers, turns, PEOPLE)
            writing = [await written_at_once(model, number, len(TALES)) for number in (1, callers)]
            async with neighbour():
                beside = await Customer(model, 0).talk(turns)
            detail = model.state.detail
    found = [words(turns) for turns in (alone, beside, [*chain(*many)], [*chain(*calm)])]
    return {
        "engine": detail,
        "niceness": os.getpriority(os.PRIO_PROCESS, 0),
        "callers": callers,
        "turns": turns,
        "alone": found[0],
        "beside_a_busy_process": found[1],
        "together": found[2],
        "together_as_people_do": found[3],
        "tokens_per_s_times": round(found[2]["tokens_per_s"] / found[0]["tokens_per_s"], 2),
        "writing_tokens_per_s": [round(one, 2) for one in writing],
        "writing_tokens_per_s_times": round(writing[1] / writing[0], 2),
        "first_word_p95_times": _times(found[2], found[0]),
        "first_word_p95_times_as_people_do": _times(found[3], found[0]),
        "neighbour_costs_times": round(found[1]["first_word_p50_s"] / found[0]["first_word_p50_s"], 2),
        "slowest_first_word_by_customer_s": [
            round(max(turn.first - turn.asked for turn in one), 3) for one in many
        ],
    }
