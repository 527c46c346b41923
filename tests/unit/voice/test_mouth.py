"""How much of what is said was heard."""

import asyncio

import pytest

from shopbell.voice.mouth import Mouth, Order, Piece
from tests.fakes import clock
from tests.fakes.media import FakeMedia
from tests.fakes.speech import ScriptedSpeech

TEXT = "One two three four five six seven eight. Nine ten eleven twelve."


@pytest.mark.parametrize(("until", "heard"), [(0.0, ""), (1.0, "a b"), (1.99, "a b c d"), (2.0, "a b c d")])
def test_a_piece_knows_its_words(until: float, heard: str) -> None:
    """The words that were over when the sound stopped are those that were heard."""
    piece = Piece(Order("a b c d", "r"), 0.0)
    piece.length_s, piece.whole = 2.0, True
    assert piece.heard(until) == heard


@pytest.mark.parametrize("after", [0.0, 0.5, 1.3, 2.9, 3.5])
def test_a_cut_tells_what_was_heard_of_a_reply(after: float) -> None:
    """What is told is always the beginning of the reply, and grows with time."""

    async def main() -> dict[str, str]:
        mouth = Mouth(ScriptedSpeech(), FakeMedia(), mute=lambda _error: None)
        task = asyncio.create_task(mouth.run())
        mouth.say(TEXT, "r")
        await asyncio.sleep(after)
        heard = await mouth.cut()
        assert not mouth.busy
        task.cancel()
        return heard

    heard = clock.run(main())["r"]
    assert TEXT.startswith(heard)
    assert len(heard) <= len(TEXT) * (after + 0.1) / 3.8


def test_what_was_heard_to_its_end_is_not_cut() -> None:
    """A reply that was over is not among the cut ones."""

    async def main() -> dict[str, str]:
        mouth = Mouth(ScriptedSpeech(), FakeMedia(), mute=lambda _error: None)
        task = asyncio.create_task(mouth.run())
        mouth.say("Short.", "r")
        await asyncio.sleep(2.0)
        heard = await mouth.cut()
        task.cancel()
        return heard

    assert clock.run(main()) == {}
