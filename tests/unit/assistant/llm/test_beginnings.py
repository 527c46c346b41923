"""Beginnings that were learned, in the book of sequences, with a toy for the engine.

The toy's state is its tokens; what was learned is told from what was read by being 1000 above it.
"""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from shopbell.assistant.llm.errors import EngineError
from shopbell.assistant.llm.learned import Learned, write
from shopbell.assistant.llm.protocol import Message
from shopbell.assistant.llm.requests import Generate, Judge, Keep, Warm
from shopbell.assistant.llm.slots import prefix_name
from shopbell.assistant.llm.states import States
from tests.fakes.toy import Solo, ToyMemory, render, tokenize

PERSONA = Message("system", "You answer for a shop.")
EXAMPLES = Message("system", "You answer whether a note answers a question.")
WORDS = tokenize(render([(EXAMPLES.role, EXAMPLES.content)], False), True, True)
FITTED = [token + 1000 for token in WORDS]
NOTE = Message("user", "We open at nine. " * 4)


@pytest.fixture(autouse=True)
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was learned be seen in the toy's memory."""

    def into(self: Learned, state: bytes) -> bytes:
        assert msgspec.json.decode(state) == self.tokens, "the state of other words"
        return msgspec.json.encode([token + 1000 for token in self.tokens])

    monkeypatch.setattr(Learned, "into", into)


def fitted(folder: Path, seed: int = 1, tokens: list[int] = WORDS) -> str:
    file = folder / f"learned{seed}.npz"
    numbers = np.random.default_rng(seed).normal(size=(1, len(tokens), 2)).astype(np.float32)
    write(file, numbers, numbers, tokens)
    return str(file)


def opened(folder: Path, *, sequences: int = 5, learned: str | None = None) -> tuple[Solo, ToyMemory]:
    memory = ToyMemory(sequences=sequences, cells=2000)
    states = States(folder / "states", fingerprint="toy", budget=1 << 20)
    toy = Solo(memory, sequences=sequences, states=states)
    toy.warm(Warm((PERSONA,)))
    toy.warm(Warm((EXAMPLES,), 1, learned or fitted(folder)))
    return toy, memory


def looked(toy: Solo, conversation: str = "a", question: str = "when?") -> None:
    messages = (EXAMPLES, NOTE, Message("user", question))
    toy.judge(Judge(conversation=conversation, messages=messages, options=("yes",), kept=2))


def beginnings(memory: ToyMemory, after: str) -> list[list[int]]:
    """Return what stands in the place of the words, in each sequence that holds some text."""
    wanted = tokenize(after, False, False)
    found = []
    for sequence in range(len(memory.sequences)):
        tokens = memory.tokens(sequence)
        if any(tokens[place : place + len(wanted)] == wanted for place in range(len(tokens))):
            found.append(tokens[: len(WORDS)])
    return found


def test_what_was_learned_stands_in_the_place_of_the_words(tmp_path: Path) -> None:
    """For every prompt that begins with them; nothing of the words is left."""
    toy, memory = opened(tmp_path)
    looked(toy)
    looked(toy, "b", "till when?")
    assert beginnings(memory, "We open") == [FITTED, FITTED]
    assert WORDS not in [memory.tokens(sequence)[: len(WORDS)] for sequence in range(5)]


def test_a_prompt_that_begins_alike_takes_nothing_of_it(tmp_path: Path) -> None:
    """Not from the beginning itself, nor from a conversation that stands on it."""
    toy, memory = opened(tmp_path)
    looked(toy)
    alike = Message("system", "You answer whether a shop is open.")
    toy.judge(Judge(conversation="a", messages=(alike, Message("user", "Sundays?")), options=("yes",)))
    assert [max(begin) < 1000 for begin in beginnings(memory, "Sundays?")] == [True]
    asked = (alike, Message("user", "Mondays?"))
    toy.generate(Generate(conversation="a", messages=asked, max_tokens=2), print)
    assert [max(begin) < 1000 for begin in beginnings(memory, "Mondays?")] == [True]


def test_states_on_disk_are_of_what_was_learned_then(tmp_path: Path) -> None:
    """A note's state serves those who begin with the same, and nobody once it was learned anew."""
    toy, memory = opened(tmp_path)
    kept = toy.keep(Keep((EXAMPLES, NOTE)))
    again, memory = opened(tmp_path)
    before = memory.restored
    looked(again)
    assert memory.restored - before >= len(NOTE.content)
    other, memory = opened(tmp_path, learned=fitted(tmp_path, 2))
    before = memory.restored
    looked(other)
    assert memory.restored == before
    assert other.keep(Keep((EXAMPLES, NOTE))) != kept


def test_it_is_put_back_when_it_had_to_go(tmp_path: Path) -> None:
    """Where every sequence is needed even beginnings go; there are no words to read this one from."""
    toy, memory = opened(tmp_path, sequences=2)
    toy.generate(Generate(conversation="b", messages=(PERSONA, Message("user", "x")), max_tokens=1), print)
    assert FITTED not in [memory.tokens(sequence)[: len(WORDS)] for sequence in range(2)]
    looked(toy, "d")
    assert beginnings(memory, "We open") == [FITTED]


def test_it_may_be_learned_again(tmp_path: Path) -> None:
    """The same or another, in a process that is at work already."""
    toy, memory = opened(tmp_path)
    toy.warm(Warm((EXAMPLES,), 1, fitted(tmp_path)))
    assert len(toy._composer._desk._slots.tokens(prefix_name(1))) == len(FITTED)  # the book says so too
    looked(toy)
    assert beginnings(memory, "We open") == [FITTED]
    toy.warm(Warm((EXAMPLES,), 1, fitted(tmp_path, 2)))
    looked(toy, "b")
    assert beginnings(memory, "We open") == [FITTED, FITTED]
    assert memory.tokens(1) == FITTED


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    """Learned in the place of other words, refused by the engine, or not there."""
    with pytest.raises(EngineError, match="other words"):
        opened(tmp_path, learned=fitted(tmp_path, 1, WORDS[:-1]))
    with pytest.raises(EngineError, match="learned beginning"):
        opened(tmp_path, learned=str(tmp_path / "none.npz"))
    memory = ToyMemory(sequences=5, cells=2000)
    memory.restore = lambda state, **place: False  # type: ignore[method-assign]  # an engine that refuses
    with pytest.raises(EngineError, match="fit"):
        Solo(memory, sequences=5).warm(Warm((EXAMPLES,), 1, fitted(tmp_path)))
