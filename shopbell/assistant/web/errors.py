"""What can go wrong between a browser and the assistant.

AssistantError
├── CannotListen   the address or port to serve on cannot be had
├── NoToken        no proof that the conversation is the caller's
└── TooFast        more was asked at once than one customer needs
"""

from typing import ClassVar

from shopbell.assistant.errors import AssistantError


class CannotListen(AssistantError):
    """The address or port to serve on cannot be had."""

    code: ClassVar[str] = "cannot-listen"


class NoToken(AssistantError):
    """The request names a conversation but does not prove that it is the customer's."""

    code: ClassVar[str] = "no-token"


class TooFast(AssistantError):
    """More was asked at once than one customer needs."""

    code: ClassVar[str] = "rate"
