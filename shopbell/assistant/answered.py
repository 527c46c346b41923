"""Answered: a reply as it goes into the log, whole or cut off."""

from collections.abc import Sequence

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.conversation import Utterance
from shopbell.assistant.room import Live
from shopbell.assistant.turn import Answer


def whole(live: Live, utterances: Sequence[Utterance], answer: Answer, timings: wire.Timings) -> e.Replied:
    """Return the whole reply to these utterances."""
    return e.Replied(
        reply=live.reply,
        answers=tuple(utterance.seq for utterance in utterances),
        text=answer.text,
        rung=answer.rung,
        subject=answer.subject,
        sources=answer.sources,
        why=answer.why,
        trace=answer.trace,
        failed=answer.failed,
        offer_person=answer.offer_person,
        ends=answer.ends,
        private=answer.private,
        timings=timings,
    )


def cut(live: Live, utterances: Sequence[Utterance]) -> e.Replied:
    """Return the reply as far as it was shown."""
    return e.Replied(
        reply=live.reply,
        answers=tuple(utterance.seq for utterance in utterances),
        text=live.text,
        rung="model",
        cut=True,
        why="It was stopped here.",
    )
