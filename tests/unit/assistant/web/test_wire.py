"""Every frame survives the way to the other side and back."""

import inspect
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
import pytest
from msgspec import Struct

from shopbell.assistant import wire

CUSTOMER: tuple[type[Struct], ...] = get_args(wire.CustomerFrame)
SERVER: tuple[type[Struct], ...] = get_args(wire.ServerFrame)
FRAMES = [
    kind
    for _, kind in inspect.getmembers(wire, inspect.isclass)
    if issubclass(kind, Struct) and kind.__struct_config__.tag_field == "type"
]
VALUES: dict[str, Any] = {
    "after": 3,
    "at": datetime(2026, 11, 21, 10, 24, tzinfo=UTC),
    "eta_s": 1.5,
    "helpful": True,
    "holder": "staff",
    "place": 2,
    "presence": wire.Presence(staffed=True, text="Someone is here."),
    "rung": "faq",
    "seq": 7,
    "sources": (wire.Source(id="1", title="Hours", text="Nine to five", source="faq/hours.md:3"),),
    "stars": 5,
    "suggestions": ("Open?",),
    "timings": wire.Timings(total_s=0.1),
    "who": "staff",
    "cut": True,
    "ends": True,
    "private": True,
    "level": "verified",
    "until": datetime(2026, 11, 21, 10, 25, tzinfo=UTC),
    "offer_person": True,
}


def example(kind: type[Struct]) -> Struct:
    """Make a frame with a value in every field."""
    return kind(**{name: VALUES.get(name, f"{name} é👍") for name in kind.__struct_fields__})


@pytest.mark.parametrize("kind", FRAMES, ids=lambda kind: kind.__name__)
def test_a_frame_comes_back_as_it_was(kind: type[Struct]) -> None:
    """Each frame of the module stands in one of the two unions and survives JSON."""
    union: Any = wire.CustomerFrame if kind in CUSTOMER else wire.ServerFrame
    assert (kind in CUSTOMER) != (kind in SERVER)
    frame = example(kind)
    assert msgspec.json.decode(msgspec.json.encode(frame), type=union) == frame


@pytest.mark.parametrize("kind", CUSTOMER, ids=lambda kind: kind.__name__)
def test_a_customer_s_frame_with_an_unknown_field_is_refused(kind: type[Struct]) -> None:
    """Nothing that is not in the protocol gets in."""
    body = msgspec.to_builtins(example(kind)) | {"customer_id": "42"}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(body), type=wire.CustomerFrame)
