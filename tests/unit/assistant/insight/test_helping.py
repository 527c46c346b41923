"""Figures of the assistant's work, counted by hand, and silent where there are too few."""

from datetime import timedelta

import pytest

from shopbell.assistant.insight.counting import Counted
from shopbell.assistant.insight.helping import helping
from shopbell.assistant.insight.intervals import wilson
from shopbell.assistant.insight.talks import Answer, Talk
from tests.fakes.talks import BAD, FIVE, GOOD, NOW, part, talk


def counted(*talks: Talk) -> dict[str, Counted]:
    return {one.figure.id: one for one in helping(talks, FIVE, NOW)}


def test_reach_counts_who_was_answered_by_channel() -> None:
    """Eight of ten conversations got an answer; a greeting alone is none, and a mute one does not count."""
    hello = Answer("rule", "", False, 0.01)
    talks = [
        *(talk(n) for n in range(6)),
        *(talk(10 + n, channel="kiosk") for n in range(2)),
        talk(20, answers=(hello,)),
        talk(21, answers=(BAD,)),
        talk(22, spoke=False),
    ]
    reach = counted(*talks)["reach"]
    assert reach.figure.whole.value == 0.8
    assert reach.figure.whole.n == 10
    assert (reach.figure.whole.low, reach.figure.whole.high) == wilson(8, 10)
    assert part(reach, "web").value == 0.75
    assert part(reach, "kiosk").silent == "too few: 2 of 5"
    assert {row.id for row in reach.rows if row.outcome == "not answered"} == {"t20", "t21"}


def test_resolution_is_confirmed_or_assumed_and_can_be_taken_back() -> None:
    """Of ten: three confirmed, two assumed, one taken back, four not resolved; a fresh one is not counted."""
    back = NOW - timedelta(days=9, hours=12)
    fresh = NOW - timedelta(hours=3)
    talks = [
        talk(1, stars=5),
        talk(2, thumbs=(True,)),
        talk(3, goodbye=True),
        talk(4),
        talk(5, again=NOW - timedelta(days=8)),
        talk(6, again=back),
        talk(7, wanted="asked"),
        talk(8, thumbs=(False,)),
        talk(9, stars=2),
        talk(10, answers=(GOOD, BAD)),
        talk(11, at=fresh, last=fresh),
        talk(12, answers=(BAD,)),
    ]
    resolution = counted(*talks)["resolution"]
    assert resolution.figure.whole.value == 0.5
    assert resolution.figure.whole.n == 10
    assert [part(resolution, name).value for name in ("confirmed", "assumed", "taken back")] == [
        0.3,
        0.2,
        0.1,
    ]


def test_durable_looks_seven_days_ahead_at_known_customers() -> None:
    """Of five known customers who were helped, one came back after five days; strangers are not counted."""
    talks = [talk(n, customer="c") for n in range(4)]
    talks += [talk(4, customer="c", again=NOW - timedelta(days=5)), talk(5)]
    durable = counted(*talks)["durable"]
    assert (durable.figure.whole.value, durable.figure.whole.n) == (0.8, 5)


def test_handover_names_the_first_reason() -> None:
    """Three of ten wanted a person: two asked, one got no answer."""
    talks = [talk(n) for n in range(7)]
    talks += [talk(7, wanted="asked"), talk(8, wanted="asked"), talk(9, wanted="nothing-found")]
    handover = counted(*talks)["handover"]
    assert handover.figure.whole.value == 0.3
    assert part(handover, "asked for one").value == 0.2
    assert part(handover, "nothing was found").value == 0.1


def test_waiting_is_a_median_and_who_got_nobody_is_counted_beside_it() -> None:
    """Waits of 10 to 50 seconds: 30 in the middle; one of six wishes was not served."""
    talks = [talk(n, wanted="asked", waits=(10.0 * (n + 1),)) for n in range(5)]
    found = counted(*talks, talk(9, wanted="asked", unserved=1))
    assert found["waiting"].figure.whole.value == 30
    assert part(found["waiting"], "95 of 100").silent == "too few: 5 of 60"
    assert found["unserved"].figure.whole.value == pytest.approx(1 / 6)


def test_latency_is_told_for_each_rung() -> None:
    """A hundred FAQ answers of 0.01 to 1 second: median 0.5, 95 of 100 at 0.95; four are too few."""
    talks = [talk(n, answers=(Answer("faq", "", False, (n + 1) / 100),)) for n in range(100)]
    talks += [talk(200 + n, answers=(Answer("model", "", False, 2.0),)) for n in range(4)]
    latency = counted(*talks)["latency"]
    assert part(latency, "faq, median").value == 0.5
    assert part(latency, "faq, 95 of 100").value == 0.95
    assert part(latency, "model, median").silent == "too few: 4 of 5"


def test_coverage_counts_replies_by_topic() -> None:
    """Ten replies, eight of them answers; of five about hours one ended with a person."""
    talks = [talk(n) for n in range(4)]
    talks += [talk(4, wanted="asked")]
    talks += [talk(5 + n, answers=(Answer("faq", "returns", False, 0.1),)) for n in range(3)]
    talks += [talk(8 + n, answers=(BAD,)) for n in range(2)]
    coverage = counted(*talks)["coverage"]
    assert coverage.figure.whole.value == 0.8
    assert part(coverage, "hours").value == 0.8
    assert part(coverage, "returns").silent == "too few: 3 of 5"


@pytest.mark.parametrize(
    "figure",
    ["reach", "resolution", "durable", "handover", "waiting", "unserved", "latency", "coverage"],
)
def test_a_figure_of_too_few_says_nothing(figure: str) -> None:
    """Three conversations are too few for any of them: no value, no interval, and the reason."""
    talks = [talk(n, customer="c", wanted="asked" if n else "", waits=(9.0,)) for n in range(3)]
    whole = counted(*talks)[figure].figure.whole
    assert whole.value is None
    assert whole.low is whole.high is None
    assert whole.silent == whole.text
    assert whole.silent.startswith("too few: ")
    assert all(one.value is None for one in counted(*talks)[figure].figure.parts)


def test_no_conversation_at_all_is_no_error() -> None:
    """An empty shop has every figure, and each is silent."""
    assert all(one.figure.whole.silent for one in helping([], FIVE, NOW))
