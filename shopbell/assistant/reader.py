"""Reader: the model's rung of the ladder. It reads passages, answers from them, or says that it cannot.

One turn: cheap signals -> passages and question are read once, and how likely the model is to begin with
"not stated" is the judgement -> the gate decides -> the answer is generated from where the reading ended ->
each finished sentence is checked, then released.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from msgspec.structs import replace

from shopbell.assistant.abstention import Embed, Gate, Signals, gate_for, measure, similarity
from shopbell.assistant.checks import Fault, check_sentence
from shopbell.assistant.desk import Desk
from shopbell.assistant.grounding import GROUNDING_FILE, Grounding, load_grounding
from shopbell.assistant.llm.protocol import Generation, LanguageModel, Message, Place
from shopbell.assistant.prompt import MAX_TOKENS, PREFIX, UNSTATED, Note, asking, is_refusal
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
from shopbell.assistant.sifting import log_odds
from shopbell.assistant.turn import InQueue, Turn
from shopbell.assistant.whisper import repeats
from shopbell.assistant.wording import words
from shopbell.knowledge.passage import Passage

__all__ = ["Abstained", "ReadFinished", "Reader", "Reading", "Sentence"]


class Reader:
    """Answers from passages with a language model, a gate before it and checks behind it."""

    def __init__(
        self,
        model: LanguageModel,
        embed: Embed | None,
        shop_name: str,
        assistant: Assistant,
        *,
        name: str = "",
        deadline_s: float = DEADLINE_S,
        gate: Gate | None = None,
        grounding: Grounding | None = None,
    ) -> None:
        """Take the engine; without `gate` and `grounding` the fitted ones of the product are read.

        `name` is the model's. The shop's and the assistant's names may be said although no passage has them.
        """
        self._model = model
        self._embed = embed
        self._known = frozenset(words(f"{shop_name} {assistant.name}"))
        self._deadline_s = deadline_s
        self._gate = gate or gate_for(name)
        self._grounding = grounding or load_grounding(GROUNDING_FILE)

    @property
    def prefix(self) -> tuple[Message, ...]:
        """What every prompt begins with; to be evaluated before the first customer comes."""
        return PREFIX

    def forget(self, conversation: str) -> None:
        """Drop what the engine keeps of a conversation."""
        self._model.forget(conversation)

    async def read(
        self, turn: Turn, question: str, passages: Sequence[Passage], *, sifted: bool = False
    ) -> AsyncGenerator[Progress, None]:
        """Answer `question`, the turn's words made complete; see `answer`.

        `sifted`: the model has found before that the passages state it, so that the gate stays open.
        """
        reading = Reading(
            question=question,
            passages=tuple(passages),
            conversation=turn.conversation,
            deadline_s=self._deadline_s,
            sifted=sifted,
            hint=turn.whisper,
            hints=turn.whispered,
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
        asked = asking(notes, reading.question, reading.style, reading.hint)
        refused = await self._judge(desk, asked)
        if refused is not None:
            yield Abstained(reason=refused, findings=desk.findings(self._gate.threshold))
            return
        async with aclosing(self._write(desk, asked)) as steps:
            async for step in steps:
                yield step
        yield desk.end(self._gate.threshold)

    async def _judge(self, desk: Desk, asked: tuple[Message, ...]) -> Reason | None:
        """Measure the signals and let the model read; return why not to answer, if so."""
        if desk.reading.sifted:
            return None
        desk.signals = await asyncio.to_thread(self._measure, desk)
        desk.signals_s = desk.elapsed()
        best = replace(desk.signals, **self._gate.surest)
        if self._gate.probability(best) < self._gate.threshold:
            desk.probability = self._gate.probability(best)
            return "hopeless"
        probe, reading = self._gate.probe, desk.reading
        judged = await self._model.judge(
            reading.conversation, asked, (UNSTATED,), reading.deadline_s, layer=probe.layer if probe else None
        )
        desk.judge_s = desk.elapsed() - desk.signals_s
        desk.signals = replace(
            desk.signals,
            stated=log_odds(1.0 - judged.probabilities[0]),
            probed=0.0 if probe is None else probe.score(judged.hidden),
        )
        desk.probability = self._gate.probability(desk.signals)
        return None if desk.probability >= self._gate.threshold else "gate"

    def _measure(self, desk: Desk) -> Signals:
        near = self._gate.typical_similarity
        if self._embed is not None:
            near = similarity(desk.reading.question, desk.sources, self._embed)
        return measure(desk.reading.question, desk.sources, stated=0.0, similarity=near)

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
        if repeats(f"{desk.said} {draft}", desk.reading.hints):
            faults = (Fault("whisper", draft),)
        elif is_refusal(draft):
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
