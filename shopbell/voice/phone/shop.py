"""What a call is given of the shop, and how a call that nobody answered reaches the staff."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from shopbell.assistant.conversations import Conversations
from shopbell.assistant.errors import ConversationOver
from shopbell.assistant.flows.lines import PHONE as CHANNEL
from shopbell.assistant.telephone import Telephone
from shopbell.loyalty.casebook import Case
from shopbell.voice.ears import Ears
from shopbell.voice.phone.lines import PhoneLines
from shopbell.voice.speech import Speech

__all__ = ["CHANNEL", "Shop", "SignIn", "leave_note"]
SignIn = Callable[[str, str, str, str], Awaitable[None]]
"""Takes conversation, number, PIN and where it comes from; raises LoyaltyError when it is refused."""


class Shop(Struct, frozen=True, kw_only=True):
    """What every call is given."""

    conversations: Conversations
    speech: Speech
    ears: Callable[[], Ears]
    settings: Telephone
    lines: PhoneLines
    domain: str
    """Where the staff's extension is."""
    note: Callable[[str, str], Awaitable[None]]
    """Takes a conversation and a line for staff, which no customer sees."""
    ask_back: Callable[[str, str, str], Awaitable[None]]
    """Takes a conversation, a number and what it is about: somebody is to be called back."""
    asked_back: Callable[[int], Awaitable[Case | None]]
    """Returns the open case of this number."""
    sign_in: Callable[[], SignIn | None]
    """Returns what signs a customer in; None for a shop without accounts."""
    now: Callable[[], datetime]
    """The time in the shop's zone."""
    new_key: Callable[[], str]


async def leave_note(shop: Shop, text: str) -> str:
    """Put a call that nobody answered before the staff, as a conversation that waits; return its id."""
    conversation = (await shop.conversations.open(CHANNEL)).conversation
    with suppress(ConversationOver):
        await shop.note(conversation, text)
        await shop.conversations.want_person(conversation, shop.new_key())
    return conversation
