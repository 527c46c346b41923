from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant import events as e
from shopbell.assistant.conversation import Conversation, fold
from shopbell.assistant.errors import FloorTaken, NotHolder
from shopbell.assistant.floor import Floor, Hold, Idle, advance, check_holding, check_taking, due
from tests.fakes.log import START, logs

IDLE = Idle(ask_after=timedelta(minutes=10), leave_after=timedelta(minutes=2))


def after(*events: e.Event) -> Hold:
    hold = Hold()
    for number, event in enumerate(events, 1):
        at = START + timedelta(minutes=number)
        hold = advance(hold, e.Logged(seq=number, conversation="c", at=at, event=event))
    return hold


TOOK, LEFT, SAID = e.StaffTook(name="Ana"), e.StaffLeft(), e.StaffSaid(name="Ana", text="Hi")


@given(logs())
def test_one_holder_whatever_happened(entries: list[e.Logged]) -> None:
    """A holder is named exactly while staff hold the floor, and whoever is not it may not take it."""
    hold = fold(Conversation(id="c"), entries).hold
    assert (hold.active_at is not None) == (hold.floor is Floor.STAFF)
    if hold.floor is Floor.STAFF:
        for version in (0, hold.version):
            with pytest.raises(FloorTaken):
                check_taking(hold, f"not {hold.staff}", version)
        check_taking(hold, hold.staff, -1)
    else:
        assert not hold.staff
        check_taking(hold, "Ana", hold.version)
        with pytest.raises(NotHolder):
            check_holding(hold, "Ana")


def test_the_one_who_saw_an_older_floor_is_refused() -> None:
    """Somebody had it meanwhile and gave it back: what was said then has to be read first."""
    hold = after(TOOK, LEFT)
    assert (hold.floor, hold.version) == (Floor.ASSISTANT, 2)
    with pytest.raises(FloorTaken):
        check_taking(hold, "Ben", 0)
    check_taking(hold, "Ben", 2)


def test_a_wish_for_a_person_does_not_move_the_version() -> None:
    """A customer who asks for a person while a clerk reaches for the chat does not get in the clerk's way."""
    check_taking(after(e.PersonWanted(reason="asked")), "Ana", 0)


def test_a_quiet_holder_is_asked_first_and_loses_the_floor_later() -> None:
    """Ten quiet minutes bring the question, two more the hand-back; a word or a sign of life starts anew."""
    hold = after(TOOK, SAID)
    said_at = START + timedelta(minutes=2)
    assert due(hold, said_at + timedelta(minutes=9, seconds=59), IDLE) == ""
    assert due(hold, said_at + timedelta(minutes=10), IDLE) == "ask"
    asked = after(TOOK, SAID, e.StaffAsked())
    assert due(asked, START + timedelta(minutes=4, seconds=59), IDLE) == ""
    assert due(asked, START + timedelta(minutes=5), IDLE) == "release"
    for sign in (SAID, e.StaffStayed()):
        stayed = after(TOOK, SAID, e.StaffAsked(), sign)
        assert due(stayed, START + timedelta(minutes=13), IDLE) == ""
        assert due(stayed, START + timedelta(minutes=14), IDLE) == "ask"


@pytest.mark.parametrize("events", [(), (e.PersonWanted(reason="asked"),), (TOOK, LEFT)])
def test_nobody_is_asked_who_holds_nothing(events: tuple[e.Event, ...]) -> None:
    """Without a holder there is nothing to do, however late it is."""
    assert due(after(*events), START + timedelta(days=9), IDLE) == ""


@given(st.booleans())
def test_a_holder_who_went_away_leaves_the_customer_waiting_or_not(waiting: bool) -> None:
    """Unanswered words keep the customer waiting for a person; otherwise the assistant goes on."""
    hold = after(TOOK, e.StaffLeft(why="idle", waiting=waiting))
    assert hold.floor is (Floor.WAITING if waiting else Floor.ASSISTANT)
    assert (hold.waiting_since is not None) == waiting


OLD = [
    b'{"type":"Opened","channel":"web"}',
    b'{"type":"PersonWanted","reason":"asked"}',
    b'{"type":"StaffTook","name":"Ana"}',
    b'{"type":"StaffSaid","name":"Ana","text":"Hi"}',
    b'{"type":"StaffLeft"}',
    b'{"type":"Ended"}',
]
"""Events as the first release wrote them."""


def test_a_log_of_the_first_release_still_folds() -> None:
    """New fields have defaults: an old shop keeps its conversations."""
    entries = [
        e.Logged(seq=n, conversation="c", at=START, event=e.decode(body)) for n, body in enumerate(OLD, 1)
    ]
    state = fold(Conversation(id="c"), entries)
    assert (state.ended, state.floor, state.history[-1].answer) == (True, Floor.ASSISTANT, "Hi")
