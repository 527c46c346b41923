from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant import events as e
from shopbell.assistant.numbers import count, percentile
from shopbell.assistant.wire import Timings
from tests.fakes.log import START, logs

DAY, ZONE = date(2026, 11, 21), ZoneInfo("Europe/London")


def talk(name: str, *events: e.Event) -> list[e.Logged]:
    return [
        e.Logged(seq=n, conversation=name, at=START + timedelta(seconds=10 * n), event=event)
        for n, event in enumerate(events, 1)
    ]


def said(text: str = "hi") -> e.CustomerSaid:
    return e.CustomerSaid(text=text, key=text)


def replied(seconds: float = 1.0, *, failed: bool = False) -> e.Replied:
    timings = Timings(first_word_s=seconds)
    return e.Replied(reply="r", answers=(2,), text="x", rung="faq", failed=failed, timings=timings)


def test_a_day_by_hand() -> None:
    """Five conversations, counted by hand."""
    opened, wanted = e.Opened(channel="web"), e.PersonWanted(reason="asked")
    took, judged = e.StaffTook(name="Ana"), e.DraftJudged(draft="d", verdict="edited", name="Ana")
    day = count(
        [
            *talk("good", opened, said(), replied(0.5), e.Rated(reply="r", helpful=True)),
            *talk("failed", opened, said(), replied(2.5, failed=True)),
            *talk("down", opened, said(), replied(), e.Rated(reply="r", helpful=False)),
            *talk("served", opened, said(), wanted, took, judged),
            *talk("left", opened, said(), wanted, e.Starred(stars=2), e.Ended()),
            *talk("looked", opened),
        ],
        DAY,
        ZONE,
    )
    assert (day.conversations, day.customer_messages, day.resolved) == (5, 5, 1)
    assert (day.handovers, day.unserved, day.waiting_median_s, day.waiting_longest_s) == (2, 1, 10.0, 10.0)
    assert (day.thumbs_up, day.thumbs_down, day.stars, day.stars_given) == (1, 1, 2.0, 1)
    assert [(r.rung, r.replies, r.median_s, r.p95_s) for r in day.rungs] == [("faq", 3, 1.0, 2.5)]
    assert (day.by_hour[10], sum(day.by_hour)) == (6, 6)
    assert day.drafts == {"edited": 1}


@given(logs())
def test_no_day_breaks_the_count(entries: list[e.Logged]) -> None:
    """Whatever a log holds, there are figures, and no more is resolved than there is."""
    day = count(entries, DAY, ZONE)
    assert 0 <= day.resolved <= 1
    assert day.unserved <= day.handovers
    assert day.waiting_longest_s >= day.waiting_median_s >= 0


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0, 100))
def test_a_percentile_is_one_of_the_values(values: list[float], share: float) -> None:
    """Nearest rank: nothing is invented between two measurements."""
    assert percentile(values, share) in values
    assert percentile(values, 100) == max(values)
