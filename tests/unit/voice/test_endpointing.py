"""Where a turn begins and ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.voice.endpointing import (
    FRAME_S,
    Endpointing,
    Event,
    Manners,
    Pause,
    SpeechResumed,
    SpeechStarted,
    TurnEnded,
)

SPEECH, SILENCE = 0.95, 0.02
PAUSE_S = Manners().pause_s


def listen(ears: Endpointing, probability: float, seconds: float) -> list[Event]:
    return [event for _ in range(round(seconds / FRAME_S)) for event in ears.heard(probability)]


def until_pause(ears: Endpointing) -> Pause:
    """Speak for a second and fall silent until the turn model is asked."""
    assert isinstance(listen(ears, SPEECH, 1.0)[0], SpeechStarted)
    [pause] = listen(ears, SILENCE, PAUSE_S)
    assert isinstance(pause, Pause)
    return pause


def wait_of(ears: Endpointing, spoke_until_s: float) -> float:
    """Be silent until the turn ends; return the wait."""
    for event in listen(ears, SILENCE, 5.0):
        if isinstance(event, TurnEnded):
            return event.at_s - spoke_until_s
    raise AssertionError("the turn never ended")


def test_a_turn_begins_with_what_came_before_it() -> None:
    """The pre-roll is part of the turn, for the first sound is soft."""
    ears = Endpointing()
    listen(ears, SILENCE, 2.0)
    [started] = listen(ears, SPEECH, 0.3)
    assert isinstance(started, SpeechStarted)
    assert started.start_s == pytest.approx(1.5, abs=0.04)
    assert started.at_s == pytest.approx(2.16, abs=0.04)


def test_a_click_is_no_turn() -> None:
    """Less than a sixth of a second of speech begins nothing."""
    ears = Endpointing()
    assert listen(ears, SPEECH, 0.1) + listen(ears, SILENCE, 3.0) == []


def test_a_finished_sentence_ends_at_once() -> None:
    """When the ears are sure that a sentence ends there, nothing is waited for, whatever the melody."""
    ears = Endpointing()
    pause = until_pause(ears)
    ears.judged(pause.number, 0.3)
    ears.understood(pause.number, "Do you sell oat milk?", 0.95)
    assert wait_of(ears, pause.at_s - PAUSE_S) < 0.3


def test_a_verdict_that_ends_the_turn_need_not_wait_for_a_frame() -> None:
    """Between two frames it is over as soon as that is known, once; what is in doubt is not."""
    ears = Endpointing()
    assert ears.due() == ()
    pause = until_pause(ears)
    assert ears.due() == ()
    ears.understood(pause.number, "Do you sell oat milk?", 0.3)
    assert ears.due() == ()
    ears.understood(pause.number, "Do you sell oat milk?", 0.95)
    [ended] = ears.due()
    assert isinstance(ended, TurnEnded)
    assert ended.at_s == pause.at_s
    assert ears.due() == ()


def test_a_stop_that_is_not_sure_ends_nothing() -> None:
    """The mark alone is no end: who may be speaking on is given a second and a half, whatever the melody."""
    ears = Endpointing()
    pause = until_pause(ears)
    ears.judged(pause.number, 0.99)
    ears.understood(pause.number, "You sell oat milk.", 0.4)
    assert wait_of(ears, pause.at_s - PAUSE_S) == pytest.approx(Manners().doubtful_s, abs=0.1)


def test_words_that_come_late_are_not_waited_for_long() -> None:
    """A sure melody ends the turn without the words when they take too long."""
    ears = Endpointing()
    pause = until_pause(ears)
    ears.judged(pause.number, 0.98)
    assert 0.6 < wait_of(ears, pause.at_s - PAUSE_S) < 0.8


def test_the_more_doubt_the_longer_the_wait() -> None:
    """From sure to unsure the wait grows, and is never longer than the longest pause."""
    waits = []
    for closes in (0.98, 0.9, 0.7, 0.4, 0.0):
        ears = Endpointing()
        pause = until_pause(ears)
        ears.understood(pause.number, "I bought it here.", closes)
        waits.append(wait_of(ears, pause.at_s - PAUSE_S))
    assert waits == sorted(waits)
    assert waits[0] < waits[-1] <= Manners().longest_pause_s + 0.1


def test_a_question_the_shop_knows_is_over_sooner() -> None:
    """Word for word a question of the shop's own: who asks it has finished, sure or not."""
    ears = Endpointing()
    pause = until_pause(ears)
    ears.understood(pause.number, "Can I bring my dog", 0.3, known=True)
    assert PAUSE_S < wait_of(ears, pause.at_s - PAUSE_S) < 0.5


