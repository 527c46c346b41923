"""Reads prompts: what stands in the memory is reused, what is on disk put back, the rest is asked for."""

from collections.abc import Collection, Generator
from contextlib import contextmanager

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.assistant.llm.errors import EngineError
from shopbell.assistant.llm.learned import Learned
from shopbell.assistant.llm.plans import Cut, common_length
from shopbell.assistant.llm.slots import Slots, prefix_name
from shopbell.assistant.llm.states import States, key_of
from shopbell.assistant.llm.work import Ask, Read, Reader


class Stood(Struct, frozen=True):
    """A prompt that stands in the memory."""

    sequence: int
    reused: int
    """Tokens whose state was there already."""
    read: Read
    """What follows the last token."""


class _Standing(Struct, frozen=True):
    """A beginning that was learned, and its state."""

    beginning: Learned
    state: bytes

    @property
    def named(self) -> list[int]:
        """Its tokens as the book has them."""
        return self.beginning.named(self.beginning.tokens)


LEARNING = "\0learning"
"""The name under which the words of a learned beginning are read."""


class Desk:
    """The memory, the book of its sequences, and the states on disk."""

    def __init__(self, memory: Reader, slots: Slots, states: States | None) -> None:
        """Take the parts; without `states` nothing is kept on disk."""
        self._memory, self._slots, self._states = memory, slots, states
        self._beginnings: dict[int, list[int]] = {}
        self._learned: _Standing | None = None

    @contextmanager
    def holding(self, name: str) -> Generator[None]:
        """Hold whatever is read under this name while a job is at work, however that ends."""
        try:
            yield
        finally:
            self._slots.release(name)

    def begin(
        self, place: int, tokens: list[int], learned: Learned | None = None
    ) -> Generator[Ask, Read, None]:
        """Read what prompts begin with. Number 0 drops all that was there.

        What was learned takes the place of what was read. Raises EngineError when it was not learned in the
        place of these tokens, or does not fit the memory.
        """
        name = prefix_name(place)
        if learned is not None:
            yield from self._learn(tokens, learned)
        with self.holding(name):
            if learned is not None:
                self._begin(name, learned.named(tokens), room=0, kept=0)
            elif tokens:
                yield from self.read(name, tokens, room=0)
        if not place:
            self._beginnings.clear()
        self._beginnings[place] = self._named(tokens)

    def _learn(self, tokens: list[int], learned: Learned) -> Generator[Ask, Read, None]:
        """Make the state of these tokens with what was learned in it."""
        if tokens != learned.tokens:
            raise EngineError("what was learned began as other words; fit it again")
        self._learned = None
        with self.holding(LEARNING):
            stood = yield from self.read(LEARNING, tokens, room=0)
        plain = self._memory.save(sequence=stood.sequence, begin=0, end=len(tokens))
        self.drop(LEARNING)
        self._learned = _Standing(learned, learned.into(plain))

    def read(
        self, name: str, tokens: list[int], *, room: int, kept: int = 0, layer: int | None = None
    ) -> Generator[Ask, Read, Stood]:
        """Read what is not in the memory; the state of the first `kept` tokens is worth a file.

        With `layer` that layer's states come too.

        A kept state is put back even where another sequence holds the same tokens: it is then followed by
        what comes after it in the memory's own order too, and the sums over it are those of a fresh reading.
        Raises TooLong and Full before the first ask.
        """
        named = self._named(tokens)
        sequence, reused = self._begin(name, named, room=room, kept=kept)
        position = reused
        while True:
            end = kept if position < kept else len(tokens)
            read = yield Ask(
                tokens=tokens[position:end],
                sequence=sequence,
                position=position,
                layer=layer if end == len(tokens) else None,
            )
            self._slots.append(name, named[position : position + read.count])
            position += read.count
            if position == len(tokens):
                break
        self._keep(named[:kept], sequence)
        return Stood(sequence, reused, read)

    def glance(
        self, name: str, tokens: list[int], *, kept: int, layer: int
    ) -> Generator[Ask, Read, NDArray[np.float32]]:
        """Read the first `kept` tokens like `read`, the rest up to a layer only, and return its states.

        They are those of the rest's last token and the mean over the rest: float32[2 * width]. What was read
        by halves is of use to nobody: it is not in the book, and gone when this ends. Raises TooLong and Full
        before the first ask.
        """
        named = self._named(tokens)
        sequence, position = self._begin(name, named, room=0, kept=kept, most=kept)
        while position < kept:
            read = yield Ask(tokens=tokens[position:kept], sequence=sequence, position=position)
            self._slots.append(name, named[position : position + read.count])
            position += read.count
        self._keep(named[:kept], sequence)
        seen: list[NDArray[np.float32]] = []
        try:
            while position < len(tokens):
                read = yield Ask(
                    tokens=tokens[position:],
                    sequence=sequence,
                    position=position,
                    layer=layer,
                    halfway=True,
                )
                position += read.count
                if read.states is not None:
                    seen.append(read.states)
        finally:
            self._memory.apply((Cut(sequence, kept),))
        states = np.concatenate(seen)
        return np.concatenate([states[-1], states.mean(axis=0)])

    def _begin(
        self, name: str, tokens: list[int], *, room: int, kept: int, most: int | None = None
    ) -> tuple[int, int]:
        """Return a sequence that begins as `tokens` do, and how many stand in it, `most` of them at most.

        A beginning whose state is kept, or will be, is read from where all prompts part: another that happens
        to begin with some of the same words would move the slices, and with them the last bits.
        """
        warm = self._warm(tokens)
        key = key_of(tokens[:kept])
        shelved = self._states is not None and warm < kept
        state = self._states.get(key) if self._states is not None and shelved else None
        plan = self._slots.open(name, tokens, room=room, most=warm if shelved else most)
        self._memory.apply(plan.steps)
        reused, sequence = plan.reused, plan.sequence
        if state and reused == warm and self._memory.restore(state, sequence=sequence, begin=warm, end=kept):
            self._slots.append(name, tokens[warm:kept])
            reused = kept
        return sequence, self._put_back(name, tokens, sequence, reused)

    def _put_back(self, name: str, tokens: list[int], sequence: int, reused: int) -> int:
        """Put what was learned in the place of its words where it does not stand; return what stands then.

        It cannot be read: what stands there was fitted, and there are no words that lead to it.
        """
        learned = self._learned
        length = len(learned.beginning.tokens) if learned else 0
        if learned is None or reused >= length or tokens[:length] != learned.named:
            return reused
        self._memory.apply((Cut(sequence, 0),))
        self._slots.shorten(name, 0)
        if not self._memory.restore(learned.state, sequence=sequence, begin=0, end=length):
            raise EngineError("what was learned does not fit the memory; fit it again")
        self._slots.append(name, tokens[:length])
        return length

    def _keep(self, tokens: list[int], sequence: int) -> None:
        """Put the state of a beginning on disk unless it is there."""
        warm, key = self._warm(tokens), key_of(tokens)
        if self._states is not None and warm < len(tokens) and key not in self._states:
            self._states.put(key, self._memory.save(sequence=sequence, begin=warm, end=len(tokens)))

    def _warm(self, tokens: list[int]) -> int:
        """Return how many tokens stand in the memory as what many prompts begin with."""
        return max((common_length(it, tokens) for it in self._beginnings.values()), default=0)

    def wrote(self, name: str, token: int) -> None:
        """Note that a token of a reply was read behind what stood."""
        self._slots.append(name, [token])

    def drop(self, *names: str) -> None:
        """Give sequences back."""
        for name in names:
            self._memory.apply(self._slots.drop(name))

    def key(self, tokens: list[int]) -> str:
        """Return the name of the state behind these tokens."""
        return key_of(self._named(tokens))

    def has(self, tokens: list[int]) -> bool:
        """Say whether the state behind these tokens is kept."""
        return self._states is not None and self.key(tokens) in self._states

    def _named(self, tokens: list[int]) -> list[int]:
        return self._learned.beginning.named(tokens) if self._learned else tokens

    @property
    def keeps(self) -> bool:
        """Whether states are kept at all."""
        return self._states is not None

    def keep_only(self, keys: Collection[str]) -> None:
        """Throw away the states of all other beginnings."""
        if self._states is not None:
            self._states.keep_only(keys)
