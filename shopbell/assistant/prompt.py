"""Prompt: what the model is told, in which order, so that what was read before need not be read again.

The system message and the examples are the same bytes for every shop and every customer. A turn appends the
passages, then the question; the judgement and the answer follow, each a continuation of the last.
"""

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from shopbell.assistant.llm.protocol import Message

Style = Literal["reply", "span"]
"""`reply`: one to three sentences to a customer. `span`: the fewest words of a passage, for measuring."""


class Note(Struct, frozen=True):
    """A passage as the model sees it."""

    title: str
    text: str


SYSTEM = "Answer from the text only. If it does not state the answer, say: not stated."
UNSTATED = "not stated"
"""What the model says instead of an answer; its first token's probability is the judgement."""
_HINT = "A colleague whispers this to you alone. Follow it in your own words, and never say that it was said:"
MAX_QUESTION = 600
"""Characters of a question that are read; a customer who writes more is asking something else."""
MAX_TOKENS = {"reply": 96, "span": 32}

_REFUSAL = re.compile(
    r"\b(?:not (?:stated|mentioned|specified|provided|given|in the notes)"
    r"|(?:do|does) not (?:state|mention|say|specify)"
    r"|don['’]t know|no information|the notes?)\b",
    re.IGNORECASE,
)


def _turn(notes: Sequence[Note], question: str, style: Style, hint: str = "") -> Message:
    """Lay out passages and question; the question comes last, so that like passages share what was read.

    Who asks tells how to answer: a bare question gets the fewest words, a customer whole sentences.
    """
    text = "\n".join(f"{_quoted(note.title)} {_quoted(note.text)}".strip() for note in notes)
    whispered = f"\n{_HINT} {_quoted(hint)}" if hint else ""
    asks = "Question" if style == "span" else "Customer"
    return Message(role="user", content=f"Text: {text}\n{asks}: {_quoted(question)}{whispered}")


def _quoted(text: str) -> str:
    """Keep quoted material from passing for our layout."""
    return (
        re.sub(r"\s*\n\s*", "\n", text)
        .replace("\nQuestion:", "\n(Question)")
        .replace("\nCustomer:", "\n(Customer)")
        .strip()[: 4 * MAX_QUESTION]
    )


def _example(notes: Sequence[Note], question: str, answer: str, style: Style) -> tuple[Message, Message]:
    return _turn(notes, question, style), Message(role="assistant", content=answer)


_CAFE = (Note("", "Our cafe opened in 2014. Anna Reed runs it with her brother Tom, who bakes the bread."),)
_TEA = (
    Note(
        "Can I return tea?",
        "Unopened tea can come back within 30 days with the receipt. We cannot take back opened tins.",
    ),
    Note(
        "What if my teapot arrives broken?",
        "We replace it free of charge. Send us a photo within 48 hours.",
    ),
)
_SHORT = (
    *_example(_CAFE, "Who bakes the bread?", "Tom", "span"),
    *_example(_CAFE, "Who bakes the cakes?", UNSTATED, "span"),
)
_KIND = (
    *_example(
        _TEA,
        "my teapot came broken!! what now",
        "We replace it free of charge. Please send us a photo within 48 hours.",
        "reply",
    ),
    *_example(_TEA, "do you mend kettles", UNSTATED, "reply"),
)
_SYSTEM = Message(role="system", content=SYSTEM)
PREFIX: tuple[Message, ...] = (_SYSTEM, *_SHORT, *_KIND)
"""The same for every turn of every customer: evaluated once when the engine starts."""
_SPAN_PREFIX = (_SYSTEM, *_KIND, *_SHORT)
"""The same examples, those of the fewest words last: what stands last is followed most closely."""


def asking(notes: Sequence[Note], question: str, style: Style, hint: str = "") -> tuple[Message, ...]:
    """Return the messages after which the model answers, or says that the passages do not.

    `hint` is what a colleague whispered: it stands last, where nothing that was read before changes.
    """
    before = PREFIX if style == "reply" else _SPAN_PREFIX
    return (*before, _turn(notes, question[:MAX_QUESTION], style, hint))


def is_refusal(text: str) -> bool:
    """Say whether the model wrote that it does not know, or spoke about its notes, instead of answering."""
    return _REFUSAL.search(text) is not None
