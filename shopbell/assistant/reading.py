"""Reading: one question put to the model's rung, and all that can come of it."""

from typing import Literal

from msgspec import Struct

from shopbell.assistant.abstention import Signals
from shopbell.assistant.checks import Fault
from shopbell.assistant.llm.protocol import Finished
from shopbell.assistant.prompt import Style
from shopbell.assistant.turn import InQueue
from shopbell.knowledge.passage import Passage

DEADLINE_S = 20.0
"""Seconds within which the engine must begin its judgement, and again its answer."""

Reason = Literal["no-passages", "hopeless", "gate", "refusal", "withheld", "silent"]


class Reading(Struct, frozen=True, kw_only=True):
    """A question to be answered from passages."""

    question: str
    """Complete in itself: a follow-up was joined to what it leans on."""
    passages: tuple[Passage, ...]
    """Best first; more than three are not worth their time."""
    conversation: str = ""
    style: Style = "reply"
    deadline_s: float = DEADLINE_S
    sifted: bool = False
    """Whether it was found before that the passages state it, so that the gate need not ask again."""
    hint: str = ""
    """What staff whispered for this answer."""
    hints: tuple[str, ...] = ()
    """All that was whispered: no reply may repeat it."""


class Timings(Struct, frozen=True, kw_only=True):
    """Seconds of each stage of one reading."""

    signals_s: float = 0.0
    judge_s: float = 0.0
    """Queue, prefill of passages and question, one token."""
    first_s: float = 0.0
    """From the start to the first released sentence; 0 for none."""
    total_s: float = 0.0


class Findings(Struct, frozen=True, kw_only=True):
    """Why this answer, or none."""

    signals: Signals | None = None
    probability: float = 0.0
    """Of the passages stating the answer, before a word was written."""
    threshold: float = 0.0
    draft: str = ""
    """All that the model wrote, sent or not."""
    logprob: float = 0.0
    """Mean natural logarithm of the model's probability over the pieces of the draft."""
    support: float = 0.0
    """Least share of a released sentence's content words that its sources hold."""
    faults: tuple[Fault, ...] = ()
    timings: Timings = Timings()
    generation: Finished | None = None
    """What the engine reported; None when nothing was generated to the end."""

    def lines(self) -> tuple[str, ...]:
        """Tell it for staff, one step a line."""
        told = []
        if self.signals is not None:
            signals = self.signals
            told.append(
                f"gate {self.probability:.2f} of {self.threshold:.2f}: stated {signals.stated:+.1f}, words "
                f"{signals.coverage:.2f}/{signals.line_coverage:.2f}, similar {signals.similarity:.2f}, "
                f"strange names {signals.missing_names:.0f}, numbers {signals.missing_quantities:.0f}, "
                f"turned {signals.turned:.0f}, fitting {signals.fitting:.0f}"
            )
        if self.draft:
            told.append(f"model: support {self.support:.2f}, log-probability {self.logprob:.2f}")
        return (*told, *(f"check {fault.code}: {fault.text}" for fault in self.faults))


class Sentence(Struct, frozen=True, tag=True, kw_only=True):
    """A finished, checked sentence of the reply."""

    text: str
    """With the space before it, unless it is the first: to be joined as it comes."""
    cited: tuple[Passage, ...]
    """The passages that support it, best first."""


class Abstained(Struct, frozen=True, tag=True, kw_only=True):
    """Nothing may be said, and nothing was: the last event of such a reading."""

    reason: Reason
    """hopeless, gate: the passages seem not to state it. refusal: the model said so. withheld: a check."""
    findings: Findings = Findings()

    @property
    def trace(self) -> tuple[str, ...]:
        """Lines for staff."""
        return (*self.findings.lines(), f"model abstained: {self.reason}")


class ReadFinished(Struct, frozen=True, tag=True, kw_only=True):
    """All sentences are out; the last event of a reading that answered."""

    reply: str
    cited: tuple[Passage, ...]
    """What it rests on, best first."""
    findings: Findings

    @property
    def trace(self) -> tuple[str, ...]:
        """Lines for staff."""
        return self.findings.lines()

    @property
    def queue_s(self) -> float:
        """Seconds the answer waited for the engine."""
        return self.findings.generation.queue_s if self.findings.generation else 0.0


Progress = InQueue | Sentence | Abstained | ReadFinished
