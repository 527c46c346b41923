"""The book of sequences against a memory that fails when its rules are broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant.errors import TooLong
from shopbell.assistant.llm.errors import Full
from shopbell.assistant.llm.plans import Copy, common_length
from shopbell.assistant.llm.slots import PREFIX, Slots, prefix_name
from tests.fakes.toy import ToyMemory

CELLS = 40
SEQUENCES = 4
NAMES = ("a", "b", "c", "d", "e")


class Bench:
    """A book and a memory that obeys it."""

    def __init__(self) -> None:
        self.slots = Slots(sequences=SEQUENCES, cells=CELLS)
        self.memory = ToyMemory(sequences=SEQUENCES, cells=CELLS)

    def read(self, name: str, tokens: list[int], room: int = 0, said: int = 0) -> int:
        """Read a prompt and `said` tokens more; return how many tokens were reused."""
        plan = self.slots.open(name, tokens, room=room)
        self.memory.apply(plan.steps)
        assert self.memory.tokens(plan.sequence) == tokens[: plan.reused]
        for start in range(plan.reused, len(tokens), 3):
            part = tokens[start : start + 3]
            self.memory.read(part, sequence=plan.sequence, position=start)
            self.slots.append(name, part)
        for place in range(min(said, room)):
            self.memory.read([place % 3], sequence=plan.sequence, position=len(tokens) + place)
            self.slots.append(name, [place % 3])
        assert self.memory.tokens(plan.sequence) == list(self.slots.tokens(name))
        assert self.memory.used == self.slots.used
        self.slots.release(name)
        return plan.reused

    def drop(self, name: str) -> None:
        self.memory.apply(self.slots.drop(name))


def test_the_prefix_is_shared_not_copied() -> None:
    """Conversations that begin with the prefix take no cells for it."""
    bench = Bench()
    bench.read(PREFIX, list(range(20)))
    assert bench.read("a", [*range(20), 91]) == 20
    assert bench.read("b", [*range(20), 92]) == 20
    assert bench.slots.used == 22


def test_a_conversation_reads_only_what_is_new() -> None:
    """The history that was read, and what was said, is not read again."""
    bench = Bench()
    bench.read("a", [5, 6, 7], room=2, said=2)
    assert bench.read("a", [5, 6, 7, 0, 1, 8]) == 5


def test_a_changed_tail_is_read_again() -> None:
    """Only what is no longer true of the history is cut away."""
    bench = Bench()
    bench.read("a", [5, 6, 7, 8])
    assert bench.read("a", [5, 6, 9]) == 2


def test_the_last_token_is_always_read() -> None:
    """A prompt that stands already still has its last token read, for what follows it."""
    bench = Bench()
    bench.read("a", [5, 6, 7])
    assert bench.read("a", [5, 6, 7]) == 2


def test_a_like_beginning_of_another_conversation_is_shared() -> None:
    """Two customers who are shown the same passages share their state."""
    bench = Bench()
    bench.read("a", [5, 6, 7, 8])
    assert bench.read("b", [5, 6, 7, 9]) == 3
    assert bench.slots.tokens("a") == (5, 6, 7, 8)


def test_the_longest_unused_goes_first() -> None:
    """With no sequence free, the conversation used longest ago is evicted, never the prefix."""
    bench = Bench()
    bench.read(PREFIX, [1, 2])
    for name in ("a", "b", "c"):
        bench.read(name, [1, 2, ord(name)])
    bench.read("a", [1, 2, ord("a"), 4])
    bench.read("d", [1, 2, 50])
    assert bench.slots.names == {PREFIX, "a", "c", "d"}


def test_cells_are_freed_for_a_longer_prompt() -> None:
    """When cells run short, others are evicted until the prompt and its reply fit."""
    bench = Bench()
    bench.read("a", list(range(100, 120)))
    bench.read("b", list(range(200, 215)), room=10, said=10)
    assert bench.slots.names == {PREFIX, "b"}


def test_the_memory_may_be_full_to_the_last_cell() -> None:
    """As many are evicted as must be, and not one more."""
    bench = Bench()
    bench.read("a", list(range(100, 120)))
    bench.read("b", list(range(200, 215)), room=5, said=5)
    assert bench.slots.used == CELLS
    assert bench.slots.names == {PREFIX, "a", "b"}
    bench.read("b", [*range(200, 215), *range(5)], room=1, said=1)
    assert bench.slots.names == {PREFIX, "b"}


def test_what_cannot_fit_is_refused_and_changes_nothing() -> None:
    """A prompt longer than the memory is TooLong, and the rest stands as it did."""
    bench = Bench()
    bench.read(PREFIX, list(range(10)))
    bench.read("a", [1, 2, 3])
    with pytest.raises(TooLong, match="shorten"):
        bench.slots.open("b", list(range(100, 130)), room=5)
    assert bench.slots.tokens("a") == (1, 2, 3)
    assert bench.slots.names == {PREFIX, "a"}


def test_a_dropped_conversation_leaves_nothing() -> None:
    """Forgetting frees the sequence and its own cells; an unknown name is nothing to forget."""
    bench = Bench()
    bench.read("a", [1, 2, 3])
    bench.drop("a")
    bench.drop("nobody")
    assert bench.slots.used == 0


def test_a_new_prefix_starts_afresh() -> None:
    """When the prefix changes, the old histories are given up."""
    bench = Bench()
    bench.read(PREFIX, [1, 2, 3])
    bench.read("a", [1, 2, 3, 4])
    assert bench.read(PREFIX, [1, 2, 9]) == 2
    assert bench.slots.names == {PREFIX}


@given(st.lists(st.integers(0, 2)), st.lists(st.integers(0, 2)))
def test_common_length_is_that_of_a_plain_count(first: list[int], second: list[int]) -> None:
    """The search by halves finds what counting would."""
    plain = 0
    while plain < min(len(first), len(second)) and first[plain] == second[plain]:
        plain += 1
    assert common_length(first, second) == plain


TOKENS = st.lists(st.integers(0, 2), min_size=1, max_size=30)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from((*NAMES, PREFIX, prefix_name(1))), TOKENS, st.integers(0, 8), st.integers(0, 8)
        ),
        st.sampled_from(NAMES),
    ),
    max_size=25,
)


@given(ACTIONS)
def test_whatever_happens_book_and_memory_agree(actions: list[tuple[str, list[int], int, int] | str]) -> None:
    """No order of reading, evicting and forgetting breaks a rule of the memory or loses count of it."""
    bench = Bench()
    for action in actions:
        if isinstance(action, str):
            bench.drop(action)
            continue
        name, tokens, room, said = action
        try:
            bench.read(name, tokens, room, said)
        except TooLong:
            kept = sum(len(bench.slots.tokens(prefix)) for prefix in (PREFIX, prefix_name(1)))
            assert len(tokens) + room + kept > CELLS or name == PREFIX


def test_a_plan_copies_before_it_reads() -> None:
    """The plan says what to share and how much of the prompt it covers."""
    slots = Slots(sequences=3, cells=CELLS)
    slots.open(PREFIX, [1, 2, 3], room=0)
    slots.append(PREFIX, [1, 2, 3])
    plan = slots.open("a", [1, 2, 3, 4], room=4)
    assert plan.reused == 3
    assert Copy(source=0, target=plan.sequence, length=3) in plan.steps


def test_a_further_prefix_is_kept_until_the_first_is_read_again() -> None:
    """Conversations come and go beside both; a new first prefix drops the further one too."""
    bench = Bench()
    bench.read(PREFIX, [1, 2, 3])
    bench.read(prefix_name(1), [7, 8, 9])
    for name in NAMES * 3:
        bench.read(name, [7, 8, 9, 4, 5])
    assert {PREFIX, prefix_name(1)} <= bench.slots.names
    assert bench.read("new", [7, 8, 9, 6]) == 3
    bench.drop(prefix_name(1))
    assert prefix_name(1) in bench.slots.names
    bench.read(PREFIX, [1, 2, 4])
    assert bench.slots.names == {PREFIX}


def test_what_is_at_work_is_never_evicted() -> None:
    """A sequence that is held stays, however old; the newer one that is not goes."""
    slots = Slots(sequences=3, cells=100)
    first = slots.open("a", [1, 2, 3], room=5)
    slots.open("b", [4, 5, 6], room=5)
    slots.release("b")
    slots.open("c", [7, 8, 9], room=5)
    assert {"a", "c"} <= slots.names
    assert "b" not in slots.names
    with pytest.raises(Full):
        slots.open("d", [7, 8], room=1)
    slots.release("a")
    assert slots.open("d", [7, 8], room=1).sequence == first.sequence


def test_room_that_was_promised_is_not_given_away() -> None:
    """Cells a reply may yet need count as used until its job is done."""
    slots = Slots(sequences=4, cells=20)
    slots.open("a", [1, 2, 3], room=12)
    with pytest.raises(Full):
        slots.open("b", [4, 5, 6], room=3)
    slots.release("a")
    assert slots.open("b", [4, 5, 6], room=3).reused == 0
