"""Reader: the model's rung of the ladder. It reads passages, answers from them, or says that it cannot.

One turn: cheap signals -> one Yes/No judgement on the evaluated passages and question -> the gate decides ->
the answer is generated on the same evaluated prompt -> each finished sentence is checked, then released.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from msgspec.structs import replace

from shopbell.assistant.abstention import GATE_FILE, Embed, Gate, Signals, load_gate, measure, similarity
from shopbell.assistant.checks import Fault, Source, Verdict, check_sentence
from shopbell.assistant.grounding import GROUNDING_FILE, Grounding, load_grounding
from shopbell.assistant.llm.protocol import Finished, Generation, LanguageModel, Message, Piece, Place
from shopbell.assistant.prompt import MAX_TOKENS, OPTIONS, PREFIX, Note, answering, is_refusal, judgement
from shopbell.assistant.reading import (
    DEADLINE_S,
    Abstained,
    Findings,
    Progress,
    ReadFinished,
    Reading,
    Reason,
    Sentence,
    Timings,
)
from shopbell.assistant.settings import Assistant
from shopbell.assistant.turn import InQueue, Turn
from shopbell.assistant.wording import sentences, stems, words
from shopbell.knowledge.passage import Passage

__all__ = ["Abstained", "ReadFinished", "Reader", "Reading", "Sentence"]

MAX_SENTENCES = 3
"""Of a reply; what comes after is not said."""
LEAST = 1e-9
"""Least probability of an option, so that its logarithm exists."""


class Reader:
    """Answers from passages with a language model, a gate before it and checks behind it."""

    def __init__(
        self,
        model: LanguageModel,
        embed: Embed | None,
        shop_name: str,
        assistant: Assistant,
        *,
        deadline_s: float = DEADLINE_S,
        gate: Gate | None = None,
        grounding: Grounding | None = None,
    ) -> None:
        """Take the engine; without `gate` and `grounding` the fitted ones of the product are read.

        The shop's and the assistant's names may be said although no passage holds them.
        """
        self._model = model
        self._embed = embed
        self._known = frozenset(words(f"{shop_name} {assistant.name}"))
        self._deadline_s = deadline_s
        self._gate = gate or load_gate(GATE_FILE)
        self._grounding = grounding or load_grounding(GROUNDING_FILE)

    @property
    def prefix(self) -> tuple[Message, ...]:
        """What every prompt begins with; to be evaluated before the first customer comes."""
        return PREFIX

    def forget(self, conversation: str) -> None:
        """Drop what the engine keeps of a conversation."""
        self._model.forget(conversation)

    async def read(
        self, turn: Turn, question: str, passages: Sequence[Passage]
    ) -> AsyncGenerator[Progress, None]:
        """Answer `question`, the turn's words made complete; see `answer`."""
        reading = Reading(
            question=question,
            passages=tuple(passages),
            conversation=turn.conversation,
            deadline_s=self._deadline_s,
        )
        async with aclosing(self.answer(reading)) as steps:
            async for step in steps:
                yield step

    async def answer(self, reading: Reading) -> AsyncGenerator[Progress, None]:
        """Yield places in the queue and checked sentences; last `ReadFinished`, or `Abstained` if none.

        Raises Overdue, Unavailable and TooLong as the model does. Closing it stops the model.
        """
        desk = _Desk(asyncio.get_running_loop().time, reading)
        if not reading.passages:
            yield Abstained(reason="no-passages")
            return
        notes = tuple(Note(passage.title, passage.text) for passage in reading.passages)
        judged = judgement(notes, reading.question)
        refused = await self._judge(desk, judged)
        if refused is not None:
            yield Abstained(reason=refused, findings=desk.findings(self._gate.threshold))
            return
        async with aclosing(self._write(desk, answering(judged, reading.question, reading.style))) as steps:
            async for step in steps:
                yield step
        yield desk.end(self._gate.threshold)

    async def _judge(self, desk: "_Desk", judged: tuple[Message, ...]) -> Reason | None:
        """Measure the signals and ask the model; return why not to answer, if so."""
        desk.signals = await asyncio.to_thread(self._measure, desk)
        desk.signals_s = desk.elapsed()
        best = replace(desk.signals, says_yes=self._gate.surest_yes)
        if self._gate.probability(best) < self._gate.threshold:
            desk.probability = self._gate.probability(best)
            return "hopeless"
        yes, no = await self._model.judge(desk.reading.conversation, judged, OPTIONS, desk.reading.deadline_s)
        desk.judge_s = desk.elapsed() - desk.signals_s
        desk.signals = replace(desk.signals, says_yes=math.log(max(yes, LEAST) / max(no, LEAST)))
        desk.probability = self._gate.probability(desk.signals)
        return None if desk.probability >= self._gate.threshold else "gate"

    def _measure(self, desk: "_Desk") -> Signals:
        near = self._gate.typical_similarity
        if self._embed is not None:
            near = similarity(desk.reading.question, desk.sources, self._embed)
        return measure(desk.reading.question, desk.sources, says_yes=0.0, similarity=near)

    async def _write(
        self, desk: "_Desk", messages: tuple[Message, ...]
    ) -> AsyncGenerator[InQueue | Sentence, None]:
        """Generate; release each sentence as it is finished and checked; stop at the first that fails."""
        async with aclosing(self._model.generate(_job(desk.reading, messages))) as steps:
            async for step in steps:
                if isinstance(step, Place):
                    yield InQueue(place=step.place, eta_s=step.eta_s)
                    continue
                for draft in desk.write(step):
                    sentence = self._release(desk, draft)
                    if sentence is not None:
                        yield sentence
                if desk.is_over:
                    return

    def _release(self, desk: "_Desk", draft: str) -> Sentence | None:
        """Check one finished sentence; None when it may not be said, which ends the reply."""
        verdict = check_sentence(draft, desk.sources, self._known)
        faults: tuple[Fault, ...] = ()
        if is_refusal(draft):
            faults = (Fault("refusal", draft),)
        elif desk.reading.style == "reply" and not verdict.passed:
            faults = verdict.faults
        elif not self._grounding.holds(desk.reading.question, draft, desk.sources):
            faults = (Fault("ungrounded", draft),)
        return desk.accept(draft, verdict, faults)


class _Desk:
    """What lies on the table during one reading."""

    def __init__(self, clock: Callable[[], float], reading: Reading) -> None:
        self.reading = reading
        self.sources = tuple(Source.of(passage.title, passage.text) for passage in reading.passages)
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
            cited=tuple(self.reading.passages[place] for place in verdict.cited),
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


def _job(reading: Reading, messages: tuple[Message, ...]) -> Generation:
    return Generation(
        conversation=reading.conversation,
        messages=messages,
        max_tokens=MAX_TOKENS[reading.style],
        deadline_s=reading.deadline_s,
        stop=("\n",) if reading.style == "span" else ("\n\n",),
    )
