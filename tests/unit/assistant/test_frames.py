from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.frames import frame
from tests.fakes.log import EVENTS, START

PRESENCE = wire.Presence(staffed=True, text="Someone is here until 17:00.")
KINDS: dict[type, type] = {
    e.CustomerSaid: wire.Said,
    e.StaffSaid: wire.Said,
    e.Noticed: wire.Said,
    e.Replied: wire.Replied,
    e.CutOff: wire.Replied,
    e.Drafted: wire.Checking,
    e.PersonWanted: wire.FloorChanged,
    e.StaffTook: wire.FloorChanged,
    e.StaffLeft: wire.FloorChanged,
    e.Rated: wire.Rated,
    e.Starred: wire.Rated,
    e.Recognised: wire.Identity,
    e.Ended: wire.Ended,
}
HIDDEN = {e.Opened, e.StaffAsked, e.StaffStayed, e.Whispered, e.Noted, e.DraftJudged, e.Tasked, e.Did}
"""What no customer is sent; a new event fails here until it is in one of the two."""


def logged(event: e.Event) -> e.Logged:
    return e.Logged(seq=7, conversation="c", at=START, event=event)


@pytest.mark.parametrize("kind", get_args(e.Event), ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_event_has_its_frame(kind: type, data: st.DataObject) -> None:
    """Each event becomes one frame that carries its number and can be sent, or is for staff alone."""
    event = data.draw(EVENTS[kind])
    shown = frame(logged(event), PRESENCE)
    claimed = isinstance(event, e.Recognised) and event.level == "claimed"  # it would tell who is known
    if kind in HIDDEN or claimed or (isinstance(event, e.Drafted) and not event.ghost):  # for staff alone
        assert shown is None
        return
    assert type(shown) is KINDS[kind]
    assert getattr(shown, "seq", None) == 7
    assert msgspec.json.decode(msgspec.json.encode(shown), type=wire.ServerFrame) == shown


def test_who_said_it_is_shown() -> None:
    """A customer, a member of staff and the house itself are told apart."""
    said = [
        frame(logged(event), PRESENCE)
        for event in (
            e.CustomerSaid(text="hi", key="k"),
            e.StaffSaid(name="Ana", text="hello"),
            e.Noticed(text="noted"),
        )
    ]
    assert [(s.who, s.text, s.key, s.name) for s in said if isinstance(s, wire.Said)] == [
        ("customer", "hi", "k", ""),
        ("staff", "hello", "", "Ana"),
        ("notice", "noted", "", ""),
    ]


def test_what_is_for_staff_stays_with_staff() -> None:
    """The trace of a reply and the words given with stars are not sent to the customer's page."""
    reply = e.Replied(reply="r", answers=(1,), text="Yes.", rung="faq", trace=("secret trace",))
    starred = e.Starred(stars=2, comment="secret comment")
    for event in (reply, starred):
        assert b"secret" not in msgspec.json.encode(frame(logged(event), PRESENCE))


def test_waiting_for_a_person_says_whether_one_is_there() -> None:
    """The floor's change to waiting carries the presence; the other changes carry none."""
    waiting = frame(logged(e.PersonWanted(reason="asked")), PRESENCE)
    taken = frame(logged(e.StaffTook(name="Ana")), PRESENCE)
    assert isinstance(waiting, wire.FloorChanged)
    assert (waiting.holder, waiting.presence) == ("waiting", PRESENCE)
    assert isinstance(taken, wire.FloorChanged)
    assert (taken.holder, taken.name, taken.presence) == ("staff", "Ana", None)
