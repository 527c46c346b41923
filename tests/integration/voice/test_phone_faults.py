"""One thing fails in a call: a caller is never left in silence for two seconds, nor without a goodbye."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from shopbell.assistant.turn import Answer
from shopbell.voice.audio import first_audible
from shopbell.voice.errors import Deaf, Mute
from shopbell.voice.phone import guard, lines
from shopbell.voice.phrases import ON_PHONE, SLOW
from tests.fakes.ladder import Wait
from tests.fakes.phone import Phone, a_phone, open_shop, until
from tests.fakes.speech import ScriptedSpeech

MOST_S = 2.0
BLOCK = 2 * 160


@pytest.fixture(autouse=True)
def quick_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the scripted voice speak six times as fast as a person."""
    monkeypatch.setattr("tests.fakes.speech.SECONDS_A_LETTER", 0.01)


def silences(phone: Phone, start: int) -> float:
    """Return the longest silence that the caller heard since, in seconds of received sound."""
    heard, longest, run = bytes(phone.heard[start:]), 0, 0
    for at in range(0, len(heard), BLOCK):
        run = 0 if first_audible(heard[at : at + BLOCK], over=0.005) is not None else run + 1
        longest = max(longest, run)
    return longest * 0.02


async def greeted(phone: Phone, address: tuple[str, int]) -> None:
    await phone.dial(address)
    await phone.hears_something()
    await phone.hears_silence()


async def test_a_slow_model_is_bridged(engine: sa.Engine, tmp_path: Path) -> None:
    """While an answer takes eleven seconds the caller hears a filler, tones, and that it takes longer."""

    def slow(_turn: object) -> list[Answer | Wait]:
        return [Wait(11.0), Answer(text="Yes, we do.", rung="model")]

    speech = ScriptedSpeech(*["Do you sell tea?"] * 4)  # a starved line may be heard in pieces
    async with open_shop(engine, tmp_path, speech, script=slow) as front, a_phone() as phone:
        await greeted(phone, front.office.address)
        await phone.speak(0.8)
        start = len(phone.heard)
        await until(lambda: "we do." in " ".join(speech.said), 40)
        assert SLOW.split(".", maxsplit=1)[0] in " ".join(speech.said)
        # what ends a turn takes its own time: it is no part of the wait
        assert silences(phone, start) <= MOST_S + 0.3
        phone.hang_up()
        await until(lambda: front.office.switchboard.calm)


async def test_a_voice_that_goes_away_comes_back_with_what_it_had_to_say(
    engine: sa.Engine, tmp_path: Path
) -> None:
    """While the voice's process is dead the caller hears tones; then an apology, and the answer."""
    speech = ScriptedSpeech(*["Do you sell tea?"] * 4)  # a starved line may be heard in pieces
    async with open_shop(engine, tmp_path, speech) as front, a_phone() as phone:
        await greeted(phone, front.office.address)
        speech.mute = Mute("the worker died")
        await phone.speak(0.8)
        start = len(phone.heard)
        await asyncio.sleep(5.0)
        speech.mute = None
        await until(lambda: "About Do you sell tea?" in " ".join(speech.said).partition("voice was gone")[2])
        assert silences(phone, start) <= MOST_S + 0.3
        phone.hang_up()
        await until(lambda: front.office.switchboard.calm)


async def test_a_voice_that_stays_away_ends_the_call_in_order(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a voice the call ends with a BYE, the apology that lay ready, and a row that says why."""
    monkeypatch.setattr(guard, "GIVE_UP_S", 1.0)
    speech = ScriptedSpeech(*["Do you sell tea?"] * 4)  # a starved line may be heard in pieces
    async with open_shop(engine, tmp_path, speech) as front, a_phone() as phone:
        await greeted(phone, front.office.address)
        speech.mute = Mute("the worker died")
        await phone.speak(0.8)
        await asyncio.wait_for(phone.ended.wait(), 30)
        await until(lambda: front.office.switchboard.calm)
        assert front.book.latest()[0].ended == "fault"
        assert lines.FAULT in speech.said


async def test_ears_that_fail_are_told_of_each_time(engine: sa.Engine, tmp_path: Path) -> None:
    """Who is not heard is told so, again and again, and that keys work; and they do."""
    speech = ScriptedSpeech(*[Deaf("the worker died")] * 6)
    async with open_shop(engine, tmp_path, speech) as front, a_phone() as phone:
        await greeted(phone, front.office.address)
        told = ON_PHONE.deaf.split(",", maxsplit=1)[0]
        for times in (1, 2):
            await phone.speak(0.8)
            await until(lambda n=times: " ".join(speech.said).count(told) >= n)  # type: ignore[misc]
            await phone.hears_silence()
        await phone.press("1")
        await until(lambda: "About When are you open?" in speech.said)
        phone.hang_up()
        await until(lambda: front.office.switchboard.calm)


async def test_a_network_that_stalls_for_three_seconds_ends_nothing(
    engine: sa.Engine, tmp_path: Path
) -> None:
    """Nothing comes from the caller for three seconds: the call stands, and the next words are heard."""
    speech = ScriptedSpeech(*["Do you sell tea?"] * 4)  # a starved line may be heard in pieces
    async with open_shop(engine, tmp_path, speech) as front, a_phone() as phone:
        await greeted(phone, front.office.address)
        async with phone._speaking:
            await asyncio.sleep(3.0)
        await phone.speak(0.8)
        await until(lambda: "About Do you sell tea?" in speech.said)
        phone.hang_up()
        await until(lambda: front.office.switchboard.calm)
        assert front.book.latest()[0].quality.lost_percent == 0
