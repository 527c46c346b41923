"""What the staff's page for calls and the server tell each other. Sound goes beside it, int16 mono.

Up: 16 kHz. Down: the rate of `Talking`, behind four bytes of zero, as a kiosk's loudspeaker takes it.
"""

from datetime import datetime

from msgspec import Struct

from shopbell.assistant import wire


class SignIn(Struct, frozen=True, tag="sign_in", tag_field="type", forbid_unknown_fields=True):
    """The first frame."""

    token: str


class Take(Struct, frozen=True, tag="take", tag_field="type", forbid_unknown_fields=True):
    """Talk to this caller."""

    call: str


class GiveBack(Struct, frozen=True, tag="give_back", tag_field="type", forbid_unknown_fields=True):
    """Let the assistant go on."""


class HangUp(Struct, frozen=True, tag="hang_up", tag_field="type", forbid_unknown_fields=True):
    """End the call."""


Up = SignIn | Take | GiveBack | HangUp


class Row(Struct, frozen=True, kw_only=True):
    """One caller on the line."""

    call: str
    caller: str
    """The last digits of the number."""
    since: datetime
    last: str
    """What was said last."""
    waits: bool
    """A person is wanted, and nobody is there yet."""
    holder: str
    """The colleague who has the call; empty for none."""


class Rows(Struct, frozen=True, tag="calls", tag_field="type", kw_only=True):
    """Everybody on the line, who waits first; replaces the whole list."""

    name: str
    """Who is signed in."""
    calls: tuple[Row, ...]


class Talking(Struct, frozen=True, tag="talking", tag_field="type", kw_only=True):
    """From now on both hear each other."""

    call: str
    caller: str
    rate: int
    """Hz of the sound that comes down."""


class Over(Struct, frozen=True, tag="over", tag_field="type", kw_only=True):
    """They hear each other no more."""

    text: str
    """Why, for the member of staff."""


Down = Rows | Talking | Over | wire.Trouble
