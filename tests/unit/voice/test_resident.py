"""Ears and voice in their processes."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from shopbell.models.launch import Patience
from shopbell.voice.condition import condition
from shopbell.voice.errors import Deaf, Mute
from shopbell.voice.phone.registrar import Standing
from shopbell.voice.phone.standing import note_standing
from shopbell.voice.requests import HearingSettings, Number, SpeakingSettings
from shopbell.voice.resident import ResidentSpeech
from tests.fakes.speech import silence

HEARING = HearingSettings(whispers=(Path("a"),), turn=None, data=Path("b"))
SPEAKING = SpeakingSettings(voice=Path("c"))
FACTORIES = ("tests.fakes.speech_hosts:hearing", "tests.fakes.speech_hosts:speaking")


@pytest.fixture
async def speech(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ResidentSpeech]:
    """Give ears and voice that stand."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    patience = Patience(first_pause_s=0.05)
    async with ResidentSpeech(HEARING, SPEAKING, patience=patience, factories=FACTORIES) as speech:
        assert await speech.ready()
        yield speech


async def test_turns_are_heard_and_judged(speech: ResidentSpeech, tmp_path: Path) -> None:
    """Audio, hints and lengths reach the engine; a pause has two answers, the verdict first."""
    heard = await speech.hear(silence(1.5), hints=("grinder",))
    assert heard.text == "1.5 seconds grinder"
    async with aclosing(speech.consider(silence(4.0), hints=("grinder",))) as answers:
        verdict, words = [answer async for answer in answers]
    assert (verdict, words) == (0.5, replace(heard, text="4 seconds grinder", seconds=4.0))
    assert (await speech.count(silence(1.0), lengths=(6,))).numbers == (Number("000000", -0.1),)
    assert speech.hearing_facts is not None
    assert "toy, 0.10 s" in speech.hearing_facts.summary
    ears, voice, _ = condition(speech, tmp_path, phone=False)()
    assert (ears.state, ears.how, ears.text) == ("ready", "well", speech.hearing_facts.summary)
    assert (voice.state, voice.how) == ("ready", "well")


async def test_the_voice_stops_when_nobody_listens(speech: ResidentSpeech) -> None:
    """Closing the generator frees the voice for the next sentence."""
    async with aclosing(speech.say("one two " * 500)) as sounds:
        assert await anext(sounds) == b"one"
    async with aclosing(speech.say("three four")) as sounds:
        assert [sound async for sound in sounds] == [b"three", b"four"]
    assert speech.speech_rate == 16_000


async def test_dead_ears_come_back_and_never_take_the_voice_along(speech: ResidentSpeech) -> None:
    """A crash is Deaf for one turn; speaking goes on meanwhile."""
    with pytest.raises(Deaf, match="stopped on the way"):
        await speech.hear(silence(0.5), hints=("die",))
    async with aclosing(speech.say("still here")) as sounds:
        assert [sound async for sound in sounds] == [b"still", b"here"]
    assert await speech.ready()
    assert (await speech.hear(silence(0.5))).text == "0.5 seconds"


async def test_what_is_no_sound_is_refused_and_the_ears_stand(speech: ResidentSpeech) -> None:
    """A refusal ends one job, not the process."""
    with pytest.raises(Deaf, match="no sound"):
        await speech.hear(b"?")
    assert (await speech.hear(silence(0.5))).text == "0.5 seconds"


async def test_without_models_it_is_deaf_and_mute_and_says_what_to_fetch() -> None:
    """A machine without speech models is told which to fetch."""
    async with ResidentSpeech(None, None) as speech:
        assert not await speech.ready()
        with pytest.raises(Deaf, match="models fetch whisper"):
            await speech.hear(silence(0.5))
        with pytest.raises(Mute, match="models fetch piper-joe"):
            await anext(speech.say("hello"))


def test_what_is_not_here_is_told_with_what_to_do(tmp_path: Path) -> None:
    """Without models and with the telephone switched off each says so; a line that broke says why."""
    nothing = ResidentSpeech(None, None)
    ears, voice, phone = condition(nothing, tmp_path, phone=False)()
    assert [part.how for part in (ears, voice, phone)] == ["off", "off", "off"]
    assert "shopbell models fetch whisper" in ears.text
    assert "shopbell models fetch piper" in voice.text
    line = condition(nothing, tmp_path, phone=True)
    assert (line()[2].state, line()[2].how) == ("trying", "amiss")
    note_standing(tmp_path, Standing(state="unreachable", text="No answer."), datetime.now(UTC))
    assert (line()[2].state, line()[2].how, line()[2].text) == ("unreachable", "amiss", "No answer.")
    note_standing(tmp_path, Standing(state="registered", text="as 620."), datetime.now(UTC))
    assert (line()[2].state, line()[2].how, line()[2].text) == ("registered", "well", "as 620.")
