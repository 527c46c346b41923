"""What is asked of the language model's worker, and what it says."""

from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct

from shopbell.assistant.llm.protocol import Finished, Judged, Message, Piece


class Warm(Struct, frozen=True, tag=True):
    """Read messages that prompts begin with, and keep them."""

    messages: tuple[Message, ...]
    place: int = 0
    """Which of several beginnings: number 0 is read first and drops all that was kept."""
    learned: str = ""
    """The file with what was fitted in the place of the messages; empty for what the model makes of them."""


class Generate(Struct, frozen=True, tag=True, kw_only=True):
    """Write a reply."""

    conversation: str
    messages: tuple[Message, ...]
    max_tokens: int
    stop: tuple[str, ...] = ()


class Judge(Struct, frozen=True, tag=True, kw_only=True):
    """Weigh the options for the next word."""

    conversation: str
    messages: tuple[Message, ...]
    options: tuple[str, ...]
    kept: int = 0
    """Messages at the start whose state is worth keeping on disk; 0 for none."""
    layer: int | None = None
    """The layer whose state is wanted too; where there are no options, instead of all that lies behind it."""


class Keep(Struct, frozen=True, tag=True):
    """Read a beginning and keep its state on disk for the prompts that begin so."""

    messages: tuple[Message, ...]


class KeepOnly(Struct, frozen=True, tag=True):
    """Throw away all states but these."""

    keys: tuple[str, ...]


class Forget(Struct, frozen=True, tag=True):
    """Drop what is kept of a conversation."""

    conversation: str


Request = Warm | Generate | Judge | Keep | KeepOnly | Forget


class Warmed(Struct, frozen=True, tag=True, kw_only=True):
    """The common beginning stands."""

    tokens: int
    seconds: float


class Kept(Struct, frozen=True, tag=True, kw_only=True):
    """The state of a beginning is on disk."""

    key: str
    """Its name there."""


Response = Piece | Finished | Warmed | Judged | Kept


QUESTION = 48
"""Tokens of a typical question with the template around it: what is left to read when the note is known."""

REPLY = 40
"""Tokens of a typical reply."""

TALK_S = 10.0
"""Seconds from one question of a caller to the next: hear the answer, think, speak."""

BUSY = 0.6
"""Share of the time for which an engine may be at work before those who come have to wait for each other."""


class Rates(Struct, frozen=True, kw_only=True):
    """How the engine runs on this machine, as measured at its first start."""

    threads: int
    """Threads that write a reply."""
    threads_reading: int
    """Threads that read a prompt."""
    flash: bool
    """Flash attention."""
    prefill_rate: float
    """Tokens read per second."""
    decode_rate: float
    """Tokens written per second."""
    together_rate: float = 0.0
    """Tokens written per second by four replies at once, all together; 0 if that was not measured."""

    @property
    def first_word_s(self) -> float:
        """Seconds to the first word, asked about a note that was read ahead, with nobody else there."""
        return QUESTION / self.prefill_rate + 1 / self.decode_rate

    @property
    def callers(self) -> int:
        """How many may talk at once without waiting noticeably for each other: see `TALK_S`."""
        writing = REPLY / max(self.together_rate, self.decode_rate)
        return max(1, int(BUSY * TALK_S / (QUESTION / self.prefill_rate + writing)))


class EngineSettings(Struct, frozen=True, kw_only=True):
    """What the worker needs to start."""

    model: Path
    data: Path
    """Folder in which `perf.json` is kept."""
    cells: int = 6144
    """Tokens the memory holds, for all conversations together."""
    sequences: int = 16
    """Histories kept at once: the common beginning, and each conversation twice while it is judged."""
    plain: bool = False
    """Do without the processor's special instructions; slower, for machines that promise what they refuse."""
    states_bytes: int = 1 << 30
    """Bytes on disk for states of beginnings."""
    states_memory: int = 128 << 20
    """Bytes in memory for those of them that were used last."""
    prompt_limit: int = 3072
    """Tokens of one prompt with its reply; a longer history loses its oldest turns."""

    def encode(self) -> bytes:
        """Write it for the worker."""
        return msgspec.msgpack.encode(self, enc_hook=str)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read what `encode` wrote."""
        return msgspec.msgpack.decode(data, type=cls, dec_hook=lambda kind, text: kind(text))


class EngineFacts(Struct, frozen=True, kw_only=True):
    """What `doctor` tells of the running engine."""

    description: str
    """Family, size and quantisation as the file itself says."""
    template: str
    """Where the chat template comes from: `model`, or `chatml` when the model's own is not known."""
    rates: Rates
    cells: int
    sequences: int
    memory: int
    """Bytes resident, the model's mapped pages included."""
    library: str
    """Version of the engine's library."""
    started_s: float
    """Seconds from the process's first line to being ready."""

    @property
    def summary(self) -> str:
        """A sentence for the owner."""
        return (
            f"About {self.rates.first_word_s:.1f} s to the first word, {callers(self.rates.callers)}"
            f" ({self.description}: reads {self.rates.prefill_rate:.0f} and writes"
            f" {self.rates.decode_rate:.0f} tokens a second on {_threads(self.rates.threads)})"
        )


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def callers(count: int) -> str:
    """Say how many callers at once."""
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{number} caller{'s' if count > 1 else ''} at once"


def _threads(count: int) -> str:
    return f"{count} thread{'s' if count > 1 else ''}"
