"""A kiosk before the real server and the real conversations, with a scripted ladder, ears and voice."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa
from msgspec.structs import replace

from shopbell.assistant.conversations import Conversations
from shopbell.assistant.counter import Counter
from shopbell.assistant.kiosk import Kiosk as KioskSettings
from shopbell.assistant.settings import Settings
from shopbell.assistant.web.app import DEFAULTS, create_app
from shopbell.assistant.web.limits import Limits
from shopbell.storage.worker import Worker
from shopbell.voice.ears import Ears
from shopbell.voice.kiosk import Kiosk, router
from shopbell.voice.speech import Speech
from tests.fakes.ladder import Script, ScriptedLadder, at_once
from tests.fakes.service import desk
from tests.fakes.speech import LoudnessActivity, ScriptedSpeech
from tests.fakes.web import NOON, SETTINGS, serving

PHONE = "http://192.168.1.20:8000"


class Parlour:
    """Everything a test may look into."""

    def __init__(self, engine: sa.Engine, speech: Speech, script: Script, settings: Settings) -> None:
        self.worker = Worker("parlour")
        self.ladder = ScriptedLadder(script)
        self.conversations: Conversations
        self.counter: Counter
        self.conversations, self.counter, self.rooms = desk(engine, self.ladder, worker=self.worker)
        self.speech = speech
        self.engine = engine
        ids = itertools.count(1)
        self.kiosk = Kiosk(
            conversations=self.conversations,
            speech=speech,
            ears=lambda: Ears(speech, LoudnessActivity(), self.worker),
            settings=settings.kiosk,
            clock=lambda: asyncio.get_running_loop().time(),
            new_id=lambda: f"code-{next(ids)}",
        )


@asynccontextmanager
async def open_parlour(
    engine: sa.Engine,
    folder: Path,
    *,
    speech: Speech | None = None,
    script: Script = at_once,
    address: str = PHONE,
    limits: Limits = DEFAULTS,
    port: int = 0,
) -> AsyncIterator[tuple[Parlour, str]]:
    """Serve a kiosk meanwhile; yields it and the server's `host:port`."""
    settings = replace(SETTINGS, kiosk=KioskSettings(address=address))
    parlour = Parlour(engine, speech or ScriptedSpeech(), script, settings)
    app = create_app(
        parlour.conversations,
        settings,
        folder,
        limits=limits,
        now=lambda: NOON,
        more=(router(parlour.kiosk),),
    )
    async with parlour.conversations, serving(app, port) as host:
        yield parlour, host
    await parlour.worker.close()
