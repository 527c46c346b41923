"""A job on its way through the queue and the worker: what became of it lies in its mailbox."""

import asyncio
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from shopbell.assistant.errors import ModelError, TooLong, Unavailable
from shopbell.assistant.llm.pace import Kind
from shopbell.assistant.llm.protocol import Finished, Judged, Piece, Place
from shopbell.assistant.llm.queue import Ticket
from shopbell.assistant.llm.requests import Kept, Response
from shopbell.models.calls import WorkerError, WorkerRefused

_RESPONSES = msgspec.msgpack.Decoder(Response)

Event = Place | Response


class Entry:
    """Takes the worker's answers without ever making the worker wait for whoever reads them."""

    def __init__(
        self, ticket: Ticket, kind: Kind, request: bytes, *, entered: float, ended: Callable[["Entry"], None]
    ) -> None:
        """Call `ended` once the engine has let go of the job."""
        self.ticket = ticket
        self.kind: Kind = kind
        self.request = request
        self.entered = entered
        self.begun: float | None = None
        """When the engine was given the job."""
        self.call = 0
        """The worker's number for it."""
        self.over = False
        """Whether the engine has let go of it, or will never get it."""
        self.timer: asyncio.TimerHandle | None = None
        self._ended = ended
        self._place = 0
        self.whole = False
        """Whether the whole answer came."""
        self._mailbox: asyncio.Queue[Event | ModelError | None] = asyncio.Queue()

    async def next(self) -> Event | None:
        """Wait for what happens next; None at the end. Raises what ended it early."""
        event = await self._mailbox.get()
        if isinstance(event, ModelError):
            raise event
        return event

    def stand(self, place: Place) -> None:
        """Tell it where it stands in the queue, if that is news."""
        if place.place and place.place != self._place:
            self._place = place.place
            self._mailbox.put_nowait(place)

    def fail(self, error: ModelError) -> None:
        """End it early."""
        self.disarm()
        self._mailbox.put_nowait(error)

    def disarm(self) -> None:
        """Forget the deadline."""
        if self.timer is not None:
            self.timer.cancel()

    def item(self, body: bytes) -> None:
        """Take an answer of the worker."""
        response = _RESPONSES.decode(body)
        if isinstance(response, Finished) and self.begun is not None:
            response = replace(response, queue_s=self.begun - self.entered)
        self.whole = isinstance(response, Judged | Finished | Kept)
        if self.whole or isinstance(response, Piece):
            self.disarm()
        self._mailbox.put_nowait(response)

    def end(self, error: WorkerError | None) -> None:
        """Take note that the engine has let go of it."""
        self.over = True
        self.disarm()
        self._mailbox.put_nowait(_explained(error, whole=self.whole))
        self._ended(self)


def _explained(error: WorkerError | None, *, whole: bool) -> ModelError | None:
    match error:
        case None:
            return None if whole else Unavailable("the language model was stopped on the way")
        case WorkerRefused(reason=TooLong.code):
            return TooLong(str(error))
        case _:
            return Unavailable(f"the language model stopped on the way: {error}")
