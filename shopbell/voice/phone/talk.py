"""A talk: a call that is being served, as colleagues see it."""

from datetime import datetime

from msgspec import Struct

from shopbell.voice.phone.media import PhoneMedia
from shopbell.voice.phone.session import PhoneSession


class Talk(Struct, frozen=True):
    """One caller, and what it takes to talk to them."""

    conversation: str
    caller: str
    """The last digits of the number, as the call book has it."""
    since: datetime
    """When the call was answered."""
    media: PhoneMedia
    session: PhoneSession
