"""Prompt, book of sequences and engine together, with a toy for the engine."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from shopbell.assistant.errors import TooLong
from shopbell.assistant.llm.errors import Aborted
from shopbell.assistant.llm.protocol import Finished, Message, Piece
from shopbell.assistant.llm.requests import Generate, Judge, Keep, Warm
from shopbell.assistant.llm.states import States
from shopbell.assistant.llm.work import Ask, Read
from tests.fakes.toy import Solo, ToyMemory, render, tokenize

SYSTEM = Message("system", "You answer for a shop. " * 5)


def reply(
    toy: Solo, *messages: Message, conversation: str = "a", most: int = 50, stop: tuple[str, ...] = ()
) -> tuple[str, Finished]:
    pieces: list[Piece] = []
    finished = toy.generate(
        Generate(conversation=conversation, messages=messages, max_tokens=most, stop=stop), pieces.append
    )
    return "".join(piece.text for piece in pieces), finished


def bench() -> tuple[Solo, ToyMemory]:
    memory = ToyMemory(sequences=5, cells=2000)
    toy = Solo(memory, sequences=5)
    toy.warm(Warm((SYSTEM,)))
    return toy, memory


def test_it_writes_to_the_end_of_the_reply() -> None:
    """The reply ends where the model ends it."""
    toy, _ = bench()
    text, finished = reply(toy, SYSTEM, Message("user", "Grüße!"))
    assert text == "Grüße!"
    assert finished.tokens == len("Grüße!".encode()) + 1


def test_it_writes_no_more_than_asked() -> None:
    """The longest reply is that of max_tokens, and a stop text ends it sooner."""
    toy, _ = bench()
    assert reply(toy, SYSTEM, Message("user", "abcdefgh"), most=3)[0] == "abc"
    assert reply(toy, SYSTEM, Message("user", "abcdefgh"), stop=("de",))[0] == "abc"
    assert reply(toy, SYSTEM, Message("user", "abcdefgh"), most=0)[0] == ""


def test_the_common_beginning_is_read_once() -> None:
    """After `warm`, a prompt reads only what follows the common beginning."""
    toy, memory = bench()
    before = memory.reads
    _, finished = reply(toy, SYSTEM, Message("user", "x"))
    assert finished.cached_tokens >= len(SYSTEM.content)
    assert memory.reads - before < 30


def test_a_conversation_goes_on_from_its_history() -> None:
    """The second turn reads neither the first question nor the reply again."""
    toy, _ = bench()
    first, _ = reply(toy, SYSTEM, Message("user", "one"))
    history = (SYSTEM, Message("user", "one"), Message("assistant", first))
    _, finished = reply(toy, *history, Message("user", "two"))
    assert finished.prompt_tokens - finished.cached_tokens < len("<>\n<>user\ntwo<>\n<>assistant\n")


def test_a_judgement_does_not_disturb_the_history() -> None:
    """After a judgement the next turn still reads only what is new."""
    toy, _ = bench()
    reply(toy, SYSTEM, Message("user", "one"))
    toy.judge(Judge(conversation="a", messages=(SYSTEM, Message("user", "else? n")), options=("yes", "no")))
    history = (SYSTEM, Message("user", "one"), Message("assistant", "one"))
    _, finished = reply(toy, *history, Message("user", "two"))
    assert finished.prompt_tokens - finished.cached_tokens < len("<>\n<>user\ntwo<>\n<>assistant\n")


def test_a_reply_reuses_what_it_shares_with_the_judgement() -> None:
    """Passages read for the judgement are not read again for the reply."""
    toy, memory = bench()
    passages = "passages " * 20
    toy.judge(
        Judge(conversation="a", messages=(SYSTEM, Message("user", passages + "J")), options=("yes", "no"))
    )
    before = memory.reads
    _, finished = reply(toy, SYSTEM, Message("user", passages + "A"), most=1)
    assert memory.reads - before < 20
    assert memory.used == finished.prompt_tokens  # and the judgement's sequence is given back


def test_a_judgement_weighs_the_first_tokens() -> None:
    """The option the model would begin with is the likelier; other words keep their share."""
    toy, _ = bench()
    yes, no = toy.judge(
        Judge(conversation="a", messages=(SYSTEM, Message("user", "yes")), options=("yes", "no"))
    ).probabilities
    assert yes > 50 * no > 0
    assert yes + no < 1.0


def test_a_logprob_is_that_of_the_likeliest() -> None:
    """The certainty of a piece is a logarithm of a probability."""
    toy, _ = bench()
    pieces: list[Piece] = []
    toy.generate(Generate(conversation="a", messages=(Message("user", "x"),), max_tokens=1), pieces.append)
    assert -1.1 < pieces[0].logprob < -0.9  # e^5 among 257 e^0


def test_a_history_that_outgrows_the_memory_loses_its_oldest_turns() -> None:
    """A long conversation goes on from the common beginning and its last turns."""
    memory = ToyMemory(sequences=5, cells=600)
    toy = Solo(memory, sequences=5, prompt_limit=300)
    toy.warm(Warm((SYSTEM,)))
    turns = [Message("user" if place % 2 == 0 else "assistant", "word " * 5) for place in range(30)]
    _, finished = reply(toy, SYSTEM, *turns, Message("user", "last"), most=10)
    assert finished.prompt_tokens <= 290
    assert finished.cached_tokens >= len(SYSTEM.content)


def test_a_message_that_never_fits_is_too_long() -> None:
    """When the last message alone is too long, it is said so."""
    toy, _ = bench()
    with pytest.raises(TooLong, match="shorten"):
        reply(toy, SYSTEM, Message("user", "x" * 3000))
    assert reply(toy, SYSTEM, Message("user", "still here"))[0] == "still here"


def test_what_was_read_before_an_abort_is_kept() -> None:
    """A job that is stopped half-way loses only the slice it was at."""
    memory = ToyMemory(sequences=5, cells=2000)
    toy = Solo(memory, sequences=5)
    message = Message("user", "abcdefgh" * 16)
    toy.slices = 5
    with pytest.raises(Aborted):
        reply(toy, message)
    toy.slices = -1
    _, finished = reply(toy, message, most=1)
    assert finished.cached_tokens == 5 * 16


def test_what_is_forgotten_is_read_again() -> None:
    """After `forget` nothing of the conversation is left in the memory."""
    toy, memory = bench()
    used = memory.used
    reply(toy, SYSTEM, Message("user", "secret"))
    toy.judge(Judge(conversation="a", messages=(Message("user", "secret"),), options=("y", "n")))
    toy.forget("a")
    assert memory.used == used


def shelved(folder: Path) -> tuple[Solo, ToyMemory]:
    memory = ToyMemory(sequences=5, cells=2000)
    states = States(folder, fingerprint="toy", budget=1 << 20)
    toy = Solo(memory, sequences=5, states=states)
    toy.warm(Warm((SYSTEM,)))
    return toy, memory


def on(note: str, question: str, conversation: str = "a") -> Judge:
    messages = (SYSTEM, Message("user", note), Message("user", question))
    return Judge(conversation=conversation, messages=messages, options=("yes", "no"), kept=2)


def test_a_beginning_kept_on_disk_is_not_read_again(tmp_path: Path) -> None:
    """Another process restores what one has read, and weighs the same."""
    note = "We open at nine. " * 10
    first, _ = shelved(tmp_path)
    expected = first.judge(on(note, "when?"))
    again, memory = shelved(tmp_path)
    before = memory.reads
    assert again.judge(on(note, "when?")) == expected
    assert memory.restored >= len(note)
    assert memory.reads - before < 60


def test_a_beginning_is_kept_ahead(tmp_path: Path) -> None:
    """`keep` reads a beginning for prompts to come; what is not wanted any more is thrown away."""
    note = Message("user", "We open at nine. " * 10)
    toy, memory = shelved(tmp_path)
    kept = toy.keep(Keep((SYSTEM, note)))
    reads = memory.reads
    assert toy.keep(Keep((SYSTEM, note))) == kept
    assert memory.reads == reads
    fresh, memory = shelved(tmp_path)
    fresh.judge(on(note.content, "when?"))
    assert memory.restored >= len(note.content)
    fresh.keep_only(())
    fresh, memory = shelved(tmp_path)
    fresh.judge(on(note.content, "when?"))
    assert not memory.restored


def test_what_was_read_before_does_not_move_the_slices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A note is read in the same slices whatever notes that begin alike were read before it."""
    notes = [Message("user", f"We open at {hour}. " * 10) for hour in ("nine", "noon")]
    asked = []
    for before in ([], notes[:1]):
        toy, memory = shelved(tmp_path / str(len(before)))
        for note in before:
            toy.keep(Keep((SYSTEM, note)))
        asks = _asked_of(memory, monkeypatch)
        toy.keep(Keep((SYSTEM, notes[1])))
        asked.append([(ask.position, len(ask.tokens)) for ask in asks])
    assert asked[0] == asked[1]


