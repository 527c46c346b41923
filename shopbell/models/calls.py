"""A job given to a worker: where its answers go, and what can befall it."""

from typing import ClassVar, Protocol

from shopbell.models.errors import ModelsError


class WorkerError(ModelsError):
    """A worker did not do a job."""

    code: ClassVar[str] = "worker"


class WorkerDown(WorkerError):
    """There is no worker to do the job, or it died on the way."""

    code = "worker-down"


class WorkerRefused(WorkerError):
    """The engine refused the job and stands ready for the next; `reason` is the engine's own code."""

    code = "worker-refused"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Sink(Protocol):
    """Where the answers to a job go; called on the event loop, must not block."""

    def item(self, body: bytes) -> None:
        """Take an answer, or a part of one."""
        ...

    def end(self, error: WorkerError | None) -> None:
        """Take note that nothing follows; called exactly once."""
        ...


class Nowhere:
    """A sink for answers that nobody waits for."""

    def item(self, body: bytes) -> None:
        """Drop it."""

    def end(self, error: WorkerError | None) -> None:
        """Do nothing."""
