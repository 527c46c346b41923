"""Where a turn begins and ends: probabilities of speech in, events out. Pure; times are seconds of sound.

A short pause asks the turn model; its verdict, and what has been heard so far if that is known, set how long
to wait. Speaking on before that is a pause for thought and costs nothing. A speaker who pauses long between
the words of a turn is given more time in the turns that follow (an exponential mean of the pauses, as in
LiveKit's dynamic endpointing).
"""

from collections import deque

from msgspec import Struct

from shopbell.voice.completeness import WHOLE, completeness, ends_question, ends_sentence
from shopbell.voice.speech import FRAME, RATE

FRAME_S = FRAME / RATE
"""Seconds of one frame."""


class Manners(Struct, frozen=True, kw_only=True):
    """How patient the listener is; calibration and the channel set it."""

    start_at: float = 0.6
    """Probability from which a frame is speech while nobody speaks."""
    stop_at: float = 0.35
    """Probability under which a frame is silence while somebody speaks."""
    start_s: float = 0.16
    """Seconds of speech, of the last `start_window_s`, that begin a turn."""
    start_window_s: float = 0.32
    pre_roll_s: float = 0.5
    """Seconds of sound before the first speech that belong to the turn."""
    pause_s: float = 0.16
    """Seconds of silence after which the turn model is asked."""
    again_s: float = 0.8
    """Seconds of silence after which it is asked again, having said no."""
    sure: float = 0.95
    """Probability of being finished from which the turn ends, unless the words speak against it."""
    sure_asking: float = 0.5
    """The same, when the words are a question with its mark: what is asked has mostly been asked whole."""
    for_words_s: float = 0.35
    """Seconds after the pause for which a sure model waits for the words."""
    doubtful_s: float = 1.5
    """Seconds of silence that end a turn of whole words whose end is not sure."""
    longest_pause_s: float = 2.4
    """Seconds of silence that end a turn, whatever the model says."""
    blind_pause_s: float = 0.8
    """Seconds of silence that end a turn while no verdict has come."""
    longest_turn_s: float = 27.0
    """Seconds after which a turn ends at the next pause, or at once a fifth later."""


class SpeechStarted(Struct, frozen=True, tag=True):
    """Somebody speaks."""

    start_s: float
    """Where the turn's sound begins, pre-roll included."""
    at_s: float


class Pause(Struct, frozen=True, tag=True):
    """The speaker is silent for a moment: ask the turn model about the sound from `start_s` to `at_s`."""

    number: int
    """Handed back with the verdict, so that one that comes late is known."""
    start_s: float
    at_s: float


class SpeechResumed(Struct, frozen=True, tag=True):
    """The pause was one for thought: a verdict about it is void."""

    at_s: float


class TurnEnded(Struct, frozen=True, tag=True):
    """The turn is the sound from `start_s` to `end_s`; the silence before `at_s` was the wait."""

    start_s: float
    end_s: float
    at_s: float


Event = SpeechStarted | Pause | SpeechResumed | TurnEnded

_MEMORY = 0.7
"""Share of what was known of the speaker's pauses that stays after one more."""
_TAIL_S = 0.3
"""Seconds of silence that stay at the end of a turn."""


