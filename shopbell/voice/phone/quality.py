"""Quality of a line: how much was lost, how unsteady it came, how loud, and who talked over whom."""

from collections.abc import Mapping

from shopbell.assistant.callbook import Quality
from shopbell.voice.audio import QUIETEST_DB, loudness

TICK_S = 0.02
LOUD_DB = -40.0
"""Loudness from which somebody speaks, in decibels below full scale."""


class Gauge:
    """Listens along with one call."""

    def __init__(self) -> None:
        self._ticks = 0
        self._speaking = False
        self._over = 0
        self._loud = 0
        self._decibels = 0.0
        self._silence = 0
        self._longest_silence = 0

    def heard(self, sound: bytes) -> None:
        """Take 20 ms of the caller."""
        level = loudness(sound)
        if level >= LOUD_DB:
            self._loud += 1
            self._decibels += level
            self._over += self._speaking
            self._silence = 0

    def ticked(self, *, speaking: bool, murmuring: bool = False) -> None:
        """Note that 20 ms went by, and whether the shop spoke in them, or murmured."""
        self._ticks += 1
        self._speaking = speaking
        self._silence = 0 if speaking or murmuring else self._silence + 1
        self._longest_silence = max(self._longest_silence, self._silence)

    def figures(self, stats: Mapping[str, int | float], jitter_ms: float, strangers: int) -> Quality:
        """Return the figures; `stats` are those of the RTP session."""
        received, lost = int(stats.get("packets_received", 0)), max(0, int(stats.get("packets_lost", 0)))
        expected = received + lost
        return Quality(
            received=received,
            sent=int(stats.get("packets_sent", 0)),
            lost_percent=round(100 * lost / expected, 2) if expected else 0.0,
            concealed=int(stats.get("concealed_frames", 0)),
            jitter_ms=round(jitter_ms, 1),
            far_lost_percent=round(100 * int(stats.get("remote_fraction_lost", 0)) / 256, 2),
            loudness_db=round(self._decibels / self._loud, 1) if self._loud else QUIETEST_DB,
            spoke_s=round(self._loud * TICK_S, 2),
            talk_over_s=round(self._over * TICK_S, 2),
            longest_silence_s=round(self._longest_silence * TICK_S, 2),
            strangers=strangers,
        )
