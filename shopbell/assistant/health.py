"""How the shop's assistant is, for `doctor`, programs and whoever keeps watch."""

from msgspec import Struct


class Health(Struct, frozen=True, kw_only=True):
    """A snapshot."""

    status: str
    """`ok`: every rung answers; `degraded`: every rung but the model; `starting`: the model is coming."""
    version: str
    model: str
    """The engine's state in a word."""
    queue: int
    """Replies waiting for the model."""
    passages: int
    products: int
    problems: int
    """Things in the shop's folder that the owner should look at."""
    conversations: int
    """Conversations that are live now."""