def test_words_that_hang_in_the_air_are_waited_for() -> None:
    """Unless the ears are sure, "I would like to" is given longer than other words."""
    waits = []
    for text in ("I would like a coffee.", "I would like to."):
        ears = Endpointing()
        pause = until_pause(ears)
        ears.understood(pause.number, text, 0.3)
        waits.append(wait_of(ears, pause.at_s - PAUSE_S))
    assert waits[1] > waits[0] + 0.5


def test_a_silence_is_asked_about_once() -> None:
    """The longer a silence, the more it sounds like an end: a second verdict would tell nothing."""
    ears = Endpointing()
    pause = until_pause(ears)
    ears.judged(pause.number, 0.1)
    assert [type(event) for event in listen(ears, SILENCE, 3.0)] == [TurnEnded]


def test_speaking_on_makes_a_verdict_void() -> None:
    """A pause for thought costs nothing, and a verdict that comes late ends no turn."""
    ears = Endpointing()
    pause = until_pause(ears)
    assert [type(event) for event in listen(ears, SPEECH, 0.5)] == [SpeechResumed]
    ears.judged(pause.number, 1.0)
    ears.understood(pause.number, "Do you sell oat milk?", 1.0)
    [again] = listen(ears, SILENCE, PAUSE_S)
    assert isinstance(again, Pause)
    assert again.number != pause.number


def test_a_turn_knows_its_pauses() -> None:
    """Each from where speech ended to where it went on; a breath is none, nor is a pause of another turn."""
    ears = Endpointing()
    first = until_pause(ears)
    ears.understood(first.number, "and", 0.0)
    listen(ears, SILENCE, 0.7)
    listen(ears, SPEECH, 0.5)
    listen(ears, SILENCE, FRAME_S)
    listen(ears, SPEECH, 0.5)
    [second] = listen(ears, SILENCE, PAUSE_S)
    assert isinstance(second, Pause)
    [(since_s, until_s)] = second.before
    assert since_s == pytest.approx(first.at_s - PAUSE_S)
    assert until_s - since_s == pytest.approx(0.8, abs=0.04)
    [ended] = listen(ears, SILENCE, 3.0)
    assert isinstance(ended, TurnEnded)
    assert ended.before == second.before
    assert until_pause(ears).before == first.before == ()


def test_without_a_verdict_a_turn_ends_all_the_same() -> None:
    """An engine that is away costs a little patience, not the turn."""
    ears = Endpointing()
    pause = until_pause(ears)
    assert wait_of(ears, pause.at_s - PAUSE_S) == pytest.approx(Manners().blind_pause_s, abs=0.1)


def test_a_slow_speaker_is_given_more_time() -> None:
    """Pauses within turns lengthen the wait for the same doubt; another speaker starts afresh."""
    ears = Endpointing()
    for _ in range(3):
        pause = until_pause(ears)
        ears.understood(pause.number, "and", 0.0)
        listen(ears, SILENCE, 2.0)
        listen(ears, SPEECH, 0.5)
        ears.reset()
    pause = until_pause(ears)
    ears.judged(pause.number, 0.98)
    slow = wait_of(ears, pause.at_s - PAUSE_S)
    ears.forget()
    pause = until_pause(ears)
    ears.judged(pause.number, 0.98)
    assert slow > wait_of(ears, pause.at_s - PAUSE_S) + 0.2


def test_nobody_speaks_for_ever() -> None:
    """Speech without a pause, a radio perhaps, is cut into turns."""
    ears = Endpointing()
    events = listen(ears, SPEECH, 70.0)
    ended = [event for event in events if isinstance(event, TurnEnded)]
    assert len(ended) == 2
    assert all(event.end_s - event.start_s < 34 for event in ended)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 40)), max_size=40), st.floats(0, 1))
def test_events_come_in_order_whatever_is_heard(runs: list[tuple[float, int]], verdict: float) -> None:
    """A turn starts, pauses, resumes, ends; times never run back; turns do not overlap."""
    ears = Endpointing()
    last: Event | None = None
    end_s = 0.0
    for probability, frames in runs:
        for _ in range(frames):
            for event in ears.heard(probability):
                check(event, last, end_s)
                if isinstance(event, Pause):
                    ears.judged(event.number, verdict)
                    ears.understood(event.number, "I bought it here.", verdict)
                if isinstance(event, TurnEnded):
                    end_s = event.end_s
                last = event


def check(event: Event, last: Event | None, end_s: float) -> None:
    match event:
        case SpeechStarted():
            assert last is None or isinstance(last, TurnEnded)
            assert event.start_s <= event.at_s
        case Pause():
            assert isinstance(last, SpeechStarted | SpeechResumed | Pause)
        case SpeechResumed():
            assert isinstance(last, Pause)
        case TurnEnded():
            assert not isinstance(last, TurnEnded)
            assert end_s <= event.end_s <= event.at_s
            assert event.start_s < event.end_s
