"""The kiosk: page, socket and hand-off to phones, as handlers for the web server."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from litestar import MediaType, Response, Router, get, post, websocket
from litestar.connection import WebSocket
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from shopbell.assistant.conversations import Conversations, Opened
from shopbell.assistant.errors import AssistantError, NoSuchConversation
from shopbell.assistant.kiosk import Kiosk as KioskSettings
from shopbell.assistant.web.desk import Desk
from shopbell.assistant.web.handset import BUSY
from shopbell.assistant.web.limits import Seats
from shopbell.assistant.web.pages import FOREVER, Pages
from shopbell.loyalty.qr import qr_svg
from shopbell.voice import kioskwire as k
from shopbell.voice.ears import Ears
from shopbell.voice.handoff import HOLDS_S, Handoffs, Pass
from shopbell.voice.kioskpage import KioskPages
from shopbell.voice.patience import LEAVE_AFTER_S
from shopbell.voice.session import Parts
from shopbell.voice.socketmedia import SocketMedia
from shopbell.voice.speech import Speech
from shopbell.voice.visit import House, Visit

SEATS = 16
"""Kiosks that may be in use at once; one address takes at most half."""
SWEEP_S = 5.0

log = structlog.get_logger()


class Kiosk:
    """All kiosks of one shop."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        speech: Speech,
        ears: Callable[[], Ears],
        settings: KioskSettings,
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        """Take the parts; `ears` makes a pair for each microphone."""
        self._ears = ears
        self._clock = clock
        self._new_id = new_id
        self._conversations = conversations
        self._lost: dict[str, float] = {}
        self.settings = settings
        self.speech = speech
        self.handoffs = Handoffs(clock=clock, new_code=new_id)
        self.seats = Seats(SEATS)

    def house(self) -> House:
        """Return what a visit is given."""
        return House(
            conversations=self._conversations,
            speech=self.speech,
            parts=self._parts,
            handed=self._handed,
            left=self._left,
            over=self.handoffs.withdraw,
            found=lambda conversation: self._lost.pop(conversation, None),
        )

    async def sweep(self) -> None:
        """End the visits whose line was lost and did not come back, for ever."""
        while True:
            await asyncio.sleep(SWEEP_S)
            now = self._clock()
            for conversation in [c for c, since in self._lost.items() if now - since > LEAVE_AFTER_S]:
                del self._lost[conversation]
                self.handoffs.withdraw(conversation)
                with suppress(AssistantError):
                    await self._conversations.end(conversation)

    def _parts(self, media: SocketMedia, show: Callable[[Struct], Awaitable[None]]) -> Parts:
        return Parts(
            conversations=self._conversations,
            speech=self.speech,
            media=media,
            ears=self._ears(),
            show=show,
            clock=asyncio.get_running_loop().time,
            new_key=self._new_id,
        )

    def _handed(self, opened: Opened, taken: Callable[[], None]) -> k.Handed | None:
        if not self.settings.address:
            return None
        handed = Pass(conversation=opened.conversation, token=opened.token)
        url = f"{self.settings.address}/kiosk/phone#{self.handoffs.offer(handed, taken)}"
        return k.Handed(svg=qr_svg(url, scale=6), url=url, seconds=HOLDS_S)

    def _left(self, conversation: str) -> None:
        self.handoffs.withdraw(conversation)
        self._lost[conversation] = self._clock()


class Code(Struct, frozen=True, forbid_unknown_fields=True):
    """What a phone read."""

    code: str


@websocket("/api/kiosk")
async def kiosk_socket(
    socket: WebSocket[None, None, State], desk: NamedDependency[Desk], kiosk: NamedDependency[Kiosk]
) -> None:
    """Serve one kiosk; the guard has looked at its origin already."""
    here = socket.client.host if socket.client else ""
    await socket.accept()
    if not kiosk.seats.sit(here):
        await socket.close(code=BUSY, reason="too many kiosks are open")
        return
    try:
        await Visit(socket, kiosk.house(), desk.limits, desk.clock).run()
    finally:
        kiosk.seats.leave(here)


@post("/api/kiosk/phone", status_code=200, include_in_schema=False)
async def take_over(data: JSONBody[Code], kiosk: NamedDependency[Kiosk]) -> Pass:
    """Give a phone the conversation that its code stands for."""
    handed = kiosk.handoffs.take(data.code)
    if handed is None:
        raise NoSuchConversation("This code was used already, or is older than five minutes. Make a new one.")
    return handed


@get("/kiosk", media_type=MediaType.HTML, include_in_schema=False)
async def kiosk_page(
    pages: NamedDependency[Pages],
    desk: NamedDependency[Desk],
    kiosk: NamedDependency[Kiosk],
    kiosk_pages: NamedDependency[KioskPages],
) -> Response[str]:
    """Serve the kiosk's page, the only one that may use the microphone."""
    page = kiosk_pages.kiosk(pages, desk.settings, kiosk.settings, desk.service.greeting().suggestions)
    return Response(page, media_type=MediaType.HTML, headers=KioskPages.HEADERS)


@get("/kiosk/phone", media_type=MediaType.HTML, include_in_schema=False)
async def phone_page(
    pages: NamedDependency[Pages], desk: NamedDependency[Desk], kiosk_pages: NamedDependency[KioskPages]
) -> Response[str]:
    """Serve the page that a phone opens from the code."""
    page = kiosk_pages.phone(pages, desk.settings)
    return Response(page, media_type=MediaType.HTML, headers={"Cache-Control": "no-store"})


@get("/kiosk/assets/{version:str}/{name:str}", include_in_schema=False)
async def kiosk_asset(
    kiosk_pages: NamedDependency[KioskPages], version: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """Serve a part of the kiosk's page."""
    found = kiosk_pages.asset(version, name)
    if found is None:
        raise NotFoundException("There is no such file.")
    return Response(found.body, media_type=found.media_type, headers={"Cache-Control": FOREVER})


def router(kiosk: Kiosk) -> Router:
    """Return the kiosk's handlers."""
    kiosk_pages = KioskPages()
    return Router(
        path="/",
        route_handlers=[kiosk_socket, take_over, kiosk_page, phone_page, kiosk_asset],
        dependencies={
            "kiosk": Provide(lambda: kiosk, sync_to_thread=False),
            "kiosk_pages": Provide(lambda: kiosk_pages, sync_to_thread=False),
        },
    )
