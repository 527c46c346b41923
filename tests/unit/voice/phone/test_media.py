"""Media over RTP, tick by tick: what is sent, what was heard of it, and what the ears get."""

import asyncio

from shopbell.voice.audio import first_audible, seconds
from shopbell.voice.phone.media import GRACE_S, LINE_RATE, SILENCE, TICK, PhoneMedia
from shopbell.voice.phone.quality import Gauge
from shopbell.voice.speech import FRAME, RATE, SAMPLE
from tests.fakes import clock
from tests.fakes.speech import SPEECH_RATE, tone


class Wire:
    """Writes down what would be sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send_audio_pcm_auto(self, pcm: bytes) -> int:
        self.sent.append(pcm)
        return 0


def media() -> tuple[PhoneMedia, Wire, Gauge]:
    wire, gauge = Wire(), Gauge()
    return PhoneMedia(wire, SPEECH_RATE, gauge, lambda: None), wire, gauge


def ticks(line: PhoneMedia, count: int) -> None:
    for _ in range(count):
        line.tick()


def test_the_line_is_never_without_packets() -> None:
    """With nothing to say silence is sent, 20 ms at each tick."""
    line, wire, _ = media()
    ticks(line, 10)
    assert wire.sent == [SILENCE] * 10


def test_what_is_played_is_sent_at_the_lines_rate() -> None:
    """A second of speech is fifty packets of 20 ms, and then it is silent again."""

    async def main() -> None:
        line, wire, _ = media()
        await line.play(tone(1.0))
        assert abs(line.left_s - 1.0) < 0.01
        ticks(line, 60)
        loud = [first_audible(sound) is not None for sound in wire.sent]
        assert sum(loud) in {50, 51}
        assert not any(loud[52:])
        assert all(len(sound) == TICK for sound in wire.sent)

    asyncio.run(main())


def test_only_what_was_sent_counts_as_heard() -> None:
    """Clearing in the middle of speech tells how much of it went out, and the rest never does."""

    async def main() -> None:
        line, wire, _ = media()
        await line.play(tone(1.0))
        ticks(line, 20)
        assert abs(await line.clear() - 0.4) < 0.001
        ticks(line, 5)
        assert wire.sent[-5:] == [SILENCE] * 5
        assert line.left_s == line.heard_s == 0.0

    asyncio.run(main())


def test_held_speech_goes_on_where_it_stopped() -> None:
    """While held, silence is sent and nothing counts as heard."""

    async def main() -> None:
        line, wire, _ = media()
        await line.play(tone(0.4))
        ticks(line, 5)
        await line.hold()
        ticks(line, 5)
        assert wire.sent[-5:] == [SILENCE] * 5
        assert abs(line.heard_s - 0.1) < 0.001
        await line.resume()
        line.park(parked=True)
        ticks(line, 1)
        assert wire.sent[-1] == SILENCE
        line.park(parked=False)
        ticks(line, 1)
        assert first_audible(wire.sent[-1]) is not None

    asyncio.run(main())


def test_playing_waits_while_enough_waits() -> None:
    """Of a long speech only what is needed is taken; the rest waits for the line."""

    async def main() -> None:
        line, _, _ = media()
        task = asyncio.create_task(line.play(tone(3.0)))
        await asyncio.sleep(0.1)
        assert not task.done()
        ticks(line, 40)
        await asyncio.sleep(0.1)
        assert task.done()

    clock.run(main())


def test_the_ears_get_frames_of_their_own_rate() -> None:
    """What comes at 8 kHz is given on at 16 kHz, in frames of 32 ms."""

    async def main() -> None:
        line, _, _ = media()
        for at in range(0, LINE_RATE * SAMPLE, TICK):
            line.take(tone(1.0, rate=LINE_RATE)[at : at + TICK])
        line.close()
        heard = [frame async for frame in line.frames()]
        assert {len(frame) for frame in heard} == {FRAME * SAMPLE}
        loud = [frame for frame in heard if first_audible(frame) is not None]
        assert 0.9 < sum(seconds(frame, RATE) for frame in loud) <= 1.0

    clock.run(main())


def test_a_caller_who_sends_nothing_is_silent() -> None:
    """Without packets the ears get silence, so that a turn ends all the same."""

    async def main() -> None:
        line, _, _ = media()
        ticks(line, 53)
        line.close()
        frames = [frame async for frame in line.frames()]
        assert abs(len(frames) * FRAME / RATE - 1.0 - GRACE_S) < 0.1

    clock.run(main())


def test_a_dead_line_is_told() -> None:
    """Seconds without packets are counted, except on hold."""
    line, _, _ = media()
    ticks(line, 100)
    assert abs(line.silent_s - 2.0) < 0.001
    line.park(parked=True)
    assert line.silent_s == 0.0


def test_speech_over_speech_is_measured() -> None:
    """The gauge tells how long both spoke, how loud the caller was, and the longest silence."""

    async def main() -> None:
        line, _, gauge = media()
        ticks(line, 25)
        await line.play(tone(1.0))
        loud = tone(0.02, rate=LINE_RATE)
        for _ in range(20):
            line.tick()
            line.take(loud)
        found = gauge.figures({"packets_received": 95, "packets_lost": 5}, 1.2, 3)
        assert abs(found.talk_over_s - 0.4) < 0.03
        assert found.lost_percent == 5.0
        assert -20 < found.loudness_db < -10
        assert abs(found.longest_silence_s - 0.5) < 0.03
        assert (found.jitter_ms, found.strangers) == (1.2, 3)

    asyncio.run(main())


def test_a_murmur_sounds_beside_speech_and_counts_for_nothing() -> None:
    """A tone is heard at once, alone or mixed into speech, and no word counts as heard for it."""

    async def main() -> None:
        line, wire, _ = media()
        line.murmur(tone(0.2))
        ticks(line, 20)
        assert sum(first_audible(sound) is not None for sound in wire.sent) in {10, 11}
        assert line.heard_s == 0
        await line.play(tone(0.4))
        line.murmur(tone(0.2))
        ticks(line, 25)
        assert abs(line.heard_s - 0.4) < 0.01
        assert seconds(b"".join(wire.sent), LINE_RATE) == 45 * 0.02

    asyncio.run(main())


def test_what_a_stalled_network_gives_at_once_is_heard_in_full() -> None:
    """Three seconds of speech that come in one moment reach the ears from the first word on."""

    async def main() -> None:
        line, _, _ = media()
        for _ in range(150):
            line.take(tone(0.02, rate=LINE_RATE))
        line.close()
        heard = b"".join([frame async for frame in line.frames()])
        loud = [
            first_audible(heard[at : at + FRAME * SAMPLE]) is not None for at in range(0, len(heard), 1024)
        ]
        assert sum(loud) * FRAME / RATE > 2.9

    asyncio.run(main())
