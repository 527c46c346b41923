"""Reader: the model's rung of the ladder. It reads passages, answers from them, or says that it cannot.

One turn: cheap signals -> one Yes/No judgement on the evaluated passages and question -> the gate decides ->
the answer is generated on the same evaluated prompt -> each finished sentence is checked, then released.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from msgspec.structs import replace

from shopbell.assistant.abstention import GATE_FILE, Embed, Gate, Signals, load_gate, measure, similarity
from shopbell.assistant.checks import Fault, check_sentence
from shopbell.assistant.desk import Desk
from shopbell.assistant.grounding import GROUNDING_FILE, Grounding, load_grounding
from shopbell.assistant.llm.protocol import Generation, LanguageModel, Message, Place
from shopbell.assistant.prompt import MAX_TOKENS, OPTIONS, PREFIX, Note, answering, is_refusal, judgement
from shopbell.assistant.reading import (
    DEADLINE_S,
    Abstained,
    Progress,
    ReadFinished,
    Reading,
    Reason,
    Sentence,
)
from shopbell.assistant.settings import Assistant
from shopbell.assistant.turn import InQueue, Turn
from shopbell.assistant.wording import words
from shopbell.knowledge.passage import Passage

__all__ = ["Abstained", "ReadFinished", "Reader", "Reading", "Sentence"]

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
        desk = Desk(asyncio.get_running_loop().time, reading)
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

    async def _judge(self, desk: Desk, judged: tuple[Message, ...]) -> Reason | None:
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

    def _measure(self, desk: Desk) -> Signals:
        near = self._gate.typical_similarity
        if self._embed is not None:
            near = similarity(desk.reading.question, desk.sources, self._embed)
        return measure(desk.reading.question, desk.sources, says_yes=0.0, similarity=near)

    async def _write(
        self, desk: Desk, messages: tuple[Message, ...]
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

    def _release(self, desk: Desk, draft: str) -> Sentence | None:
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


def _job(reading: Reading, messages: tuple[Message, ...]) -> Generation:
    return Generation(
        conversation=reading.conversation,
        messages=messages,
        max_tokens=MAX_TOKENS[reading.style],
        deadline_s=reading.deadline_s,
        stop=("\n",) if reading.style == "span" else ("\n\n",),
    )
