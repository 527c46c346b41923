"""The parlour: ears, voice and kiosk of one shop, put together; opened beside the house."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from shopbell.assistant.conversations import Conversations
from shopbell.assistant.settings import Settings
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.assistant.web.staff.desk import StaffDesk
from shopbell.knowledge.library import Library
from shopbell.knowledge.passage import Kind, Passage
from shopbell.models.custom import known_models
from shopbell.models.errors import ModelsError
from shopbell.models.files import ModelFiles
from shopbell.storage.worker import Worker
from shopbell.voice import phrases
from shopbell.voice.ears import Ears
from shopbell.voice.equipment import speaking_settings, speech_of
from shopbell.voice.errors import Mute, VoiceError
from shopbell.voice.kiosk import Kiosk, router
from shopbell.voice.microphone import manners
from shopbell.voice.rendered import Rendered, voice_key
from shopbell.voice.resident import ResidentSpeech
from shopbell.voice.speech import Speech
from shopbell.voice.vad import Silero, silero_file
from shopbell.voice.wordings import is_one, wordings

MOST_HINTS = 24
"""Names the ears are told to expect; more cost time, and make them hear what was not said."""
RENDER_S = 60.0
"""Seconds between two looks whether the shop's words changed and are to be rendered anew."""

log = structlog.get_logger()


class Place(Struct, frozen=True, kw_only=True):
    """Which shop, and where its things are."""

    data: Path
    """The data folder, with the models."""
    folder: Path
    """The shop's own part of it."""
    conversations: Conversations
    settings: Settings
    library: Library
    shop: Path = Path()
    """The shop's own files."""
    staff: StaffDesk | None = None
    """For notes to staff; None where nobody watches."""
    loyalty: LoyaltyDesk | None = None


class Parlour:
    """What needs sound."""

    def __init__(self, place: Place, worker: Worker, speech: Speech, resident: ResidentSpeech) -> None:
        """Load the voice detector; `worker` is the thread it blocks. Raises VoiceModelError."""
        self._place = place
        self._worker = worker
        self._silero = Silero(silero_file())
        self._manners = manners(place.folder)
        self._read_of: Sequence[Passage] = ()
        self._wordings: frozenset[str] = frozenset()
        self.speech = speech
        self.resident = resident
        self.phone_texts: Callable[[], Sequence[str]] = tuple
        """What the telephone says, set while it is open."""
        self.more: tuple[ControllerRouterHandler, ...] = ()
        """What the telephone has the web server serve."""
        self.kiosk = Kiosk(
            conversations=place.conversations,
            speech=speech,
            ears=self.ears,
            settings=place.settings.kiosk,
            clock=time.monotonic,
            new_id=lambda: secrets.token_urlsafe(24),
        )

    def ears(self) -> Ears:
        """Return ears for one microphone."""
        ear = self._silero.ear()
        return Ears(
            self.speech, ear, self._worker, manners=self._manners, hints=self._hints, known=self._is_known
        )

    def handlers(self) -> tuple[ControllerRouterHandler, ...]:
        """Return what the web server is to serve."""
        return (router(self.kiosk), *self.more)

    async def settled(self, seconds: float) -> None:
        """Wait until ears and voice stand, are given up, or the seconds are over."""
        with suppress(TimeoutError):
            await self.resident.ready(seconds)

    def texts(self) -> list[str]:
        """Return what is rendered in advance, the likeliest first."""
        first = self._place.conversations.greeting()
        answers = [p.text for p in self._place.library.passages if p.kind is Kind.FAQ]
        phone = self.phone_texts() if self._place.settings.phone.enabled else ()
        return [f"{first.notice} {first.greeting}", *phrases.fixed(), *phone, *answers]

    def _hints(self) -> tuple[str, ...]:
        names = [product.name for product in self._place.library.catalogue.products]
        return (*self._place.settings.kiosk.words, *names)[:MOST_HINTS]

    def _is_known(self, text: str) -> bool:
        passages = self._place.library.passages
        if passages is not self._read_of:
            self._read_of, self._wordings = passages, wordings(passages)
        return is_one(text, self._wordings)


@asynccontextmanager
async def open_parlour(place: Place, *, render: bool = True) -> AsyncIterator[Parlour]:
    """Start the speech processes that there are models for, and end them again.

    With `render` fixed lines and the shop's own words are rendered when nobody needs the voice. Raises
    ModelsError when the voice detector or the microphone's file cannot be used.
    """
    worker = Worker("microphones")
    files = ModelFiles(place.data, known_models(place.data))
    resident = speech_of(files, place.data)
    voice = speaking_settings(files)
    rendered: Rendered | None = None
    try:
        if voice is not None:
            key = await worker.call(voice_key, voice.voice)
            rendered = Rendered(resident, place.folder / "speech", key)
        try:
            parlour = await worker.call(Parlour, place, worker, rendered or resident, resident)
        except VoiceError as error:
            raise ModelsError(str(error)) from error
        async with resident, asyncio.TaskGroup() as tasks:
            work = [tasks.create_task(parlour.kiosk.sweep())]
            if render and rendered is not None:
                work.append(tasks.create_task(_keep_rendered(rendered, parlour)))
            try:
                yield parlour
            finally:
                for task in work:
                    task.cancel()
    finally:
        await worker.close()


async def _keep_rendered(rendered: Rendered, parlour: Parlour) -> None:
    """Render what the shop says in its own words, whenever that is other than before."""
    await parlour.settled(RENDER_S)
    before: list[str] = []
    while True:
        now = parlour.texts()
        if now != before:
            try:
                await rendered.prepare(now)
                before = now
            except Mute as error:
                log.warning("voice.not_rendered", why=str(error))
        await asyncio.sleep(RENDER_S)
