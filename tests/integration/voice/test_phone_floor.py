"""The rules of the floor hold on the telephone: the same state machine, with a call beside it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant

from shopbell.assistant import wire
from shopbell.voice import phrases
from shopbell.voice.ears import Ears
from shopbell.voice.phone.session import PhoneSession
from shopbell.voice.session import Parts
from tests.fakes.clock import InlineWorker
from tests.fakes.media import FakeMedia
from tests.fakes.speech import LoudnessActivity, ScriptedSpeech
from tests.integration.assistant.test_floor_machine import FloorMachine

ASSISTANTS = (
    "Well,",
    "yes.",
    "I let them know.",
    "I do not know.",
    "You may.",
    phrases.ON_IT,
)
"""What only the assistant says in these conversations."""


class Silent(FakeMedia):
    """A caller who says nothing: the machine types for them."""

    async def frames(self) -> AsyncGenerator[bytes, None]:
        await asyncio.Event().wait()
        yield b""


class Witnessed(ScriptedSpeech):
    """Writes down who held the floor when each piece was begun."""

    def __init__(self) -> None:
        super().__init__()
        self.session: PhoneSession | None = None
        self.over_staff: list[str] = []
        self.pieces = 0

    async def say(self, text: str, *, pace: float = 1.0) -> AsyncGenerator[bytes, None]:
        self.pieces += 1
        if self.session is not None and self.session.holder == "staff" and text.startswith(ASSISTANTS):
            self.over_staff.append(text)
        async with aclosing(super().say(text, pace=pace)) as sounds:
            async for sound in sounds:
                yield sound


class PhoneFloorMachine(FloorMachine):
    """Speaks every conversation on a call."""

    channel = "phone"

    def watch(self) -> None:
        """Follow as a page does, and as a call does."""
        super().watch()
        self.speech = Witnessed()

        async def begin() -> asyncio.Task[object]:
            self.media = Silent(until=1e9)
            parts = Parts(
                conversations=self.shop,
                speech=self.speech,
                media=self.media,
                ears=Ears(self.speech, LoudnessActivity(), InlineWorker()),
                show=_shown,
                clock=asyncio.get_running_loop().time,
                new_key=self.key,
                manner=phrases.ON_PHONE,
            )
            self.speech.session = PhoneSession(
                parts, self.media, self.opened.conversation, floor=self.changed
            )
            return asyncio.create_task(self.speech.session.run(greet=False))

        self.call = self.run(begin())

    def changed(self, change: wire.FloorChanged) -> None:
        """Note what still sounds once a person has the floor."""
        if change.holder == "staff" and self.media.left_s > 0:
            self.speech.over_staff.append("sound that was under way")

    def leave(self) -> None:
        """Hang up, too."""

        async def hang_up() -> None:
            self.call.cancel()
            await asyncio.wait([self.call])

        self.run(hang_up())
        super().leave()

    @invariant()
    def the_assistants_voice_is_silent_while_staff_hold_the_floor(self) -> None:
        assert self.speech.over_staff == []


async def _shown(_frame: object) -> None:
    """Show nothing: a telephone has no screen."""


TestPhoneFloor = PhoneFloorMachine.TestCase
TestPhoneFloor.settings = settings(
    max_examples=5,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
