"""Where a turn begins and ends: probabilities of speech in, events out. Pure; times are seconds of sound.

A short pause asks whether the speaker has finished; the words, or the melody when they are late, set how
long to wait. Speaking on before that is a pause for thought and costs nothing. A speaker who pauses long
between the words of a turn is given more time in the turns that follow (an exponential mean of the pauses,
as in LiveKit's dynamic endpointing).
"""

from collections import deque

from msgspec import Struct

from shopbell.voice.completeness import WHOLE, completeness
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
    pause_s: float = 0.064
    """Seconds of silence after which is asked whether the speaker has finished."""
    over: float = 0.78
    """The ears' probability of a sentence end from which the turn ends at once.

    Chosen on sentences of four readers, so that 5 in 100 of those broken off between two words reach it, and
    70 in 100 of the whole ones with a pause in them. Of two others it was not chosen on 2 of 27 broken off
    reach it and 21 of 27 whole ones. `scripts/bench_speech endings` counts anew.
    """
    known_s: float = 0.35
    """Seconds of silence that end a turn which is a question the shop knows word for word."""
    melodic: float = 0.95
    """The turn model's probability from which the melody alone ends the turn, when the words are late."""
    for_words_s: float = 0.6
    """Seconds after the pause for which such a melody waits for the words."""
    doubtful_s: float = 1.6
    """Seconds of silence that end a turn whose end is not sure."""
    longest_pause_s: float = 2.4
    """Seconds of silence that end a turn, whatever is known; words that hang in the air get all of it."""
    blind_pause_s: float = 0.8
    """Seconds of silence that end a turn while no verdict has come."""
    longest_turn_s: float = 27.0
    """Seconds after which a turn ends at the next pause, or at once a fifth later."""


Silences = tuple[tuple[float, float], ...]
"""Earlier pauses of a turn, each from where speech ended to where it went on."""


class SpeechStarted(Struct, frozen=True, tag=True):
    """Somebody speaks."""

    start_s: float
    """Where the turn's sound begins, pre-roll included."""
    at_s: float


class Pause(Struct, frozen=True, tag=True):
    """The speaker is silent for a moment: ask about the sound from `start_s` to `at_s`."""

    number: int
    """Handed back with the verdict, so that one that comes late is known."""
    start_s: float
    at_s: float
    before: Silences = ()


class SpeechResumed(Struct, frozen=True, tag=True):
    """The pause was one for thought: a verdict about it is void."""

    at_s: float


class TurnEnded(Struct, frozen=True, tag=True):
    """The turn is the sound from `start_s` to `end_s`; the silence before `at_s` was the wait."""

    start_s: float
    end_s: float
    at_s: float
    before: Silences = ()


Event = SpeechStarted | Pause | SpeechResumed | TurnEnded

_MEMORY = 0.7
"""Share of what was known of the speaker's pauses that stays after one more."""
_HAIR_S = 1e-6
"""Less than any frame: sums of frames are not exact."""
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
        self._pauses_s = 0.0
        self._silences: list[tuple[float, float]] = []

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

    def due(self) -> tuple[Event, ...]:
        """Return the turn's end if a verdict since the last frame ends it, so that none has to wait."""
        if self._start_s is None or self._asked_at_s is None:
            return ()
        silence = self.now_s - self._spoke_s
        return self._end(self._start_s) if silence >= self._patience(self._start_s) else ()

    def judged(self, number: int, finished: float) -> None:
        """Take the melody's verdict about `Pause.number`: the turn model's probability.

        It ends a turn only when the words are late. A verdict about another pause is ignored.
        """
        sure = finished >= self.manners.melodic
        wait = self.manners.pause_s + self.manners.for_words_s if sure else self.manners.doubtful_s
        self._grant(number, max(self._pauses_s, wait))

    def understood(self, number: int, text: str, closes: float, *, known: bool = False) -> None:
        """Take what was said before `Pause.number`, and the ears' probability that a sentence ends there.

        `known` says that it is a whole question of the shop's own, and the beginning of no other one.

        From then on the melody counts no more: the ears have heard it too, and know the words. Words about
        another pause are ignored.

        Between no wait and one that is longer than most pauses there is nothing: who pauses to think does so
        for a second as often as for half of one, and would be cut off.
        """
        if closes >= self.manners.over:
            wait = self.manners.pause_s
        elif known:
            wait = max(self._pauses_s, self.manners.known_s)
        elif completeness(text) < WHOLE:
            wait = self.manners.longest_pause_s
        else:
            wait = max(self._pauses_s, self.manners.doubtful_s)
        self._grant(number, wait)

    def reset(self) -> None:
        """Drop the turn that is on; what is known of the speaker's pauses stays."""
        self._start_s = self._asked_at_s = self._deadline_s = None
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
        self._asked_at_s = self._deadline_s = None
        self._silences = []
        return (SpeechStarted(self._start_s, self.now_s),)

    def _listening(self, start_s: float, *, speech: bool) -> tuple[Event, ...]:
        if self.now_s - start_s > 1.2 * self.manners.longest_turn_s:
            return self._end(start_s)
        if speech:
            return self._resumed()
        silence = self.now_s - self._spoke_s
        if silence >= self._patience(start_s):
            return self._end(start_s)
        if self._asked_at_s is None and silence >= self.manners.pause_s - _HAIR_S:
            self._asked += 1
            self._asked_at_s = self.now_s
            return (Pause(self._asked, start_s, self.now_s, tuple(self._silences)),)
        return ()

    def _resumed(self) -> tuple[Event, ...]:
        spoke_s, again_s = self._spoke_s, self.now_s - FRAME_S
        silence = again_s - spoke_s
        self._spoke_s = self.now_s
        if self._asked_at_s is None:
            return ()
        self._silences.append((spoke_s, again_s))
        self._pauses_s = max(self._pauses_s * _MEMORY, _MEMORY * self._pauses_s + (1 - _MEMORY) * silence)
        self._asked_at_s = self._deadline_s = None
        return (SpeechResumed(self.now_s),)

    def _patience(self, start_s: float) -> float:
        """Return the seconds of silence that end the turn now."""
        if self.now_s - start_s > self.manners.longest_turn_s:
            return self.manners.pause_s
        if self._deadline_s is None:
            return max(self.manners.blind_pause_s, self._pauses_s)
        return min(self.manners.longest_pause_s, self._deadline_s - self._spoke_s)

    def _grant(self, number: int, wait_s: float) -> None:
        if number == self._asked and self._asked_at_s is not None:
            self._deadline_s = self._spoke_s + wait_s

    def _end(self, start_s: float) -> tuple[Event, ...]:
        end_s = min(self.now_s, self._spoke_s + _TAIL_S)
        self.reset()
        return (TurnEnded(start_s, end_s, self.now_s, tuple(self._silences)),)
