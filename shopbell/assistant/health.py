"""How the shop's assistant is, for `doctor`, programs and whoever keeps watch."""

from msgspec import Struct

from shopbell.assistant.llm.protocol import EngineState


class Health(Struct, frozen=True, kw_only=True):
    """A snapshot; `status` says whether customers get answers."""

    status: str
    """`ok`: all rungs; `degraded`: everything but the model; `starting`."""
    version: str
    engine: EngineState
    passages: int
    products: int
    problems: int
    """Things in the shop's folder that the owner should look at."""
    conversations: int
    """Conversations that are live now."""