class Endpointing:
    """One microphone's turns. Feed it every frame; tell it every verdict."""

    def __init__(self, manners: Manners | None = None) -> None:
        self.manners = manners or Manners()
        self.now_s = 0.0
        """Seconds heard so far."""
        self._recent: deque[bool] = deque(maxlen=max(1, round(self.manners.start_window_s / FRAME_S)))
        self._start_s: float | None = None
        self._spoke_s = 0.0
        self._asked = 0
        self._asked_at_s: float | None = None
        self._deadline_s: float | None = None
        self._words: str | None = None
        """What was heard before the present pause, once that is known."""
        self._pauses_s = 0.0

    @property
    def speaking(self) -> bool:
        """Whether a turn is on, pauses included."""
        return self._start_s is not None

    def heard(self, probability: float) -> tuple[Event, ...]:
        """Take the probability of speech in the next frame."""
        self.now_s += FRAME_S
        if self._start_s is None:
            return self._waiting(speech=probability >= self.manners.start_at)
        return self._listening(self._start_s, speech=probability >= self.manners.stop_at)

    def judged(self, number: int, finished: float, text: str | None = None) -> None:
        """Take the verdict about `Pause.number`: the model's probability, and what was heard so far.

        A verdict about another pause than the present one is ignored.
        """
        if number == self._asked and self._asked_at_s is not None:
            self._words = text if text is not None else self._words
            self._deadline_s = self._spoke_s + self._wait(finished, self._words)

    def reset(self) -> None:
        """Drop the turn that is on; what is known of the speaker's pauses stays."""
        self._start_s = self._asked_at_s = self._deadline_s = self._words = None
        self._recent.clear()

    def forget(self) -> None:
        """Drop the turn, and what is known of the speaker: another one comes."""
        self.reset()
        self._pauses_s = 0.0

    def _waiting(self, *, speech: bool) -> tuple[Event, ...]:
        self._recent.append(speech)
        if not speech or sum(self._recent) * FRAME_S < self.manners.start_s:
            return ()
        frames = len(self._recent) - list(self._recent).index(True)
        self._start_s = max(0.0, self.now_s - frames * FRAME_S - self.manners.pre_roll_s)
        self._spoke_s = self.now_s
        self._asked_at_s = self._deadline_s = self._words = None
        return (SpeechStarted(self._start_s, self.now_s),)

    def _listening(self, start_s: float, *, speech: bool) -> tuple[Event, ...]:
        if self.now_s - start_s > 1.2 * self.manners.longest_turn_s:
            return self._end(start_s)
        if speech:
            return self._resumed()
        silence = self.now_s - self._spoke_s
        if silence >= self._patience(start_s):
            return self._end(start_s)
        if silence >= self._next_question():
            self._asked += 1
            self._asked_at_s = self.now_s
            return (Pause(self._asked, start_s, self.now_s),)
        return ()

    def _resumed(self) -> tuple[Event, ...]:
        silence = self.now_s - FRAME_S - self._spoke_s
        self._spoke_s = self.now_s
        if self._asked_at_s is None:
            return ()
        self._pauses_s = max(self._pauses_s * _MEMORY, _MEMORY * self._pauses_s + (1 - _MEMORY) * silence)
        self._asked_at_s = self._deadline_s = self._words = None
        return (SpeechResumed(self.now_s),)

    def _next_question(self) -> float:
        """Return the seconds of silence at which the model is asked next."""
        if self._asked_at_s is None:
            return self.manners.pause_s
        asked_after = self._asked_at_s - self._spoke_s
        return self.manners.again_s if asked_after < self.manners.again_s else float("inf")

    def _patience(self, start_s: float) -> float:
        """Return the seconds of silence that end the turn now."""
        if self.now_s - start_s > self.manners.longest_turn_s:
            return self.manners.pause_s
        if self._deadline_s is None:
            return max(self.manners.blind_pause_s, self._pauses_s)
        return min(self.manners.longest_pause_s, self._deadline_s - self._spoke_s)

    def _wait(self, finished: float, text: str | None) -> float:
        """Return the seconds of silence that the verdict asks for.

        Melody and words must agree. Without the words yet, a sure model gives them a moment; words that hang
        in the air, "I would like to", are waited for in any case; so is a slow speaker.
        """
        asks = text is not None and ends_question(text)
        sure = finished >= (self.manners.sure_asking if asks else self.manners.sure)
        if text is None:
            wait = self.manners.pause_s + self.manners.for_words_s if sure else self.manners.doubtful_s
        elif completeness(text) < WHOLE:
            return self.manners.longest_pause_s
        elif sure and ends_sentence(text):
            return self.manners.pause_s
        else:
            wait = self.manners.doubtful_s
        return max(self._pauses_s, wait)

    def _end(self, start_s: float) -> tuple[Event, ...]:
        end_s = min(self.now_s, self._spoke_s + _TAIL_S)
        self.reset()
        return (TurnEnded(start_s, end_s, self.now_s),)