def test_a_reply_begins_from_a_kept_state_too(tmp_path: Path) -> None:
    """What was read ahead for a note serves whoever is answered in words about it."""
    note = Message("user", "We open at nine. " * 10)
    toy, _ = shelved(tmp_path)
    toy.keep(Keep((SYSTEM, note)))
    fresh, memory = shelved(tmp_path)
    text, finished = reply(fresh, SYSTEM, note, Message("user", "when?"))
    assert text == "when?"
    assert memory.restored >= len(note.content)
    assert finished.prompt_tokens - finished.cached_tokens < 40


def test_a_state_is_restored_beside_other_conversations(tmp_path: Path) -> None:
    """Others that begin alike by chance do not stand in the way, however many there are."""
    toy, memory = shelved(tmp_path)
    notes = [f"Note {number}: we open at {number}. " * 8 for number in range(9)]
    for number, note in enumerate(notes):
        toy.judge(on(note, "when?", str(number)))
    before = memory.reads, memory.restored
    for number, note in enumerate(notes):
        toy.judge(on(note, "on which day?", f"again {number}"))
    assert memory.reads - before[0] < 9 * 70
    assert memory.restored - before[1] > 5 * len(notes[0])


def test_a_state_that_does_not_fit_is_read_instead(tmp_path: Path) -> None:
    """When the engine refuses a state, the words are read."""
    note = "We open at nine. " * 10
    first, _ = shelved(tmp_path)
    expected = first.judge(on(note, "when?"))
    again, memory = shelved(tmp_path)
    memory.restore = lambda state, **place: False  # type: ignore[method-assign]  # an engine that refuses
    assert again.judge(on(note, "when?")) == expected
    assert not memory.restored


