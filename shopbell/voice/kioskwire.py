"""What crosses the kiosk's socket besides the frames of `shopbell.assistant.wire`.

Text frames are one JSON object with a `type`. Binary frames are sound: up, at most `MAX_SOUND_BYTES` of int16
mono at 16 kHz; down, a `HEAD`-byte number (little endian) that tells which speech the sound belongs to, then
int16 mono at the rate that `ready` names.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from shopbell.assistant import wire

MAX_SOUND_BYTES = 4_096
"""The longest frame of sound a kiosk may send: 128 ms."""
HEAD = 4
"""Bytes in front of the sound that goes down."""
Kept = Literal["nothing", "transcript", "recording"]
"""What of a visit is kept once it is over."""


class Enter(Struct, frozen=True, tag="enter", tag_field="type", forbid_unknown_fields=True):
    """The first frame: a customer stands before the kiosk."""

    microphone: bool = False
    """Sound will come up."""
    speaker: bool = False
    """Sound can be played."""
    hands_free: bool = True
    """Listen all the time; otherwise only between `press` and `release`."""
    conversation: str = ""
    token: str = ""
    """With both, the visit goes on after a lost connection."""
    after: int = 0


class Press(Struct, frozen=True, tag="press", tag_field="type", forbid_unknown_fields=True):
    """The button to speak is held down."""


class Release(Struct, frozen=True, tag="release", tag_field="type", forbid_unknown_fields=True):
    """The button to speak is let go."""


class Habits(Struct, frozen=True, tag="habits", tag_field="type", forbid_unknown_fields=True):
    """How the customer wants to be listened and talked to."""

    microphone: bool = True
    speaker: bool = True
    hands_free: bool = True
    slower: bool = False
    plain: bool = False


class Repeat(Struct, frozen=True, tag="repeat", tag_field="type", forbid_unknown_fields=True):
    """Say the last reply once more."""


class Touch(Struct, frozen=True, tag="touch", tag_field="type", forbid_unknown_fields=True):
    """Somebody is there: the screen was touched, a key was pressed."""


class Heard(Struct, frozen=True, tag="heard", tag_field="type", forbid_unknown_fields=True):
    """How much of a speech was played until now."""

    speech: Annotated[int, Meta(ge=0)]
    samples: Annotated[int, Meta(ge=0)]
    """Of its sound, at the rate that `ready` named."""


class ToPhone(Struct, frozen=True, tag="to_phone", tag_field="type", forbid_unknown_fields=True):
    """The customer wants to go on on their own phone."""


class Clear(Struct, frozen=True, tag="clear", tag_field="type", forbid_unknown_fields=True):
    """Forget the visit now."""


KioskFrame = (
    Enter
    | Press
    | Release
    | Habits
    | Repeat
    | Touch
    | Heard
    | ToPhone
    | Clear
    | wire.Say
    | wire.Interrupt
    | wire.WantPerson
)


class Ready(Struct, frozen=True, tag="ready", tag_field="type", kw_only=True):
    """The kiosk may begin; comes before `welcome`."""

    rate: int
    """Hz of the sound that will come."""
    kept: Kept
    idle_s: float
    """Seconds without anybody after which the page clears itself, should the server be gone."""


class Mood(Struct, frozen=True, tag="mood", tag_field="type"):
    """What the assistant does now."""

    mood: Literal["listening", "hearing", "thinking", "speaking"]


class Speech(Struct, frozen=True, tag="speech", tag_field="type"):
    """What to do with sound: `hold` stops it where it is, `resume` goes on, `hush` throws the rest away.

    With `hush`, sound of older numbers that still comes is to be thrown away too.
    """

    act: Literal["hold", "resume", "hush"]
    speech: int


class Senses(Struct, frozen=True, tag="senses", tag_field="type"):
    """Whether the server can hear and speak now; text always works."""

    hearing: bool
    speaking: bool


class Caption(Struct, frozen=True, tag="caption", tag_field="type"):
    """Words that the house says of itself, as they are spoken."""

    text: str


class Handed(Struct, frozen=True, tag="handed", tag_field="type"):
    """A code to go on on one's own phone."""

    svg: str
    """The QR code."""
    url: str
    seconds: float
    """How long it holds; it works once."""


class Over(Struct, frozen=True, tag="over", tag_field="type"):
    """The visit is over: the page forgets everything."""

    reason: Literal["bye", "idle", "cleared", "moved", "ended"]


HouseFrame = Ready | Mood | Speech | Senses | Caption | Handed | Over | wire.ServerFrame
