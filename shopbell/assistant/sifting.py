"""Sifting: the model says whether a note of the shop answers the question, before anything is said.

It reads one note and the question. What it would say, yes or no, tells little: a small model says yes to
whatever is on the topic. But the state of a layer in its middle does tell questions the note answers from
those it does not (Slobodkin et al. 2023, "The Curious Case of Hallucinatory (Un)answerability"): one weighted
sum over that state, fitted on questions of which the answer is known. What lies behind that layer is not
computed. The examples before the note were fitted with it: they are learned keys and values (`llm.learned`),
of which PREFIX tells only as what they began.

The state of every note is kept, so that only the question itself is read.
"""

import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

import msgspec
from msgspec import Struct

from shopbell.assistant.llm.protocol import Beginning, LanguageModel, Message, Place
from shopbell.assistant.probe import Probe
from shopbell.assistant.turn import InQueue
from shopbell.knowledge.passage import Passage, Retrieval

EVEN = 0.0
"""Log-odds from which the search's own confidence is enough where no sieve was fitted."""
LEAST = 1e-6
"""Least probability, so that its logarithm exists."""
SIEVE_FILE = Path(__file__).with_name("sifting.json")
LEARNED_FILE = Path(__file__).with_name("sifting.npz")
"""Keys and values in the place of the examples' (`scripts/fit_beginning`)."""

_SYSTEM = (
    "You work at the counter of a small shop. You are shown one of the shop's notes and a customer's "
    "question. Say whether the note answers the question: reply Yes or No."
)
_TEA = (
    "Can I return tea? Unopened tins can come back within 30 days with the receipt. Opened tins cannot, for"
    " reasons of hygiene.|Do you post parcels abroad? We post to all of Europe. It takes five to eight days"
    " and costs 12 euros.|When are the tasting evenings? On the first Thursday of each month at 7 pm, for up"
    " to ten guests. Booking is needed.|How do I store tea? Keep the tin closed, dry and away from light;"
    " then tea keeps a year."
).split("|")
_EXAMPLES = (
    (0, "got the wrong tin, not opened it, can i swap", "Yes"),
    (3, "how hot should the water be for green tea", "No"),
    (1, "how much to post to spain", "Yes"),
    (2, "is the tasting ok for kids", "No"),
)


class Sieve(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was fitted."""

    model: str
    """The model it was fitted on; of another one's states nothing is known."""
    learned: str
    """What names the beginning that was learned, behind which the states were: `llm.learned.digest_of`."""
    layer: int
    """Whose state it weighs, counted from 0."""
    thresholds: tuple[float, ...]
    """The sum from which the first, second ... note found counts as the answer; others are not looked at."""
    bias: float
    weights: tuple[float, ...]
    """One for each number of the state."""
    fitted_on: str

    @property
    def probe(self) -> Probe:
        """What scores a state."""
        return Probe(model=self.model, layer=self.layer, bias=self.bias, weights=self.weights)


class Sifted(Struct, frozen=True, kw_only=True):
    """The verdict on one question."""

    some: float
    """The weighted sum of the note that is furthest above its threshold."""
    threshold: float
    place: int = 0
    """Which of the notes found it is."""

    @property
    def holds(self) -> bool:
        """Whether the shop seems to have written down the answer."""
        return self.some >= self.threshold

    @property
    def trace(self) -> tuple[str, ...]:
        """A line for staff."""
        return (f"sifted note {self.place + 1}: {self.some:+.2f} of {self.threshold:+.2f}",)


class Sifter:
    """Asks the model for its verdict."""

    def __init__(
        self, model: LanguageModel, *, name: str, deadline_s: float, sieve: Sieve | None = None
    ) -> None:
        """Take the engine and its model's name; without `sieve` the fitted one of the product is read."""
        self._model = model
        self._name = name
        self._deadline_s = deadline_s
        self._sieve = sieve or load_sieve(SIEVE_FILE)
        self._probe = self._sieve.probe

    async def sift(
        self, conversation: str, question: str, found: Retrieval
    ) -> AsyncGenerator[InQueue | Sifted, None]:
        """Yield places in the queue, then the verdict: on the first note that holds, else on the nearest.

        Raises Overdue, Unavailable and TooLong as the model does, ValueError when nothing was found.
        """
        if not found.matches:
            raise ValueError("there is nothing to sift")
        if self._name != self._sieve.model:  # then the search decides alone
            yield Sifted(some=log_odds(found.confidence), threshold=EVEN)
            return
        verdicts: list[Sifted] = []
        for place, (match, threshold) in enumerate(zip(found.matches, self._sieve.thresholds, strict=False)):
            asked = self._model.weigh(
                conversation,
                sifting(match.passage, question),
                (),
                self._deadline_s,
                kept=len(PREFIX) + 1,
                layer=self._probe.layer,
            )
            async with aclosing(asked) as steps:
                async for step in steps:
                    if isinstance(step, Place):
                        yield InQueue(place=step.place, eta_s=step.eta_s)
                    else:
                        some = self._probe.score(step.hidden)
                        verdicts.append(Sifted(some=some, threshold=threshold, place=place))
            if verdicts[-1].holds:
                break
        yield max(verdicts, key=lambda verdict: verdict.some - verdict.threshold)


def beginning(model: str) -> Beginning:
    """Return what a model reads before the notes: what was learned, where it was this model that learned."""
    return BEGINNING if load_sieve(SIEVE_FILE).model == model else Beginning(messages=PREFIX)


def noted(passage: Passage) -> tuple[Message, ...]:
    """Return the messages up to a note: what all questions about it begin with."""
    return (*PREFIX, _note(f"{passage.title} {passage.text}"))


def sifting(passage: Passage, question: str) -> tuple[Message, ...]:
    """Return the messages after which the model says yes or no."""
    return (*noted(passage), _asked(question))


def log_odds(probability: float) -> float:
    """Return the natural logarithm of the odds, finite at both ends."""
    return math.log(max(probability, LEAST) / max(1.0 - probability, LEAST))


def load_sieve(path: Path) -> Sieve:
    """Read a fitted sieve; raises msgspec.ValidationError when the file is not one."""
    return msgspec.json.decode(path.read_bytes(), type=Sieve)


def _note(text: str) -> Message:
    return Message(role="user", content=f"Note: {' '.join(text.split())}")


def _asked(question: str) -> Message:
    asked = " ".join(question.split())
    return Message(role="user", content=f"Customer: {asked}\nDoes the note answer it?")


def _examples(examples: Sequence[tuple[int, str, str]]) -> tuple[Message, ...]:
    return tuple(
        message
        for note, question, verdict in examples
        for message in (
            _note(_TEA[note]),
            _asked(question),
            Message(role="assistant", content=verdict),
        )
    )


PREFIX: tuple[Message, ...] = (Message(role="system", content=_SYSTEM), *_examples(_EXAMPLES))
"""The same for every turn: evaluated once when the engine starts."""

BEGINNING = Beginning(messages=PREFIX, learned=LEARNED_FILE)
"""The same, with what was learned in its place."""
