"""Sound as bytes."""

import contextlib
import io
import math
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.voice import audio
from shopbell.voice.errors import BadAudio
from shopbell.voice.resampling import Resampler, resampled
from tests.fakes.speech import silence, tone


def test_loudness_is_in_decibels_below_full_scale() -> None:
    """A full sine is 3 dB below full scale; silence is at the bottom."""
    assert audio.loudness(tone(1.0, level=32_767)) == pytest.approx(-3.01, abs=0.02)
    assert audio.loudness(silence(0.1)) == audio.QUIETEST_DB
    assert audio.loudness(b"") == audio.QUIETEST_DB


def test_the_first_audible_sample_is_found() -> None:
    """Silence before a sound is counted in samples."""
    at = audio.first_audible(silence(0.1) + tone(0.1, rate=16_000))
    assert at is not None
    assert 1_600 <= at <= 1_610
    assert audio.first_audible(silence(1.0)) is None


def test_trimming_keeps_a_little_silence_on_both_sides() -> None:
    """What is kept before and after the sound is as long as asked."""
    sound = silence(0.5) + tone(0.5, rate=16_000) + silence(0.5)
    kept = audio.trimmed(sound, 16_000, lead_s=0.01, tail_s=0.2)
    assert audio.seconds(kept) == pytest.approx(0.71, abs=0.005)
    assert audio.trimmed(silence(1.0), 16_000, lead_s=0.1, tail_s=0.1) == b""


def test_half_a_sample_is_refused() -> None:
    """An odd number of bytes is no sound."""
    with pytest.raises(BadAudio, match="end within a sample"):
        audio.floats(b"\0\0\0")


def test_mu_law_keeps_the_sound_and_is_its_own_inverse() -> None:
    """Coding what was decoded gives the same byte, but for negative zero; a tone stays clear."""
    coded = bytes(code for code in range(256) if code != 0x7F)
    assert audio.to_mu_law(audio.from_mu_law(coded)) == coded
    sound = tone(0.5)
    left = audio.floats(audio.from_mu_law(audio.to_mu_law(sound))) - audio.floats(sound)
    assert 10 * math.log10(np.mean(audio.floats(sound) ** 2) / np.mean(left**2)) > 35
    assert audio.to_mu_law(bytes(2)) == b"\xff"


@given(
    cuts=st.lists(st.integers(1, 3_000), min_size=1, max_size=12),
    rates=st.sampled_from([(22_050, 16_000), (8_000, 16_000), (16_000, 8_000), (48_000, 16_000)]),
)
def test_a_stream_is_resampled_as_the_whole_is(cuts: list[int], rates: tuple[int, int]) -> None:
    """However a stream is cut, the pieces make the same sound as the whole."""
    source, target = rates
    sound = tone(sum(cuts) / source, rate=source)
    stream, at, out = Resampler(source, target), 0, b""
    for cut in cuts:
        out += stream.feed(sound[at : at + 2 * cut])
        at += 2 * cut
    out += stream.feed(sound[at:]) + stream.flush()
    whole = resampled(sound, source, target)
    assert len(out) == len(whole)
    assert np.abs(audio.floats(out) - audio.floats(whole)).max(initial=0) < 2e-4


def test_frames_wait_for_the_rest() -> None:
    """Frames come whole, wherever the stream is cut."""
    frames = audio.Frames()
    assert list(frames.cut(bytes(1_000))) == []
    assert [len(frame) for frame in frames.cut(bytes(2_000))] == [1_024, 1_024]


def test_a_wav_file_goes_both_ways() -> None:
    """What was written is read again, with its rate."""
    sound = tone(0.2)
    assert audio.read_wav(audio.write_wav(sound, 22_050), "a.wav") == (sound, 22_050)


def test_stereo_of_8_bits_is_mixed_to_mono() -> None:
    """Other widths and channels are brought to int16 mono."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(1)
        writer.setframerate(8_000)
        writer.writeframes(bytes([128, 128, 255, 255]))
    sound, rate = audio.read_wav(file.getvalue(), "b.wav")
    assert rate == 8_000
    assert np.frombuffer(sound, "<i2").tolist() == [0, 32_512]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no WAV file"),
        (b"OggS" + bytes(60), "no WAV file"),
        (audio.write_wav(b"", 16_000), "holds no sound"),
        (audio.write_wav(bytes(200), 900), "900 Hz"),
        (audio.write_wav(bytes(200), 16_000)[:30], "no WAV file"),
    ],
)
def test_a_bad_file_is_named_with_what_to_do(data: bytes, words: str) -> None:
    """The message names the file and the fault."""
    with pytest.raises(BadAudio, match=f"turn.wav: .*{words}"):
        audio.read_wav(data, "turn.wav")


@given(st.binary(max_size=400))
def test_no_bytes_do_worse_than_be_refused(data: bytes) -> None:
    """Whatever is given as a WAV file is read or refused."""
    whole = audio.write_wav(tone(0.01), 16_000)
    for file in (data, whole[:20] + data, whole[:40] + data):
        with contextlib.suppress(BadAudio):
            assert audio.read_wav(file, "x.wav")[1] > 0
