"""Desk: what lies on the table while one question is read and answered; decides nothing."""

from collections.abc import Callable

from shopbell.assistant.abstention import Signals
from shopbell.assistant.checks import Fault, Source, Verdict
from shopbell.assistant.llm.protocol import Finished, Piece
from shopbell.assistant.reading import Abstained, Findings, ReadFinished, Reading, Sentence, Timings
from shopbell.assistant.wording import sentences, stems

MAX_SENTENCES = 3
"""Of a reply; what comes after is not said."""


class Desk:
    """What lies on the table during one reading."""

    def __init__(self, clock: Callable[[], float], reading: Reading) -> None:
        """Start the clock, which tells seconds."""
        self.reading = reading
        hint = (Source.of("", reading.hint),) if reading.hint else ()
        self.sources = (*(Source.of(passage.title, passage.text) for passage in reading.passages), *hint)
        self._count = len(reading.passages)
        self.signals: Signals | None = None
        self.probability = self.signals_s = self.judge_s = 0.0
        self._clock, self._start = clock, clock()
        self._sent: list[Sentence] = []
        self._faults: tuple[Fault, ...] = ()
        self._first_s = 0.0
        self._draft = ""
        self._taken = 0
        self._logprobs: list[float] = []
        self._support = 1.0
        self._generation: Finished | None = None

    @property
    def is_over(self) -> bool:
        """Say whether nothing more is to be written."""
        return bool(self._faults) or len(self._sent) >= MAX_SENTENCES

    @property
    def said(self) -> str:
        """What was released so far."""
        return "".join(sentence.text for sentence in self._sent)

    def elapsed(self) -> float:
        """Return the seconds since the reading began."""
        return self._clock() - self._start

    def write(self, step: Piece | Finished) -> list[str]:
        """Add what the model wrote; return the sentences that this finishes."""
        if isinstance(step, Finished):
            self._generation = step
        else:
            self._draft += step.text
            self._logprobs.append(step.logprob)
        written = _joined(sentences(self._draft))
        done = len(written) if self._generation else len(written) - 1
        finished, self._taken = written[self._taken : done], max(self._taken, done)
        return finished

    def accept(self, draft: str, verdict: Verdict, faults: tuple[Fault, ...]) -> Sentence | None:
        """Keep a checked sentence unless something is wrong with it, or enough was said."""
        if self.is_over or faults:
            self._faults = self._faults or faults
            return None
        self._first_s = self._first_s or self.elapsed()
        self._support = min(self._support, verdict.support)
        sentence = Sentence(
            text=f" {draft}" if self._sent else draft,
            cited=tuple(self.reading.passages[place] for place in verdict.cited if place < self._count),
        )
        self._sent.append(sentence)
        return sentence

    def end(self, threshold: float) -> ReadFinished | Abstained:
        """Sum up."""
        findings = self.findings(threshold)
        if self._sent:
            reply = "".join(sentence.text for sentence in self._sent)
            cited = {passage.id: passage for sentence in self._sent for passage in sentence.cited}
            return ReadFinished(reply=reply, cited=tuple(cited.values()), findings=findings)
        if not self._faults:
            return Abstained(reason="silent", findings=findings)
        refused = self._faults[0].code == "refusal"
        return Abstained(reason="refusal" if refused else "withheld", findings=findings)

    def findings(self, threshold: float) -> Findings:
        """Return all that was measured so far."""
        return Findings(
            signals=self.signals,
            probability=self.probability,
            threshold=threshold,
            draft=self._draft,
            logprob=sum(self._logprobs) / len(self._logprobs) if self._logprobs else 0.0,
            support=self._support if self._sent else 0.0,
            faults=self._faults,
            timings=Timings(
                signals_s=self.signals_s, judge_s=self.judge_s, first_s=self._first_s, total_s=self.elapsed()
            ),
            generation=self._generation,
        )


def _joined(lines: list[str]) -> list[str]:
    """Join a bare "Yes." to the sentence after it: alone it states nothing that could be checked."""
    joined: list[str] = []
    for line in lines:
        if joined and not stems(joined[-1]):
            joined[-1] = f"{joined[-1]} {line}"
        else:
            joined.append(line)
    return joined
