"""What crosses the line between the server and whoever watches or takes part: pages, consoles, programs.

Every frame is one JSON object with a `type`. Customers send `Hello` first; the server answers with `Welcome`,
then with everything that was said so far, then live. Frames that carry `seq` are in the log for good; a
client that reconnects says `after` in its `Hello` and misses nothing.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from shopbell.assistant.signing import Identity as Identity
from shopbell.assistant.signing import SendCode as SendCode
from shopbell.assistant.signing import SetPin as SetPin
from shopbell.assistant.signing import SignIn as SignIn
from shopbell.assistant.signing import SignOut as SignOut

MAX_FRAME_BYTES = 8_192
"""The largest frame a customer may send; a longer one closes the socket with code 1009."""
MAX_UTTERANCE_CHARS = 2_000
"""The longest message a customer may send."""

Rung = Literal["rule", "flow", "faq", "model", "person"]
"""The step of the ladder that answered; `staff` messages carry no rung."""
Holder = Literal["assistant", "waiting", "staff"]


class Source(Struct, frozen=True, kw_only=True):
    """A passage that an answer stands on."""

    id: str
    title: str
    text: str
    source: str = ""
    """File and line inside the shop's folder."""


class Timings(Struct, frozen=True, kw_only=True):
    """Seconds spent on a reply, from the moment the turn was complete."""

    search_s: float = 0.0
    queue_s: float = 0.0
    first_word_s: float = 0.0
    total_s: float = 0.0


class Presence(Struct, frozen=True, kw_only=True):
    """Whether a person can be reached, in words that are true."""

    staffed: bool
    text: str
    """Such as "Someone is here until 17:00." or "Nobody is in now; we are back Monday at 08:00."."""


# --- from the customer -------------------------------------------------------------------------------------


class Hello(Struct, frozen=True, tag="hello", tag_field="type", forbid_unknown_fields=True):
    """The first frame: start a conversation, or go on with one."""

    conversation: str = ""
    token: str = ""
    after: int = 0
    """The last `seq` already seen."""


class Say(Struct, frozen=True, tag="say", tag_field="type", forbid_unknown_fields=True):
    """Something the customer says; sent again with the same key it counts once."""

    key: str
    """Made by the client before sending, at most 64 characters."""
    text: str


class Interrupt(Struct, frozen=True, tag="interrupt", tag_field="type", forbid_unknown_fields=True):
    """Stop the reply that is being given."""


class WantPerson(Struct, frozen=True, tag="want_person", tag_field="type", forbid_unknown_fields=True):
    """The "talk to a person" button."""

    key: str


class Rate(Struct, frozen=True, tag="rate", tag_field="type", forbid_unknown_fields=True):
    """Thumb up or down for one reply; the last one counts."""

    reply: str
    helpful: bool


class Stars(Struct, frozen=True, tag="stars", tag_field="type", forbid_unknown_fields=True):
    """One to five stars for the conversation, with words if wished."""

    stars: int
    comment: str = ""


class End(Struct, frozen=True, tag="end", tag_field="type", forbid_unknown_fields=True):
    """The customer is done."""


CustomerFrame = (
    Hello | Say | Interrupt | WantPerson | Rate | Stars | SignIn | SendCode | SetPin | SignOut | End
)


# --- to the customer ---------------------------------------------------------------------------------------


class Welcome(Struct, frozen=True, tag="welcome", tag_field="type", kw_only=True):
    """The answer to `Hello`."""

    conversation: str
    token: str = ""
    """Given once, when the conversation is new; whoever holds it is the customer."""
    notice: str
    """That this is an AI, said first, by code."""
    greeting: str
    """The shop's own greeting."""
    suggestions: tuple[str, ...] = ()
    """Questions the shop can answer, to tap."""
    presence: Presence


class Said(Struct, frozen=True, tag="said", tag_field="type", kw_only=True):
    """Something that was said, by whom; a customer's own words come back as the receipt."""

    seq: int
    who: Literal["customer", "staff", "notice"]
    """`notice` is the house itself: one visible line at each hand-over."""
    text: str
    at: datetime
    key: str = ""
    name: str = ""


class Replying(Struct, frozen=True, tag="replying", tag_field="type", kw_only=True):
    """A reply has begun."""

    reply: str


class Waiting(Struct, frozen=True, tag="waiting", tag_field="type", kw_only=True):
    """The reply stands in the queue."""

    reply: str
    place: int
    eta_s: float


class Delta(Struct, frozen=True, tag="delta", tag_field="type", kw_only=True):
    """More words of the reply."""

    reply: str
    text: str


class Replied(Struct, frozen=True, tag="replied", tag_field="type", kw_only=True):
    """The reply as it stands in the log; it replaces what the deltas built."""

    seq: int
    reply: str
    text: str
    rung: Rung
    at: datetime
    sources: tuple[Source, ...] = ()
    why: str = ""
    """In plain words, why this answer was given."""
    cut: bool = False
    """The customer or a member of staff stopped it here."""
    offer_person: bool = False
    """Show the offer of a person under it."""
    ends: bool = False
    """It answers a goodbye."""
    private: bool = False
    """It tells what is yours alone: the page hides it once you are signed out."""
    timings: Timings = Timings()


class Checking(Struct, frozen=True, tag="checking", tag_field="type", kw_only=True):
    """The reply is drafted and waits for a colleague's approval; `Replied` follows soon after `until`."""

    seq: int
    reply: str
    until: datetime | None = None


class FloorChanged(Struct, frozen=True, tag="floor", tag_field="type", kw_only=True):
    """Who answers from now on."""

    seq: int
    holder: Holder
    name: str = ""
    presence: Presence | None = None


class Rated(Struct, frozen=True, tag="rated", tag_field="type", kw_only=True):
    """A thumb or the stars were kept."""

    seq: int
    reply: str = ""
    helpful: bool | None = None
    stars: int = 0


class Ended(Struct, frozen=True, tag="ended", tag_field="type", kw_only=True):
    """The conversation is over."""

    seq: int


class Current(Struct, frozen=True, tag="current", tag_field="type", kw_only=True):
    """All that is in the log has been sent; what follows is live."""

    seq: int


class Trouble(Struct, frozen=True, tag="trouble", tag_field="type", kw_only=True):
    """Something was refused; `text` says why and what to do."""

    code: str
    text: str
    key: str = ""


ServerFrame = (
    Welcome
    | Said
    | Replying
    | Waiting
    | Delta
    | Replied
    | Checking
    | FloorChanged
    | Rated
    | Identity
    | Ended
    | Current
    | Trouble
)
