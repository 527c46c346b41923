"""Sifting: before anything long is read, the model looks over what was found and says whether it answers.

It sees the titles and the words of the first passage, a hundred tokens, and its next token is the verdict:
the number of a note, or 0 for none. A small model picks the wrong note too often to be followed there; but
how likely it is to say 0 tells questions the shop can answer from those it cannot, better than a search.
"""

import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

import msgspec
from msgspec import Struct

from shopbell.assistant.llm.protocol import LanguageModel, Message, Place
from shopbell.assistant.turn import InQueue
from shopbell.knowledge.passage import Match, Retrieval

SHOWN = 5
"""Passages looked over."""
FIRST_WORDS = 30
"""Words of the first passage's text that are shown."""
EVEN = 0.0
"""Log-odds from which the search's own confidence is enough where no sieve was fitted."""
LEAST = 1e-6
"""Least probability, so that its logarithm exists."""
SIEVE_FILE = Path(__file__).with_name("sifting.json")

_SYSTEM = (
    "You work at the counter of a small shop. A customer asks something. Say which of the shop's notes "
    "answers it: reply with the number of that note, or 0 if none of them does."
)
_TEA = (
    "Can I return tea?",
    "What if my teapot arrives broken?",
    "Do you post parcels abroad?",
    "When are the tasting evenings?",
    "How do I store tea?",
)
_EXAMPLES = (
    ("my pot came in bits!!", (0, 1, 2, 3, 4), "2"),
    ("can u send some to my sister in canada", (4, 3, 0, 2, 1), "4"),
    ("do you sell coffee machines", (3, 2, 1, 0, 4), "0"),
    ("how hot should the water be", (4, 0, 3, 1, 2), "0"),
    ("got the wrong tin, not opened it, can i swap", (0, 4, 1, 3, 2), "1"),
    ("is the tasting ok for kids", (3, 1, 4, 2, 0), "0"),
)


class Sieve(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fitted threshold."""

    model: str
    """The model it was fitted on; of another one's numbers nothing is known."""
    threshold: float
    """Log-odds of any number against 0 from which the question is answered."""
    fitted_on: str


class Sifted(Struct, frozen=True, kw_only=True):
    """The verdict on one question."""

    some: float
    """Log-odds of any number against 0."""
    threshold: float

    @property
    def holds(self) -> bool:
        """Whether the shop seems to have written down the answer."""
        return self.some >= self.threshold

    @property
    def trace(self) -> tuple[str, ...]:
        """A line for staff."""
        return (f"sifted {self.some:+.2f} of {self.threshold:+.2f}",)


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

    async def sift(
        self, conversation: str, question: str, found: Retrieval
    ) -> AsyncGenerator[InQueue | Sifted, None]:
        """Yield places in the queue, then the verdict.

        Raises Overdue, Unavailable and TooLong as the model does, ValueError when nothing was found.
        """
        matches = found.matches[:SHOWN]
        if not matches:
            raise ValueError("there is nothing to sift")
        if self._name != self._sieve.model:  # then the search decides alone
            yield Sifted(some=log_odds(found.confidence), threshold=EVEN)
            return
        options = tuple(str(number) for number in range(len(matches) + 1))
        asked = self._model.weigh(conversation, sifting(question, matches), options, self._deadline_s)
        async with aclosing(asked) as steps:
            async for step in steps:
                if isinstance(step, Place):
                    yield InQueue(place=step.place, eta_s=step.eta_s)
                else:
                    yield Sifted(some=some_of(step.probabilities), threshold=self._sieve.threshold)


def sifting(question: str, matches: Sequence[Match]) -> tuple[Message, ...]:
    """Return the messages after which the model says a number."""
    notes = [match.passage.title for match in matches]
    notes[0] = f"{notes[0]} {_short(matches[0].passage.text)}"
    return (*PREFIX, _asked(notes, question))


def some_of(chances: Sequence[float]) -> float:
    """Return the log-odds of any number against 0, from the probabilities of 0, 1, 2 ..."""
    return log_odds(1.0 - chances[0] / max(sum(chances), LEAST))


def log_odds(probability: float) -> float:
    """Return the natural logarithm of the odds, finite at both ends."""
    return math.log(max(probability, LEAST) / max(1.0 - probability, LEAST))


def load_sieve(path: Path) -> Sieve:
    """Read a fitted sieve; raises msgspec.ValidationError when the file is not one."""
    return msgspec.json.decode(path.read_bytes(), type=Sieve)


def _short(text: str) -> str:
    words = text.split()
    return " ".join(words[:FIRST_WORDS]) + ("..." if len(words) > FIRST_WORDS else "")


def _asked(notes: Sequence[str], question: str) -> Message:
    listed = "\n".join(f"{number}. {' '.join(note.split())}" for number, note in enumerate(notes, 1))
    asked = " ".join(question.split())
    return Message(role="user", content=f"Notes:\n{listed}\n\nCustomer: {asked}\nNumber:")


PREFIX: tuple[Message, ...] = (
    Message(role="system", content=_SYSTEM),
    *(
        message
        for question, order, number in _EXAMPLES
        for message in (
            _asked([_TEA[place] for place in order], question),
            Message(role="assistant", content=number),
        )
    ),
)
"""The same for every turn: evaluated once when the engine starts."""
