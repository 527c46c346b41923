"""One microphone's frames, and what the engines are given of them."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from shopbell.voice.audio import Frames, seconds
from shopbell.voice.ears import Ears
from shopbell.voice.endpointing import FRAME_S
from shopbell.voice.shortening import LEFT_S
from shopbell.voice.sounds import Ended, Sound
from shopbell.voice.speech import RATE
from tests.fakes.clock import InlineWorker
from tests.fakes.speech import LoudnessActivity, ScriptedSpeech, silence, tone


async def spoken(*parts: bytes) -> AsyncGenerator[bytes, None]:
    for frame in Frames().cut(b"".join(parts)):
        yield frame
        await asyncio.sleep(0)


async def heard(speech: ScriptedSpeech, *parts: bytes) -> list[str]:
    """Return the words of each turn that ended."""
    words: list[str] = []

    async def take(sound: Sound) -> None:
        if isinstance(sound, Ended):
            words.append((await sound.guess).text)

    await Ears(speech, LoudnessActivity(), InlineWorker()).listen(spoken(*parts), take)
    return words


async def test_who_asks_a_known_question_waits_less() -> None:
    """The ears are told which questions the shop knows; a turn of other words waits as ever."""
    waits = []
    for known in ("Can I return it", "Where is it"):
        ears = Ears(
            ScriptedSpeech("Can I return it"),
            LoudnessActivity(),
            InlineWorker(),
            known=known.__eq__,
        )
        ended: list[float] = []

        async def take(sound: Sound, ears: Ears = ears, ended: list[float] = ended) -> None:
            if isinstance(sound, Ended):
                ended.append(ears._turns.now_s)

        await ears.listen(spoken(said(1.0), silence(3.0)), take)
        waits.append(ended[0] - 1.0)
    assert waits[0] < 0.6
    assert waits[1] > 1.2


async def stalled(*parts: bytes) -> AsyncGenerator[bytes, None]:
    """Yield the frames, none for two hundred turns of the loop, and one more."""
    async for frame in spoken(*parts):
        yield frame
    for _ in range(200):
        await asyncio.sleep(0)
    yield next(iter(Frames().cut(silence(1.0))))


async def test_a_turn_is_over_when_its_words_are_there_and_not_a_frame_later() -> None:
    """The words tell that a sentence has ended: nobody waits for another frame of silence to say so."""
    ears = Ears(ScriptedSpeech("Where is it?"), LoudnessActivity(), InlineWorker())
    told: list[tuple[str, float]] = []

    async def take(sound: Sound) -> None:
        told.append((type(sound).__name__, ears._turns.now_s))

    await ears.listen(stalled(said(30 * FRAME_S), silence(2 * FRAME_S)), take)
    assert [name for name, _ in told][-2:] == ["Paused", "Ended"]
    assert told[-1][1] == told[-2][1]


async def test_what_goes_wrong_at_the_end_of_a_turn_is_not_lost() -> None:
    """Whoever takes the end between two frames fails as one who takes it with a frame."""

    async def take(sound: Sound) -> None:
        if isinstance(sound, Ended):
            raise ConnectionError("the socket is gone")

    ears = Ears(ScriptedSpeech("Where is it?"), LoudnessActivity(), InlineWorker())
    with pytest.raises(ConnectionError):
        await ears.listen(stalled(said(30 * FRAME_S), silence(2 * FRAME_S)), take)


def said(length_s: float) -> bytes:
    return tone(length_s, rate=RATE)


async def test_a_pause_for_thought_is_cut_short_before_it_is_heard() -> None:
    """After "can I return" and a second of silence the engines hear the whole turn, as if said in one go."""
    speech = ScriptedSpeech("Can I return", "Can I return a grinder?")
    turns = await heard(speech, silence(1.0), said(1.0), silence(1.0), said(1.0), silence(2.0))
    assert turns == ["Can I return a grinder?"]
    first, whole = (seconds(asked) for asked in speech.asked)
    assert whole == pytest.approx(first + 1.0 + LEFT_S, abs=2 * FRAME_S)
