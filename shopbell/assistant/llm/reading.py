"""Reads prompts: what stands in the memory is reused, what is on disk put back, the rest is asked for."""

from collections.abc import Collection, Generator
from contextlib import contextmanager

from msgspec import Struct

from shopbell.assistant.llm.plans import common_length
from shopbell.assistant.llm.slots import Slots, prefix_name
from shopbell.assistant.llm.states import States, key_of
from shopbell.assistant.llm.work import Ask, Read, Reader

TAIL = 4
"""Tokens at the end of a deep prompt that are read by themselves: the engine scores every token of such a
batch, and the scores of all but the last are for nobody."""

WORTH = 32
"""Tokens from which that is sooner over than one batch with a score for each."""


class Stood(Struct, frozen=True):
    """A prompt that stands in the memory."""

    sequence: int
    reused: int
    """Tokens whose state was there already."""
    read: Read
    """What follows the last token."""


class Desk:
    """The memory, the book of its sequences, and the states on disk."""

    def __init__(self, memory: Reader, slots: Slots, states: States | None) -> None:
        """Take the parts; without `states` nothing is kept on disk."""
        self._memory, self._slots, self._states = memory, slots, states
        self._beginnings: dict[int, list[int]] = {}

    @contextmanager
    def holding(self, name: str) -> Generator[None]:
        """Hold whatever is read under this name while a job is at work, however that ends."""
        try:
            yield
        finally:
            self._slots.release(name)

    def begin(self, place: int, tokens: list[int]) -> Generator[Ask, Read, None]:
        """Read what prompts begin with. Number 0 drops all that was there."""
        name = prefix_name(place)
        with self.holding(name):
            if tokens:
                yield from self.read(name, tokens, room=0)
        if not place:
            self._beginnings.clear()
        self._beginnings[place] = tokens

    def read(
        self, name: str, tokens: list[int], *, room: int, kept: int = 0, deep: bool = False
    ) -> Generator[Ask, Read, Stood]:
        """Read what is not in the memory; the state of the first `kept` tokens is worth a file.

        A kept state is put back even where another sequence holds the same tokens: it is then followed by
        what comes after it in the memory's own order too, and the sums over it are those of a fresh reading.
        Raises TooLong and Full before the first ask.
        """
        warm = max((common_length(it, tokens) for it in self._beginnings.values()), default=0)
        key = key_of(tokens[:kept])
        state = self._states.get(key) if self._states is not None and warm < kept else None
        plan = self._slots.open(name, tokens, room=room, most=warm if state else None)
        self._memory.apply(plan.steps)
        reused, sequence = plan.reused, plan.sequence
        if state and reused == warm and self._memory.restore(state, sequence=sequence, begin=warm, end=kept):
            self._slots.append(name, tokens[warm:kept])
            reused = kept
        position = reused
        while True:
            end = _until(position, len(tokens), kept=kept, deep=deep)
            last = end == len(tokens)
            read = yield Ask(
                tokens=tokens[position:end], sequence=sequence, position=position, deep=deep and last
            )
            self._slots.append(name, tokens[position : position + read.count])
            position += read.count
            if position == len(tokens):
                break
        if self._states is not None and warm < kept and key not in self._states:
            self._states.put(key, self._memory.save(sequence=sequence, begin=warm, end=kept))
        return Stood(sequence, reused, read)

    def wrote(self, name: str, token: int) -> None:
        """Note that a token of a reply was read behind what stood."""
        self._slots.append(name, [token])

    def drop(self, *names: str) -> None:
        """Give sequences back."""
        for name in names:
            self._memory.apply(self._slots.drop(name))

    def has(self, key: str) -> bool:
        """Say whether a state is kept."""
        return self._states is not None and key in self._states

    @property
    def keeps(self) -> bool:
        """Whether states are kept at all."""
        return self._states is not None

    def keep_only(self, keys: Collection[str]) -> None:
        """Throw away the states of all other beginnings."""
        if self._states is not None:
            self._states.keep_only(keys)


def _until(position: int, length: int, *, kept: int, deep: bool) -> int:
    """Return where the next ask ends: behind what is kept, before a deep prompt's tail, or at its end."""
    if position < kept:
        return kept
    return length - TAIL if deep and length - position > WORTH else length
