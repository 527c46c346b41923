"""How the shop's assistant is, for `doctor`, programs and whoever keeps watch."""

from msgspec import Struct

from shopbell import __version__
from shopbell.assistant.llm.client import WorkerModel
from shopbell.knowledge.library import Library


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


def health_of(live: int, library: Library, model: WorkerModel) -> Health:
    """Say how the shop is, with so many `live` conversations."""
    state = model.state
    status = {"ready": "ok", "starting": "starting", "restarting": "starting"}.get(state.status, "degraded")
    return Health(
        status=status,
        version=__version__,
        model=state.status,
        queue=state.queue,
        passages=len(library.passages),
        products=len(library.catalogue),
        problems=len(library.problems),
        conversations=live,
    )
