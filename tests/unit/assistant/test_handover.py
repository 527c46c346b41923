from datetime import datetime

import pytest
from msgspec.structs import replace

from shopbell.assistant.calendar import OpeningHours
from shopbell.assistant.console import Console
from shopbell.assistant.conversation import Exchange
from shopbell.assistant.flows.callback import SUBJECT, CallBackFlow
from shopbell.assistant.handover import Handover
from shopbell.assistant.lines import Lines
from shopbell.assistant.turn import Answer, Turn
from tests.fakes.service import NIGHT, NOW
from tests.fakes.shop import SETTINGS

LINES = Lines(SETTINGS, OpeningHours(SETTINGS))
ANSWER = Answer(text="Yes.", rung="faq")
ANGRY = Exchange(question="this is ridiculous", answer="Sorry.", rung="model")


def rules(now: datetime = NOW, **settings: object) -> Handover:
    return Handover(Console(**settings), LINES, lambda: now)  # type: ignore[arg-type]


def test_anger_calls_a_person_with_one_line() -> None:
    """The reply is given, a person is called, and the customer is told honestly when one is there."""
    decided = rules().decide(ANSWER, (), "you are useless")
    assert (decided.text, decided.wants_person) == ("Yes.", "frustration")
    assert LINES.presence(NOW).text in decided.notice
    assert rules(frustration=False).decide(ANSWER, (), "you are useless") == ANSWER


def test_the_owners_topics_call_a_person() -> None:
    """Whole words count, in any case; parts of words do not."""
    owner = rules(topics=("allergy", "refund"))
    assert owner.decide(ANSWER, (), "I have a nut ALLERGY").wants_person == "topic"
    assert owner.decide(ANSWER, (), "is it refundable").wants_person is None


def test_anger_from_before_a_person_came_calls_nobody_back() -> None:
    """No loop after a hand-back: only what was said since counts."""
    left = Exchange(question="hello?", answer="Sorted, sorry!", rung="staff")
    assert rules().decide(ANSWER, (ANGRY,), "and now?").wants_person == "frustration"
    assert rules().decide(ANSWER, (ANGRY, left), "and now?") == ANSWER


def test_what_the_ladder_decided_stands() -> None:
    """A goodbye is a goodbye, and who is called already is not called for another reason."""
    asked = Answer(text="x", rung="rule", wants_person="asked")
    assert rules().decide(asked, (), "useless") == asked
    bye = Answer(text="Bye.", rung="rule", ends=True)
    assert rules().decide(bye, (ANGRY,), "bye") == bye


def turn(text: str, now: datetime, *, waiting: bool = True) -> Turn:
    return Turn(conversation="c", text=text, now=now, waiting=waiting)


@pytest.mark.parametrize("text", ["01632 960 142", "it's jo@example.org", "+44 1632 960142 after six"])
def test_a_number_left_at_night_is_taken_down(text: str) -> None:
    """The receipt names the real next time somebody is in."""
    answer = CallBackFlow(OpeningHours(SETTINGS), LINES).answer(turn(text, NIGHT))
    assert answer is not None
    assert answer.subject == SUBJECT
    assert "tomorrow at 08:00" in answer.text or "at 08:00" in answer.text
    assert text not in answer.text


@pytest.mark.parametrize(
    "asked",
    [
        turn("01632 960142", NOW),
        turn("01632 960142", NIGHT, waiting=False),
        turn("do you sell tea", NIGHT),
        turn("2 loaves for 10", NIGHT),
    ],
)
def test_other_numbers_are_not(asked: Turn) -> None:
    """By day somebody reads it; who does not wait for a person, or leaves nothing, is answered as always."""
    assert CallBackFlow(OpeningHours(SETTINGS), LINES).answer(asked) is None


@pytest.mark.parametrize(
    "text", ["tomorrow after three", "Monday morning please", "call me back after 15:30"]
)
def test_a_time_that_suits_is_noted(text: str) -> None:
    """With a number left before it is noted; without, the customer is asked for one."""
    flow = CallBackFlow(OpeningHours(SETTINGS), LINES)
    left = Exchange(question="01632 960142", answer="Thank you.", rung="flow", subject=SUBJECT)
    noted, asked = flow.answer(replace(turn(text, NIGHT), history=(left,))), flow.answer(turn(text, NIGHT))
    assert noted is not None
    assert "noted when it suits" in noted.text
    assert asked is not None
    assert "phone number or e-mail" in asked.text


@pytest.mark.parametrize(
    "text", ["20 rolls for Saturday morning", "are you open tomorrow?", "is tomorrow fine?", "two please"]
)
def test_a_day_in_another_wish_is_not_a_time_to_call(text: str) -> None:
    """What asks or orders something is answered as always."""
    assert CallBackFlow(OpeningHours(SETTINGS), LINES).answer(turn(text, NIGHT)) is None


@pytest.mark.parametrize("now", [NOW, NIGHT])
def test_nobody_is_asked_to_hold(now: datetime) -> None:
    """No line promises a person who is not in: by night a call-back with the next real time is offered."""
    for line in (LINES.person_wanted(now), LINES.called(now), LINES.stepped_away("Ana", now)):
        assert "hold" not in line.split()
        assert LINES.presence(now).text in line
        assert ("gets back to you" in line) == (now is NIGHT and "Ana" not in line)
