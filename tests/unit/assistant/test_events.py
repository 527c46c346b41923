from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant import events as e
from tests.fakes.log import EVENTS, any_event


def test_every_event_is_known_to_the_tests() -> None:
    """A new class in the union fails here until the tests draw it too."""
    assert set(get_args(e.Event)) == set(EVENTS)


@pytest.mark.parametrize("kind", get_args(e.Event), ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_event_comes_back_from_the_log_as_it_was(kind: type, data: st.DataObject) -> None:
    """Encoding and decoding changes nothing, whatever the customer wrote."""
    event = data.draw(EVENTS[kind])
    assert e.decode(e.encode(event)) == event
    assert e.decode(e.encode(event).decode()) == event
    assert type(e.decode(e.encode(event))) is kind


@given(any_event)
def test_the_log_names_each_event(event: e.Event) -> None:
    """The tag in the body is the class's name, which is also the `kind` column."""
    assert msgspec.json.decode(e.encode(event))["type"] == type(event).__name__


@pytest.mark.parametrize("body", [b'{"type":"Unheard"}', b"{}", b'{"type":"Opened"}', b'{"type":"Starred"}'])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    """An unknown kind or a missing field raises."""
    with pytest.raises(msgspec.ValidationError):
        e.decode(body)


def test_fields_that_hold_a_customers_words_say_so() -> None:
    """Whoever redacts finds the personal fields named on the class."""
    assert e.CustomerSaid.__pii__ == ("text",)
    assert e.Starred.__pii__ == ("comment",)
    for kind in (e.CustomerSaid, e.Starred):
        assert set(kind.__pii__) <= set(kind.__struct_fields__)
