"""What the house asks of a language model, whoever provides it."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct


class Message(Struct, frozen=True):
    """One message of a prompt. Its content is data: control tokens in it are spelled out, never obeyed."""

    role: Literal["system", "user", "assistant"]
    content: str


class Beginning(Struct, frozen=True, kw_only=True):
    """Messages that many prompts begin with."""

    messages: tuple[Message, ...]
    learned: Path | None = None
    """A file with keys and values that were fitted in their place; None for what the model makes of them."""


class Generation(Struct, frozen=True, kw_only=True):
    """A reply wanted from the model."""

    conversation: str
    """Whose cached history the prompt continues; empty for none."""
    messages: tuple[Message, ...]
    """Append-only within a conversation, so that what was read before is not read again."""
    max_tokens: int
    deadline_s: float
    """Seconds from now within which the first token must come; past it `Overdue` is raised."""
    stop: tuple[str, ...] = ()
    """Texts that end the reply; they are not part of it."""


class Place(Struct, frozen=True, tag=True, kw_only=True):
    """Where the job stands in the queue; sent when it changes and is not first."""

    place: int
    """Jobs ahead of this one."""
    eta_s: float
    """Expected seconds until its turn."""


class Piece(Struct, frozen=True, tag=True, kw_only=True):
    """Some text of the reply."""

    text: str
    logprob: float
    """Natural logarithm of the probability the model gave its tokens, summed."""


class Finished(Struct, frozen=True, tag=True, kw_only=True):
    """The reply is complete."""

    prompt_tokens: int
    cached_tokens: int
    """Of the prompt tokens, those whose state was reused."""
    tokens: int
    queue_s: float
    prefill_s: float
    decode_s: float


class Judged(Struct, frozen=True, tag=True, kw_only=True):
    """The options were weighed."""

    probabilities: tuple[float, ...]
    """Of each option's first token, in their order; they sum to at most 1, for other words may follow. Empty
    where the engine was to stop behind a layer."""
    hidden: bytes = b""
    """float16[width], little endian: a layer's state before the answer; empty unless asked for. Without
    options float16[2 * width]: the mean over all tokens behind the messages kept follows."""


Progress = Place | Piece | Finished


class EngineState(Struct, frozen=True, kw_only=True):
    """What the console, `doctor` and the ladder want to know of the engine."""

    status: Literal["absent", "starting", "ready", "restarting", "degraded"]
    """absent: no model on disk. degraded: crashed too often, given up until told."""
    model: str = ""
    queue: int = 0
    """Jobs waiting."""
    restarts: int = 0
    detail: str = ""
    """A sentence for the owner."""


class LanguageModel(Protocol):
    """A language model behind one fair queue."""

    @property
    def state(self) -> EngineState:
        """How the engine is now."""
        ...

    def generate(self, job: Generation) -> AsyncGenerator[Progress, None]:
        """Yield places, then pieces, then `Finished`; closing the generator stops the model within a token.

        Raises `Overdue` when the deadline passes before the first token, `Unavailable` when there is no
        engine or it died on the way, `TooLong` when the prompt does not fit.
        """
        ...

    def weigh(
        self,
        conversation: str,
        messages: tuple[Message, ...],
        options: tuple[str, ...],
        deadline_s: float,
        *,
        kept: int = 0,
        layer: int | None = None,
    ) -> AsyncGenerator[Place | Judged, None]:
        """Yield places, then how likely each option is as the next assistant word, among all words.

        Each option is represented by its first token. Other prompts will begin with the first `kept`
        messages, so that their state is worth keeping. With `layer` the hidden state behind that layer,
        counted from 0, comes too, and without `options` nothing else: the engine then goes no further. Raises
        like `generate`.
        """
        ...

    async def judge(
        self,
        conversation: str,
        messages: tuple[Message, ...],
        options: tuple[str, ...],
        deadline_s: float,
        *,
        layer: int | None = None,
    ) -> Judged:
        """Return what was weighed, without the places before it; see `weigh`."""
        ...

    def forget(self, conversation: str) -> None:
        """Drop the cached history of a conversation that ended."""
        ...
