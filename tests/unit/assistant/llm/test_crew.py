"""Several jobs at work at once, with a toy for the engine."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopbell.assistant.errors import TooLong
from shopbell.assistant.llm.composer import KEEPING, Composer
from shopbell.assistant.llm.crew import Crew, Task
from shopbell.assistant.llm.errors import Aborted
from shopbell.assistant.llm.protocol import Finished, Message, Piece
from shopbell.assistant.llm.requests import Generate, Keep, Kept, Response, Warm
from shopbell.assistant.llm.work import Steps
from tests.fakes.toy import ToyMemory, composer

ROOM = 16
SYSTEM = Message("system", "You answer for a shop. " * 3)


class Heard:
    """What a job's customer saw."""

    def __init__(self) -> None:
        self.text = ""
        self.batches: list[int] = []
        """The batch of each piece."""
        self.last: Response | None = None
        self.over = 0
        self.error: TooLong | None = None
        self.gone = False


class Floor:
    """A crew on a toy, and all its customers."""

    def __init__(self, *, cells: int = 4000, sequences: int = 8) -> None:
        self.memory = ToyMemory(sequences=sequences, cells=cells)
        self.composer: Composer = composer(self.memory, sequences=sequences)
        self.crew = Crew(self.memory, room=lambda _writing: ROOM)
        self.batch = 0

    def enter(
        self,
        begin: Callable[[Callable[[Response], None]], Steps],
        conversation: str | None,
        *,
        alone: bool = False,
        spare: bool = False,
    ) -> Heard:
        heard = Heard()

        def say(response: Response) -> None:
            assert not heard.over, "nothing follows the end"
            if isinstance(response, Piece):
                heard.text += response.text
                heard.batches.append(self.batch)
            heard.last = response

        def end(error: TooLong | None) -> None:
            heard.over += 1
            heard.error = error

        task = Task(
            steps=lambda: begin(say),
            say=say,
            end=end,
            cancelled=lambda: heard.gone,
            conversation=conversation,
            alone=alone,
            spare=spare,
        )
        self.crew.take(task)
        return heard

    def ask(self, conversation: str, text: str, *, most: int = 50) -> Heard:
        request = Generate(
            conversation=conversation, messages=(SYSTEM, Message("user", text)), max_tokens=most
        )
        return self.enter(lambda say: self.composer.generate(request, say), conversation)

    def step(self, times: int = 1) -> bool:
        busy = True
        for _ in range(times):
            self.batch += 1
            self.crew.gather()
            busy = self.crew.step()
        return busy

    def leave(self, heard: Heard) -> None:
        """Go away, and see that it is over within one batch."""
        heard.gone = not heard.over
        self.step()
        assert heard.over == 1

    def finish(self) -> None:
        for _ in range(3000):
            if not self.step():
                return
        pytest.fail("it never ends")


def test_replies_come_side_by_side() -> None:
    """Four conversations have their words at once, one of each in every batch."""
    floor = Floor()
    heard = [floor.ask(name, name * 60, most=70) for name in "abcd"]
    floor.finish()
    assert [one.text for one in heard] == [name * 60 for name in "abcd"]
    assert all(isinstance(one.last, Finished) and one.over == 1 for one in heard)
    for one in heard:
        assert all(after - before == 1 for before, after in zip(one.batches, one.batches[1:], strict=False))
    assert set(heard[0].batches) & set(heard[3].batches)


def test_a_long_prompt_does_not_stop_anybodys_words() -> None:
    """While a thousand tokens are read, a word comes with every batch to whoever is written to."""
    floor = Floor()
    writing = floor.ask("a", "w" * 40)
    while not writing.text:
        floor.step()
    long = floor.ask("b", "x" * 1000, most=1)
    short = floor.ask("c", "y", most=1)
    floor.finish()
    assert all(b - a == 1 for a, b in zip(writing.batches, writing.batches[1:], strict=False))
    assert short.batches[0] < long.batches[0]


