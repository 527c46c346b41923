"""Learned beginnings in the real engine's memory, with the smallest model."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from msgspec.structs import replace

from shopbell.assistant.llm.client import WorkerModel
from shopbell.assistant.llm.errors import EngineError
from shopbell.assistant.llm.learned import Learned, write
from shopbell.assistant.llm.plans import Cut
from shopbell.assistant.llm.prompts import Prompter
from shopbell.assistant.llm.protocol import Beginning, Judged, Message
from shopbell.assistant.llm.requests import EngineSettings
from shopbell.assistant.llm.work import Ask

pytestmark = pytest.mark.model

PERSONA = Message("system", "You are the assistant of a small coffee shop. " * 6)
EXAMPLES = Message("system", "You say whether a note answers a question: Yes or No.")
LAYERS, WIDTH = 13, 192
"""Layers that are learned here, of thirty, and keys of one token: three heads of 64."""
LAYER = 12

if TYPE_CHECKING:
    from shopbell.assistant.llm.engine import Weights

engine = pytest.importorskip("shopbell.assistant.llm.engine", exc_type=ImportError)
memory = pytest.importorskip("shopbell.assistant.llm.memory", exc_type=ImportError)


def drawn(seed: int, tokens: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(size=(LAYERS, tokens, WIDTH)).astype(np.float32)


def fitted(file: Path, weights: "Weights", seed: int = 1) -> Path:
    """Write a beginning in the place of EXAMPLES."""
    tokens = Prompter(weights.render, weights.tokenize).tokens((EXAMPLES,), answer=False)
    write(file, drawn(seed, len(tokens)), drawn(seed + 1, len(tokens)), tokens)
    return file


@pytest.fixture
def words(smol: Path) -> "Iterator[Weights]":
    """Give the model's weights."""
    weights = engine.Weights(smol, plain=True)
    yield weights
    weights.close()


@pytest.mark.parametrize("flash", [True, False])
def test_the_library_takes_what_was_learned(words: "Weights", tmp_path: Path, *, flash: bool) -> None:
    """What was put into a state comes out of the memory again; with plain attention values lie in columns."""
    learned = Learned.read(fitted(tmp_path / "learned.npz", words))
    end = len(learned.tokens)
    shape = memory.Shape(cells=256, sequences=3, threads=1, threads_reading=1, flash=flash)
    place = memory.Memory(words, shape, lambda: False)
    place.run([(Ask(tokens=learned.tokens, sequence=1, position=0), end)])
    plain = place.save(sequence=1, begin=0, end=end)
    state = learned.into(plain)
    assert state != plain
    place.apply((Cut(1, 0),))
    assert place.restore(state, sequence=1, begin=0, end=end)
    assert place.save(sequence=1, begin=0, end=end) == state
    with pytest.raises(EngineError):
        learned.into(place.save(sequence=1, begin=0, end=end - 1))
    place.close()


async def looked(model: WorkerModel, note: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    messages = (EXAMPLES, Message("user", note), Message("user", "Do you open on Sundays?"))
    async with aclosing(model.weigh("c", messages, (), 60.0, kept=2, layer=LAYER)) as steps:
        [judged] = [step async for step in steps if isinstance(step, Judged)]
    return np.frombuffer(judged.hidden, dtype="<f2").astype(np.float64)


async def opened(
    settings: EngineSettings, learned: Path | None, note: str
) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """Return the states behind a note that was read, and behind its state."""
    async with WorkerModel(settings) as model, asyncio.timeout(300):
        model.warm(Beginning(messages=(PERSONA,)), Beginning(messages=(EXAMPLES,), learned=learned))
        await model.ready()
        found = [await looked(model, note)]
        model.forget("c")
        return [*found, await looked(model, note)]


async def test_a_verdict_stands_on_what_was_learned(
    smol_settings: EngineSettings, words: "Weights", tmp_path: Path
) -> None:
    """It is another than on the words, and the same from a note's state, in this process and the next."""
    note = "Note: on Sundays the shop opens at ten and closes at four. " * 3
    settings = replace(smol_settings, data=tmp_path)
    first = fitted(tmp_path / "first.npz", words)
    plain, _ = await opened(settings, None, note)
    found = [*await opened(settings, first, note), *await opened(settings, first, note)]
    other, _ = await opened(settings, fitted(tmp_path / "other.npz", words, 5), note)
    for one in found[1:]:
        assert np.linalg.norm(one - found[0]) < 0.02 * np.linalg.norm(found[0])
    for one in (plain, other):
        assert np.linalg.norm(one - found[0]) > 0.1 * np.linalg.norm(found[0])
