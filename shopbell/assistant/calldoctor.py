"""What went wrong in a call, from its figures and its log alone: the same call gets the same answer.

Pure. The findings stand in the order of weight; the first is the likeliest cause.
"""

from collections.abc import Callable, Iterator, Sequence

from shopbell.assistant import events as e
from shopbell.assistant.callbook import Call, Outcome
from shopbell.assistant.doctor import Finding
from shopbell.assistant.wire import Timings

SLOW_S = 2.0
"""Seconds until an answer sounds from which a caller notices the wait."""
LOSS_NOTED, LOSS_HEARD = 1.0, 3.0
"""Percent of lost packets from which they are noted, and from which words are lost with them."""
JITTER_MS = 30.0
QUIET_DB = -38.0
"""Loudness of speech, in decibels below full scale, from which down it is hard to hear."""
TALK_OVER_S = 3.0
DOUBTFUL = 0.5
"""Confidence of a turn under which its words are often others than were said."""
FEW_PACKETS = 50
SPOKEN_S = 0.3
_PORTS = "Open the UDP ports of phone.rtp_ports on this machine, and see phone.address behind a router."
_UNANSWERED: dict[Outcome, str] = {
    "ringing": "It rings still.",
    "missed": "The caller hung up while it rang. A shorter phone.ring_s answers sooner.",
    "busy": "All lines were taken. phone.calls says how many calls there may be at once.",
    "blocked": "The number is on the list phone.blocked.",
    "called-back": "The shop called back, and staff talked with the customer.",
    "unreached": "The shop called back: staff did not take the call, or nobody answered at the customer's.",
    "unready": "There was no voice to answer with, or no codec in common. See: shopbell doctor",
}
Rule = Callable[[Call, Sequence[e.Event]], Iterator[tuple[str, str, str]]]


def diagnose(call: Call, log: Sequence[e.Event]) -> tuple[Finding, ...]:
    """Return what is to be said about a call; `log` is its conversation's, empty when it is gone already."""
    if call.outcome != "answered":
        return (
            Finding(
                "line",
                "ok" if call.outcome in {"ringing", "called-back"} else "warn",
                _UNANSWERED[call.outcome],
            ),
        )
    bad: list[tuple[str, str, str]] = []
    noted: list[tuple[str, str, str]] = []
    for rule in (_ending, _line, _slow, _misheard, _unknown, _talk):
        for area, level, text in rule(call, log):
            (bad if level == "bad" else noted).append((area, level, text))
    found = [Finding(area, "bad", text) for area, _, text in bad]
    found += [Finding(area, "warn", text) for area, _, text in noted]
    return tuple(found) or (Finding("call", "ok", "Nothing went wrong that figures or log would show."),)


def _ending(call: Call, log: Sequence[e.Event]) -> Iterator[tuple[str, str, str]]:
    if call.ended == "fault":
        yield (
            "cut",
            "bad",
            "Something failed in Shopbell and the call was ended with an apology; see the log.",
        )
    elif call.ended == "restart":
        yield "cut", "bad", "The shop's server was ended or stopped during the call."
    elif call.ended == "longest":
        yield "cut", "warn", "The call reached phone.longest_min and was ended with a goodbye."
    elif call.ended == "idle":
        yield "silent", "warn", "Nothing was heard for long, so the call was ended with a goodbye."
    elif call.ended == "hung-up" and log and isinstance(_last_said(log), e.CutOff):
        yield "cut", "warn", "The caller hung up in the middle of an answer."


def _line(call: Call, _log: Sequence[e.Event]) -> Iterator[tuple[str, str, str]]:
    line = call.quality
    if not line.received:
        yield "silent", "bad", f"No sound of the caller arrived at all. {_PORTS}"
        return
    if line.received > FEW_PACKETS and line.spoke_s < SPOKEN_S:
        yield "silent", "warn", "Sound arrived, but nobody spoke in it: a muted telephone, or a wrong source."
    for percent, whose in ((line.lost_percent, "the caller's"), (line.far_lost_percent, "our")):
        if percent >= LOSS_NOTED:
            level = "bad" if percent >= LOSS_HEARD else "warn"
            yield "line", level, f"{percent:.1f} % of {whose} packets were lost: look at network and WLAN."
    if line.jitter_ms > JITTER_MS:
        yield "line", "warn", f"Packets came unevenly, by {line.jitter_ms:.0f} ms: a busy network or machine."
    if line.spoke_s >= SPOKEN_S and line.loudness_db < QUIET_DB:
        yield "misheard", "warn", f"The caller was very quiet ({line.loudness_db:.0f} dB)."


def _slow(call: Call, log: Sequence[e.Event]) -> Iterator[tuple[str, str, str]]:
    waits = [turn.wait_s for turn in call.turns if turn.wait_s is not None]
    late = [wait for wait in waits if wait > SLOW_S]
    if late:
        why = _slowest([event.timings for event in log if isinstance(event, e.Replied)])
        yield (
            "slow",
            "bad",
            f"{len(late)} of {len(waits)} waits were over {SLOW_S:.0f} s, {max(late):.1f} s at most{why}.",
        )
    silent = [turn for turn in call.turns[:-1] if turn.words and turn.wait_s is None]
    if silent:
        yield "silent", "bad", f"After {len(silent)} of the caller's turns nothing sounded."


def _slowest(timings: Sequence[Timings]) -> str:
    longest = max(timings, key=lambda one: one.total_s, default=None)
    if longest is None:
        return ""
    parts = {
        "searching": longest.search_s,
        "waiting for the model": longest.queue_s,
        "the model's first word": longest.first_word_s - longest.queue_s - longest.search_s,
    }
    name = max(parts, key=lambda part: parts[part])
    return f"; most of it was {name} ({parts[name]:.1f} s)" if parts[name] > 0 else ""


def _misheard(call: Call, _log: Sequence[e.Event]) -> Iterator[tuple[str, str, str]]:
    turns = call.turns
    empty = sum(not turn.words for turn in turns)
    doubtful = sum(bool(turn.words) and turn.confidence < DOUBTFUL for turn in turns)
    if empty:
        level = "bad" if empty > len(turns) / 2 else "warn"
        yield "misheard", level, f"In {empty} of {len(turns)} turns no words were understood."
    if doubtful:
        yield "misheard", "warn", f"In {doubtful} of {len(turns)} turns the words are doubtful."


def _unknown(_call: Call, log: Sequence[e.Event]) -> Iterator[tuple[str, str, str]]:
    failed = sum(isinstance(event, e.Replied) and event.failed for event in log)
    if failed:
        yield "answer", "warn", f"{failed} questions found no answer; see: shopbell knowledge gaps"


def _talk(call: Call, _log: Sequence[e.Event]) -> Iterator[tuple[str, str, str]]:
    if call.quality.talk_over_s > TALK_OVER_S:
        seconds = call.quality.talk_over_s
        yield "cut", "warn", f"Both spoke at once for {seconds:.1f} s: an echo on the line, or long answers."


def _last_said(log: Sequence[e.Event]) -> e.Event | None:
    said = (e.Replied, e.CutOff, e.StaffSaid, e.CustomerSaid)
    return next((event for event in reversed(log) if isinstance(event, said)), None)