def test_one_who_goes_frees_the_engine_within_a_batch() -> None:
    """A cancelled job is ended before the next batch; nothing of it is held, and the others go on."""
    floor = Floor()
    gone, stays = floor.ask("a", "a" * 900), floor.ask("b", "b" * 9)
    floor.step(2)
    gone.gone = True
    floor.step()
    assert gone.over == 1
    assert floor.crew.live == 1
    floor.finish()
    assert stays.text == "b" * 9
    held = [slot for slot in floor.composer._desk._slots._slots.values() if slot.held or slot.promised]
    assert not held


def test_what_nobody_wants_may_be_aborted_in_the_middle() -> None:
    """The engine is told to stop only when all in the batch are gone; then nothing of it is read."""
    floor = Floor()
    wanted: list[bool] = []
    heard: list[Heard] = []
    run = floor.memory.run

    def watched(batch: list[object]) -> object:
        wanted.append(floor.crew.unwanted())
        heard[0].gone = True
        if floor.crew.unwanted():
            raise Aborted
        return run(batch)  # type: ignore[arg-type]  # passed through

    floor.memory.run = watched  # type: ignore[method-assign, assignment]  # a toy that is stopped
    heard.append(floor.ask("a", "a" * 200))
    floor.finish()
    assert wanted == [False]
    assert heard[0].over == 1
    assert not heard[0].text
    assert not floor.crew.unwanted()


def test_one_conversation_is_never_twice_at_work() -> None:
    """Its second job begins when its first has ended; others are not held up."""
    floor = Floor()
    first, second, other = floor.ask("a", "one"), floor.ask("a", "two"), floor.ask("b", "other")
    floor.step()
    assert floor.crew.live == 2
    floor.finish()
    assert first.batches[-1] < second.batches[0]
    assert other.text == "other"


def test_a_common_beginning_is_read_alone() -> None:
    """What drops everything waits until nobody is at work, and whoever comes after it waits for it."""
    floor = Floor()
    before = floor.ask("a", "before")
    warm = floor.enter(lambda _say: floor.composer.warm(Warm((SYSTEM,))), None, alone=True)
    after = floor.ask("b", "after")
    floor.finish()
    assert before.text == "before"
    assert warm.over == 1
    assert isinstance(after.last, Finished)
    assert after.last.cached_tokens >= len(SYSTEM.content)


def test_reading_ahead_makes_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody is served nothing is read ahead; then it goes on where it was."""
    floor = Floor()
    note = Keep((SYSTEM, Message("user", "note " * 40)))
    monkeypatch.setattr(type(floor.composer._desk), "keeps", True)  # as with a disk
    keep = floor.enter(lambda _say: floor.composer.keep(note), KEEPING, spare=True)
    floor.step()
    assert floor.crew.spare
    read = floor.memory.reads
    asked = floor.ask("a", "z", most=1)
    floor.step(len(SYSTEM.content) // ROOM)
    assert not floor.crew.spare
    assert floor.memory.reads > read
    assert not keep.over
    while not asked.over:
        floor.step()
    floor.finish()
    assert isinstance(keep.last, Kept)


def test_too_long_is_told_and_the_rest_goes_on() -> None:
    """A prompt that never fits is refused; one that does not fit yet waits for room."""
    floor = Floor(cells=700)
    refused = floor.ask("a", "x" * 3000)
    big = [floor.ask(name, name * 250, most=260) for name in "bcd"]
    floor.finish()
    assert refused.error is not None
    assert [one.text for one in big] == ["b" * 250, "c" * 250, "d" * 250]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.integers(1, 120), st.integers(0, 12), st.booleans()),
        max_size=14,
    ),
    st.integers(420, 1500),
    st.integers(4, 9),
)
def test_all_are_served_or_gone_whatever_happens(
    visits: list[tuple[str, int, int, bool]], cells: int, sequences: int
) -> None:
    """Each who stays has a whole reply and each who goes is ended at once; the book is never broken."""
    floor = Floor(cells=cells, sequences=sequences)
    came = []
    for name, length, pause, goes in visits:
        heard = floor.ask(name, name * length, most=length + 1)
        came.append((name * length, heard, goes))
        floor.step(pause)
        if goes:
            floor.leave(heard)
    floor.finish()
    for text, heard, goes in came:
        assert heard.over == 1
        assert heard.error is None
        assert goes or heard.text == text
    assert floor.memory.used == floor.composer._desk._slots.used
