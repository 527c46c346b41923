"""The guard on a clock of the test's own: silence is bridged, and a voice that is away is waited for."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from contextlib import suppress

import pytest

from shopbell.voice.errors import Mute
from shopbell.voice.phone import guard, lines
from tests.fakes import clock
from tests.fakes.media import FakeMedia
from tests.fakes.speech import ScriptedSpeech, tone


class Watched:
    """A guard, and what it does."""

    def __init__(self) -> None:
        self.media = FakeMedia()
        self.speech = ScriptedSpeech()
        self.since: float | None = None
        self.said_again: list[str] = []
        self.guard = guard.Guard(
            self.speech,
            self.media,
            again=self.said_again.append,
            waits=lambda: self.since,
            clock=asyncio.get_running_loop().time,
        )


def watched(scene: Callable[[Watched], Coroutine[None, None, None]]) -> Watched:
    async def main() -> Watched:
        found = Watched()
        watching = asyncio.create_task(found.guard.run())
        await scene(found)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        return found

    return clock.run(main())


def test_who_waits_hears_a_tone_before_two_seconds_are_over() -> None:
    """Ten seconds of waiting, whatever for: no two tones, and no beginning, are two seconds apart."""

    async def scene(found: Watched) -> None:
        await asyncio.sleep(3.0)
        found.since = 3.0
        await asyncio.sleep(10.0)

    tones = watched(scene).media.at("murmur")
    times = [3.0, *tones, 13.0]
    assert all(later - earlier < 2.1 for earlier, later in itertools.pairwise(times))
    assert len(tones) == 5


def test_nothing_sounds_beside_speech_or_for_nobody() -> None:
    """While speech sounds, and while nobody waits, there are no tones."""

    async def scene(found: Watched) -> None:
        await asyncio.sleep(4.0)
        found.since = 0.0
        await found.media.play(tone(4.0))
        await asyncio.sleep(1.0)

    assert watched(scene).media.at("murmur") == []


def test_a_voice_that_comes_back_says_so() -> None:
    """While the voice is away there are tones; when it is back, what it missed is said once."""

    async def scene(found: Watched) -> None:
        found.speech.mute = Mute("the worker died")
        found.guard.muted()
        await asyncio.sleep(5.0)
        found.speech.mute = None
        await asyncio.sleep(5.0)

    found = watched(scene)
    assert found.said_again == [lines.BACK]
    assert len(found.media.at("murmur")) == 2


def test_a_voice_that_stays_away_is_given_up() -> None:
    """After `GIVE_UP_S` the call is told that there is no voice."""

    async def main() -> None:
        found = Watched()
        found.speech.mute = Mute("the worker died")
        found.guard.muted()
        with pytest.raises(ExceptionGroup) as caught:
            await found.guard.run()
        assert caught.group_contains(guard.VoiceAway)
        assert asyncio.get_running_loop().time() >= guard.GIVE_UP_S

    clock.run(main())
