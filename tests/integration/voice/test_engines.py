"""The real ears and the real voice, in their processes, on the voice's own words."""

import os
import wave
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from shopbell.models.custom import known_models
from shopbell.models.files import ModelFiles, data_folder
from shopbell.voice.audio import Frames, first_audible, seconds
from shopbell.voice.endpointing import Endpointing, SpeechStarted
from shopbell.voice.equipment import speech_of
from shopbell.voice.resampling import resampled
from shopbell.voice.resident import ResidentSpeech
from shopbell.voice.speech import RATE, SAMPLE, Speech, Transcript
from shopbell.voice.vad import Silero, silero_file
from tests.fakes.speech import ScriptedSpeech, silence

pytestmark = [pytest.mark.model, pytest.mark.slow]
PAUSE_S = 0.1
"""Seconds of silence after which the ears ask whether the speaker has finished."""
SILLY = Path(__file__).parents[2] / "data" / "speech" / "silly.wav"
"""A person reads: "You don't mean that you thought me so silly?" """
QUESTION = "Are you open on Sunday, and at what time do you close?"


@pytest.fixture(params=["real", "scripted"])
async def speech(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Speech]:
    """Give both kinds of ears and voice: they keep the same contract."""
    if request.param == "scripted":
        yield ScriptedSpeech(QUESTION, QUESTION)
        return
    async with _real(tmp_path) as real:
        yield real


def _real(data: Path) -> ResidentSpeech:
    here = data_folder(os.environ, Path.home())
    speech = speech_of(ModelFiles(here, known_models(here)), data)
    if speech.hearing_state is None or speech.speaking_state is None:
        pytest.skip("the speech models are not here; run `shopbell models fetch`")
    return speech


async def _said(speech: Speech, text: str) -> bytes:
    async with aclosing(speech.say(text)) as sounds:
        return resampled(b"".join([sound async for sound in sounds]), speech.speech_rate, RATE)


async def _closes(speech: Speech, sound: bytes) -> float:
    async with aclosing(speech.consider(sound)) as answers:
        *_, words = [answer async for answer in answers]
    assert isinstance(words, Transcript)
    return words.closes


async def test_what_is_said_is_heard(speech: Speech) -> None:
    """A sentence goes out as sound without silence before it, and comes back as words; noise has none."""
    if isinstance(speech, ResidentSpeech):
        assert await speech.ready(300)
    sound = await _said(speech, QUESTION)
    assert 1.0 < seconds(sound) < 6.0
    assert (first_audible(sound) or 0) < 0.05 * RATE
    heard = await speech.hear(sound, hints=("grinder",))
    assert "sunday" in heard.text.lower()
    assert heard.confidence > 0.3
    assert heard.seconds == pytest.approx(seconds(sound))
    if isinstance(speech, ResidentSpeech):
        assert (await speech.hear(silence(2.0))).text == ""


async def test_part_of_a_sentence_is_not_a_turn(tmp_path: Path) -> None:
    """The ears are surer of a sentence end after what a person read than within its last words."""
    with wave.open(str(SILLY)) as file:
        read = file.readframes(file.getnframes())
    cut = int(0.7 * len(read) / SAMPLE) * SAMPLE
    pause = silence(PAUSE_S)
    async with _real(tmp_path) as speech:
        assert await speech.ready(300)
        whole, half = await _closes(speech, read + pause), await _closes(speech, read[:cut] + pause)
    assert half + 0.1 < whole


async def test_the_voice_is_speech_to_the_activity_model(tmp_path: Path) -> None:
    """Silero takes the voice for speech, and silence for none."""
    async with _real(tmp_path) as speech:
        assert await speech.ready(300)
        sound = await _said(speech, QUESTION)
    ear = Silero(silero_file()).ear()
    spoken = [ear.heard(frame) for frame in Frames().cut(sound)]
    still = [ear.heard(frame) for frame in Frames().cut(silence(2.0))]
    assert sum(p > 0.5 for p in spoken) > 0.6 * len(spoken)
    assert max(still[20:]) < 0.35


async def test_a_long_silence_does_not_deafen_the_activity_model(tmp_path: Path) -> None:
    """After a minute of silence a short sentence on a telephone line begins a turn, and in time."""
    async with _real(tmp_path) as speech:
        assert await speech.ready(300)
        said = [await _said(speech, text) for text in ("Where can I park?", "When are you open?", "Goodbye.")]
    silero = Silero(silero_file())
    for sound in said:
        ear, ends = silero.ear(), Endpointing()
        for frame in Frames().cut(silence(60.0)):
            assert not ends.heard(ear.heard(frame))
        line = resampled(resampled(sound, RATE, 8_000), 8_000, RATE)
        begun = [event for frame in Frames().cut(line) for event in ends.heard(ear.heard(frame))]
        assert begun
        assert isinstance(begun[0], SpeechStarted)
        assert begun[0].at_s < 60.5
