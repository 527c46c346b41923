"""What a job wants of the engine, a bit at a time, and what it gets. Needs no engine to import."""

from collections.abc import Generator, Sequence
from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.assistant.llm.plans import Step
from shopbell.assistant.llm.requests import Response


class Ask(Struct, frozen=True, kw_only=True):
    """Tokens to be read next; as many of them as there is time for are read."""

    tokens: Sequence[int]
    sequence: int
    position: int
    """Where the first of them stands in its sequence."""
    writing: bool = False
    """Whether it is the one token of a reply that was just written: somebody sees the words come."""
    layer: int | None = None
    """The layer, counted from 0, whose states are wanted too."""
    halfway: bool = False
    """Whether nothing that lies behind that layer is wanted."""


class Read(Struct, frozen=True, kw_only=True):
    """What came of an ask. The arrays are valid until the next batch."""

    count: int
    """Tokens read, from the first."""
    scores: NDArray[np.float32] | None = None
    """float32[words], the score of each token as the next; None until the last token of the ask was read, and
    where nothing behind a layer was wanted."""
    states: NDArray[np.float32] | None = None
    """float32[count, width], a layer's state at each token read; None unless it was asked for."""


Steps = Generator[Ask, Read, Response | None]
"""A job at work: it asks, is given what was read, and returns its last answer."""


class Words(Protocol):
    """What is wanted of the weights."""

    def tokenize(self, text: str, special: bool, first: bool) -> list[int]:
        """Return the tokens of a text."""
        ...

    def bytes_of(self, token: int) -> bytes:
        """Return the bytes of a token."""
        ...

    def ends(self, token: int) -> bool:
        """Say whether a token closes the reply."""
        ...


class Reader(Protocol):
    """What is wanted of the memory by whoever keeps its book."""

    def apply(self, steps: Sequence[Step]) -> None:
        """Obey the book of sequences."""
        ...

    def save(self, *, sequence: int, begin: int, end: int) -> bytes:
        """Return the state of the tokens at positions [begin, end); empty when it cannot be had."""
        ...

    def restore(self, state: bytes, *, sequence: int, begin: int, end: int) -> bool:
        """Put a saved state behind the first `begin` tokens; False when it cannot be."""
        ...


class Runner(Protocol):
    """What is wanted of the memory by whoever shares it out."""

    def run(self, batch: Sequence[tuple[Ask, int]]) -> list[Read]:
        """Read the first so many tokens of each ask, all at once. Raises Aborted with nothing read."""
        ...
