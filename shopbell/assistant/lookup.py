"""The rungs that need no model: rules, flows, the shop's own words. It blocks: call it in a worker."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant.conversation import Exchange
from shopbell.assistant.events import Reason
from shopbell.assistant.flows.flow import Flow
from shopbell.assistant.followups import completed
from shopbell.assistant.lines import Lines
from shopbell.assistant.rules import Rules
from shopbell.assistant.turn import Answer, Turn
from shopbell.assistant.wire import Source
from shopbell.knowledge.parts import parts
from shopbell.knowledge.passage import Kind, Outcome, Passage, Retrieval


class Knowledge(Protocol):
    """What the ladder needs of the shop's knowledge; every call blocks."""

    def search(self, question: str, *, limit: int = 5) -> Retrieval:
        """Return what the shop wrote about the question."""
        ...

    def whole(self, passage: Passage) -> str:
        """Return the full answer that a passage is a part of."""
        ...


class Looked(Struct, frozen=True, kw_only=True):
    """What was found without the model."""

    question: str
    """The turn, completed from the one before where it leans on it."""
    retrieval: Retrieval
    trace: tuple[str, ...]


class Lookup:
    """Answers what code and the shop's own words can answer."""

    def __init__(self, *, rules: Rules, flows: Sequence[Flow], knowledge: Knowledge, lines: Lines) -> None:
        self._rules = rules
        self._flows = flows
        self._knowledge = knowledge
        self._lines = lines

    def whole(self, passage: Passage) -> str:
        """Return the full answer that a passage is a part of."""
        return self._knowledge.whole(passage)

    def rule(self, text: str) -> str:
        """Return the fixed line that an utterance is for; empty for none."""
        return self._rules.intent(text)

    def answer(self, turn: Turn) -> Answer | Looked:
        """Return the answer, or what the model may read."""
        intent = self._rules.intent(turn.text)
        if intent:
            return self._by_rule(intent, turn)
        for flow in self._flows:
            if (answer := flow.answer(turn)) is not None:
                return answer
        looked = self.look(turn)
        return self._verbatim(looked) or self._in_parts(turn) or looked

    def _in_parts(self, turn: Turn) -> Answer | None:
        """Answer a double question when code or the shop's own words answer each half."""
        halves = parts(turn.text)
        if len(halves) < 2:  # noqa: PLR2004 - a half is one of two
            return None
        answers = []
        for place in range(len(halves)):
            answer = self.half(turn, halves, place)
            if isinstance(answer, Looked):
                return None
            answers.append(answer)
        return joined(answers)

    def _certain(self, turn: Turn) -> Answer | None:
        for flow in self._flows:
            if (answer := flow.answer(turn)) is not None:
                return answer
        return self._verbatim(self.look(turn))

    def _by_rule(self, intent: str, turn: Turn) -> Answer:
        lines = self._lines
        trace = (f"rule {intent}",)
        why = "This is a fixed line of the shop, given whenever somebody says this."
        if intent in {"person", "erase"}:
            text = lines.person_wanted(turn.now) if intent == "person" else lines.erase
            reason: Reason = "asked" if intent == "person" else "erase"
            return Answer(text=text, rung="rule", why=why, trace=trace, wants_person=reason)
        texts = {
            "human": lines.human,
            "greeting": lines.greeting,
            "thanks": lines.thanks,
            "bye": lines.bye,
        }
        return Answer(text=texts[intent], rung="rule", why=why, trace=trace, ends=intent == "bye")

    def look(self, turn: Turn) -> Looked:
        """Return what the shop wrote about the turn, for the model to read."""
        question, retrieval = turn.text, self._knowledge.search(turn.text)
        trace = [_seen(retrieval)]
        if (whole := completed(turn.text, turn.history)) != turn.text:
            wider = self._knowledge.search(whole)
            trace.append(f"completed from the turn before: {_seen(wider)}")
            if wider.confidence > retrieval.confidence:
                question, retrieval = whole, wider
        return Looked(question=question, retrieval=retrieval, trace=tuple(trace))

    def half(self, turn: Turn, halves: Sequence[str], place: int) -> Answer | Looked:
        """Return the answer to one of several questions in a turn, or what the model may look at.

        It may lean on those before it: "can you mend it? and how long does that take?"
        """
        before = tuple(Exchange(question=half, answer="", rung="faq") for half in halves[:place])
        alone = replace(turn, text=halves[place], history=(*turn.history, *before))
        return self._certain(alone) or self.look(alone)

    def unknown(self, questions: Sequence[str]) -> str:
        """Return the line for those of several questions that nothing was found on; empty for none."""
        return self._lines.unknown(questions) if questions else ""

    def quoted(self, looked: Looked, place: int = 0) -> Answer | None:
        """Return the shop's own words on a question, by the note that the model found to answer it.

        None when they must be read: running text, a product.
        """
        if looked.retrieval.matches[place].passage.kind is not Kind.FAQ:
            return None
        answer = self._given(looked, place)
        return replace(answer, rung="model", why=f"I looked this up; {answer.why[0].lower()}{answer.why[1:]}")

    def _verbatim(self, looked: Looked) -> Answer | None:
        if looked.retrieval.outcome is not Outcome.SURE:
            return None
        first = looked.retrieval.matches[0].passage
        return None if first.kind is Kind.DOCUMENT else self._given(looked)

    def _given(self, looked: Looked, place: int = 0) -> Answer:
        first = looked.retrieval.matches[place].passage
        return Answer(
            text=self._knowledge.whole(first),
            rung="faq",
            subject=first.id,
            sources=(source_of(first),),
            why=f"These are the shop's own words on “{first.title}”.",
            trace=(*looked.trace, "given verbatim"),
        )


def joined(answers: Sequence[Answer], unknown: str = "") -> Answer:
    """Return the answers to several questions as one; `unknown` says on which there is none.

    The rung is the highest that was climbed to.
    """
    texts = dict.fromkeys(answer.text for answer in answers)
    sources = {source.id: source for answer in answers for source in answer.sources}
    return replace(
        next((answer for answer in answers if answer.rung == "model"), answers[-1]),
        text="\n\n".join((*texts, unknown) if unknown else texts),
        offer_person=bool(unknown) or any(answer.offer_person for answer in answers),
        sources=tuple(sources.values()),
        why="You asked several things; " + " ".join(dict.fromkeys(answer.why for answer in answers)),
        trace=tuple(line for answer in answers for line in answer.trace),
    )


def source_of(passage: Passage) -> Source:
    """Return a passage as the source of an answer."""
    return Source(id=passage.id, title=passage.title, text=passage.text, source=passage.source)


def _seen(retrieval: Retrieval) -> str:
    best = retrieval.matches[0].passage.id if retrieval.matches else "nothing"
    return f"search: {retrieval.outcome.value} {retrieval.confidence:.2f} {best}"
