"""What is prepared is read from disk."""

from contextlib import aclosing
from pathlib import Path

import pytest

from shopbell.voice.errors import Mute
from shopbell.voice.rendered import Rendered, voice_key
from shopbell.voice.speech import Speech
from tests.fakes.speech import ScriptedSpeech


async def said(speech: Speech, text: str, pace: float = 1.0) -> bytes:
    async with aclosing(speech.say(text, pace=pace)) as sounds:
        return b"".join([sound async for sound in sounds])


def sizes(folder: Path) -> list[int]:
    return [file.stat().st_size for file in folder.iterdir()]


async def test_prepared_pieces_need_no_engine(tmp_path: Path) -> None:
    """What was published sounds the same from disk, even when the voice is away."""
    engine = ScriptedSpeech()
    speech = Rendered(engine, tmp_path / "said", "joe")
    live = await said(speech, "We open at nine, every day.")
    assert await speech.prepare(["We open at nine, every day. See you!"]) == 3
    engine.said.clear()
    engine.mute = Mute("gone")
    assert await said(speech, "We open at nine,") + await said(speech, "every day.") == live
    assert engine.said == []
    with pytest.raises(Mute):
        await said(speech, "Something else.")


async def test_another_voice_or_pace_is_spoken_anew(tmp_path: Path) -> None:
    """A kept sound belongs to its voice, and to the usual pace."""
    engine = ScriptedSpeech()
    await Rendered(engine, tmp_path, "joe").prepare(["Hello."])
    engine.said.clear()
    await said(Rendered(engine, tmp_path, "ann"), "Hello.")
    await said(Rendered(engine, tmp_path, "joe"), "Hello.", pace=0.8)
    assert engine.said == ["Hello.", "Hello."]


async def test_publishing_again_drops_what_is_no_longer_said(tmp_path: Path) -> None:
    """An old answer's sound does not stay on the disk; what stayed is not rendered again."""
    engine = ScriptedSpeech()
    speech = Rendered(engine, tmp_path, "joe")
    await speech.prepare(["Old.", "Kept."])
    engine.said.clear()
    assert await speech.prepare(["Kept.", "New."]) == 2
    assert engine.said == ["New."]
    assert len(sizes(tmp_path)) == 2


async def test_the_folder_is_bounded(tmp_path: Path) -> None:
    """Past the bound the rest is spoken live."""
    speech = Rendered(ScriptedSpeech(), tmp_path, "joe", most=40_000)
    kept = await speech.prepare([f"Line number {n}." for n in range(20)])
    assert kept == 1
    assert sum(sizes(tmp_path)) <= 40_000


def test_a_voice_is_named_by_its_file(tmp_path: Path) -> None:
    """Another file is another voice."""
    (tmp_path / "a.onnx").write_bytes(b"a")
    (tmp_path / "b.onnx").write_bytes(b"b")
    assert voice_key(tmp_path / "a.onnx") != voice_key(tmp_path / "b.onnx")
