"""What the console sends on `/api/staff/feed`."""

from typing import Literal

from msgspec import Struct

MAX_HINT_CHARS = 300
"""The longest whisper."""
MAX_NOTE_CHARS = 2_000
"""The longest private note, and the longest message of staff."""

Verdict = Literal["accepted", "edited", "rejected"]


class SignIn(Struct, frozen=True, tag="sign_in", tag_field="type", forbid_unknown_fields=True):
    """The first frame."""

    token: str


class Watch(Struct, frozen=True, tag="watch", tag_field="type", forbid_unknown_fields=True):
    """Send me this conversation whole and live; it is written down who looked."""

    conversation: str
    after: int = 0
    """The last `seq` already seen."""


class Unwatch(Struct, frozen=True, tag="unwatch", tag_field="type", forbid_unknown_fields=True):
    """No more of this conversation, please."""

    conversation: str


class TakeOver(Struct, frozen=True, tag="take_over", tag_field="type", forbid_unknown_fields=True):
    """I answer from now on; a running reply stops."""

    key: str
    """Made by the console, at most 64 characters; comes back in `Done` or `Trouble`."""
    conversation: str
    version: int
    """`version` of the card that was looked at: whoever was quicker wins, the other is told."""


class StaffSay(Struct, frozen=True, tag="staff_say", tag_field="type", forbid_unknown_fields=True):
    """Say this to the customer, as the holder of the floor; the same key says it once."""

    key: str
    conversation: str
    text: str


class HandBack(Struct, frozen=True, tag="hand_back", tag_field="type", forbid_unknown_fields=True):
    """The assistant answers again."""

    key: str
    conversation: str


class Stay(Struct, frozen=True, tag="stay", tag_field="type", forbid_unknown_fields=True):
    """I am still here: the answer to `AreYouThere`."""

    key: str
    conversation: str


class Finish(Struct, frozen=True, tag="finish", tag_field="type", forbid_unknown_fields=True):
    """The conversation is done; only its holder may end one that is held."""

    key: str
    conversation: str


class Whisper(Struct, frozen=True, tag="whisper", tag_field="type", forbid_unknown_fields=True):
    """A hint for the assistant's next answer from the model; the customer never sees it."""

    key: str
    conversation: str
    text: str
    """At most `MAX_HINT_CHARS`."""


class Note(Struct, frozen=True, tag="note", tag_field="type", forbid_unknown_fields=True):
    """A note for colleagues only."""

    key: str
    conversation: str
    text: str


class Suggest(Struct, frozen=True, tag="suggest", tag_field="type", forbid_unknown_fields=True):
    """Draft a reply for me; it comes as `Suggested` in the conversation's stream."""

    key: str
    conversation: str


class Judge(Struct, frozen=True, tag="judge", tag_field="type", forbid_unknown_fields=True):
    """What became of a draft: `accepted` and `edited` say `text` to the customer, `rejected` says nothing."""

    key: str
    conversation: str
    draft: str
    verdict: Verdict
    text: str = ""
    """What is said; empty with `accepted` means the draft as it was."""


class Ping(Struct, frozen=True, tag="ping", tag_field="type", forbid_unknown_fields=True):
    """Somebody is at the keys: the session stays open. Once a minute is enough."""


StaffFrame = (
    SignIn
    | Watch
    | Unwatch
    | TakeOver
    | StaffSay
    | HandBack
    | Stay
    | Finish
    | Whisper
    | Note
    | Suggest
    | Judge
    | Ping
)