def test_the_hidden_state_comes_when_it_is_asked_for(tmp_path: Path) -> None:
    """It is that of the prompt's last token, whether a beginning was read or restored."""
    note = "We open at nine. " * 10
    states = set()
    for _ in range(2):
        toy, _memory = shelved(tmp_path)
        assert toy.judge(on(note, "when?")).hidden == b""
        states.add(toy.judge(replace(on(note, "when?"), layer=3)).hidden)
    assert len(states) == 1
    assert len(states.pop()) == 4


def test_a_glance_leaves_nothing_half_read(tmp_path: Path) -> None:
    """Without options the question is read up to a layer; what words are made of is read again and whole."""
    note = "We open at nine. " * 10
    question = "when? " * 8
    toy, memory = shelved(tmp_path)
    glanced = toy.judge(replace(on(note, question), options=(), layer=3))
    assert memory.halves
    assert not memory.half_read
    assert glanced.probabilities == ()
    last, mean = np.split(np.frombuffer(glanced.hidden, dtype="<f2"), 2)
    assert last.tobytes() == toy.judge(replace(on(note, question), layer=3)).hidden
    behind = len(tokenize(render([("user", question)], True), True, False))
    assert mean[0] == pytest.approx(last[0] - (behind - 1) / 2, rel=0.01)
    text, _ = reply(toy, *on(note, question).messages)
    assert text == question


def test_a_glance_that_is_broken_off_leaves_nothing_either(tmp_path: Path) -> None:
    """A customer may go in the middle of it."""
    toy, memory = shelved(tmp_path)
    toy.judge(on("We open at nine. " * 10, "where?"))
    toy.slices = 2
    with pytest.raises(Aborted):
        toy.judge(replace(on("We open at nine. " * 10, "when? " * 20), options=(), layer=3))
    assert memory.halves
    assert not memory.half_read


def test_a_glance_keeps_the_state_of_the_note(tmp_path: Path) -> None:
    """It is whole, and serves whoever asks next."""
    note = "We open at nine. " * 10
    toy, _ = shelved(tmp_path)
    toy.judge(replace(on(note, "when?"), options=(), layer=3))
    again, memory = shelved(tmp_path)
    again.judge(on(note, "on which day?"))
    assert memory.restored >= len(note)


def _asked_of(memory: ToyMemory, monkeypatch: pytest.MonkeyPatch) -> list[Ask]:
    asks: list[Ask] = []
    run = memory.run

    def noting(batch: Sequence[tuple[Ask, int]]) -> list[Read]:
        asks.extend(ask for ask, _ in batch)
        return run(batch)

    monkeypatch.setattr(memory, "run", noting)
    return asks


def test_no_batch_reaches_across_the_end_of_a_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a note the same tokens are read at once whether its state was there or not."""
    behind, restored = [], 0
    for _ in range(2):
        toy, memory = shelved(tmp_path)
        asks = _asked_of(memory, monkeypatch)
        toy.judge(on("We open at nine. " * 10, "when?"))
        behind.append([tuple(ask.tokens) for ask in asks if ask.position + len(ask.tokens) == _end(memory)])
        restored = memory.restored
    assert restored
    assert behind[0] == behind[1] != []


def _end(memory: ToyMemory) -> int:
    return max(len(memory.tokens(place)) for place in range(len(memory.sequences)))
