"""What the web asks of the assistant, and nothing more."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from shopbell.assistant.wire import Presence, Replied, ServerFrame


class Opened(Protocol):
    """A conversation that was just begun."""

    @property
    def conversation(self) -> str:
        """Its id."""
        ...

    @property
    def token(self) -> str:
        """Whoever holds it is the customer."""
        ...


class Greeting(Protocol):
    """What a customer sees before anything was said."""

    @property
    def notice(self) -> str:
        """That this is an AI."""
        ...

    @property
    def greeting(self) -> str:
        """The shop's own greeting."""
        ...

    @property
    def suggestions(self) -> Sequence[str]:
        """Questions to tap."""
        ...

    @property
    def presence(self) -> Presence:
        """Whether a person can be reached."""
        ...


class Health(Protocol):
    """How the service is now."""

    @property
    def status(self) -> str:
        """`ok`, or what is amiss in a word."""
        ...

    @property
    def model(self) -> str:
        """The engine's state in a word."""
        ...

    @property
    def passages(self) -> int:
        """How many passages the shop's knowledge holds."""
        ...

    @property
    def queue(self) -> int:
        """Replies waiting for the model."""
        ...

    @property
    def version(self) -> str:
        """The product's version."""
        ...


class Conversations(Protocol):
    """The four commands, the event stream, and what surrounds them."""

    async def open(self, channel: str) -> Opened:
        """Begin a conversation."""
        ...

    async def resume(self, conversation: str, token: str) -> None:
        """Prove that the caller is the customer; raises NoSuchConversation."""
        ...

    async def say(self, conversation: str, text: str, key: str) -> int:
        """Keep the customer's words and return their `seq`; the same key counts once."""
        ...

    async def interrupt(self, conversation: str) -> None:
        """Stop the reply that is being given."""
        ...

    async def want_person(self, conversation: str, key: str) -> int:
        """Keep the wish for a person."""
        ...

    async def rate(self, conversation: str, reply: str, helpful: bool) -> int:
        """Keep a thumb for one reply."""
        ...

    async def stars(self, conversation: str, stars: int, comment: str) -> int:
        """Keep one to five stars for the conversation."""
        ...

    async def end(self, conversation: str) -> int:
        """End the conversation."""
        ...

    def follow(self, conversation: str, after: int = 0) -> AsyncGenerator[ServerFrame, None]:
        """Yield the logged frames past `after`, then `Current`, then what happens live."""
        ...

    def greeting(self) -> Greeting:
        """Return what to show first."""
        ...

    async def answer(self, text: str) -> Replied:
        """Answer one question outside any conversation."""
        ...

    def health(self) -> Health:
        """Return how the service is."""
        ...
