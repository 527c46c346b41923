"""The floor: who answers. A pure state machine; every conversation has one holder. No clock, no store.

    ASSISTANT --person wanted--> WAITING --taken--> STAFF --handed back--> ASSISTANT
        +---------taken---------------------------> STAFF --went quiet---> ASSISTANT or WAITING

Two who reach for it at once both name the version they saw; the log's order decides, the other is refused.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant.errors import FloorTaken, NotHolder


class Floor(StrEnum):
    """Who answers: every conversation has one holder."""

    ASSISTANT = "assistant"
    WAITING = "waiting"
    """A person was asked for; the assistant goes on helping until one comes."""
    STAFF = "staff"


class Idle(Struct, frozen=True, kw_only=True):
    """How long a holder may be quiet."""

    ask_after: timedelta
    """Then the holder is asked."""
    leave_after: timedelta
    """After the question, before the floor is given back."""


class Hold(Struct, frozen=True, kw_only=True):
    """Who has the floor, and since when we know that they are there."""

    floor: Floor = Floor.ASSISTANT
    staff: str = ""
    version: int = 0
    """`seq` at which it last passed to a person or from one; 0 when never."""
    active_at: datetime | None = None
    """The holder's last sign of life."""
    asked_at: datetime | None = None
    """When the holder was asked whether they are there; None when they were not, or answered."""
    waiting_since: datetime | None = None


def advance(hold: Hold, entry: e.Logged) -> Hold:
    """Return the hold after one event."""
    match entry.event:
        case e.PersonWanted() if hold.floor is Floor.ASSISTANT:
            return replace(hold, floor=Floor.WAITING, waiting_since=entry.at)
        case e.StaffTook(name=name):
            return Hold(floor=Floor.STAFF, staff=name, version=entry.seq, active_at=entry.at)
        case e.StaffSaid() | e.StaffStayed() if hold.floor is Floor.STAFF:
            return replace(hold, active_at=entry.at, asked_at=None)
        case e.StaffAsked() if hold.floor is Floor.STAFF:
            return replace(hold, asked_at=entry.at)
        case e.StaffLeft(waiting=True):
            return Hold(floor=Floor.WAITING, version=entry.seq, waiting_since=entry.at)
        case e.StaffLeft():
            return Hold(version=entry.seq)
        case _:
            return hold


def check_taking(hold: Hold, name: str, version: int) -> None:
    """Raise FloorTaken unless `name`, who saw `version`, may take the floor."""
    if hold.floor is Floor.STAFF:
        if hold.staff != name:
            raise FloorTaken(f"{hold.staff} has taken this conversation. Leave it to them, or write a note.")
    elif hold.version != version:
        raise FloorTaken("A colleague had this conversation meanwhile. Look at what was said, then take it.")


def check_holding(hold: Hold, name: str) -> None:
    """Raise NotHolder unless `name` has the floor."""
    if hold.floor is not Floor.STAFF:
        raise NotHolder("You do not hold this conversation. Take it over first.")
    if hold.staff != name:
        raise NotHolder(f"{hold.staff} holds this conversation, not you.")


def due(hold: Hold, now: datetime, idle: Idle) -> Literal["", "ask", "release"]:
    """Say what is to be done about a quiet holder: nothing, ask, or give the floor back."""
    if hold.floor is not Floor.STAFF or hold.active_at is None:
        return ""
    if hold.asked_at is not None:
        return "release" if now >= hold.asked_at + idle.leave_after else ""
    return "ask" if now >= hold.active_at + idle.ask_after else ""
