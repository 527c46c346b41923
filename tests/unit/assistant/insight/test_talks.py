"""A conversation folded from its events into what figures ask."""

from datetime import timedelta

from shopbell.assistant import events as e
from shopbell.assistant.insight.talks import SOON, talks_of
from shopbell.assistant.wire import Timings
from tests.fakes.talks import NOW


def logged(*events: tuple[float, e.Event]) -> list[e.Logged]:
    """Return entries, each so many seconds after the beginning."""
    return [
        e.Logged(seq=n, conversation="t", at=NOW + timedelta(seconds=seconds), event=event)
        for n, (seconds, event) in enumerate(events)
    ]


def test_all_that_figures_ask_is_read_from_the_log() -> None:
    """Channel, customer, answers with topic and speed, the wish for a person, stars, thumbs and deeds."""
    told = logged(
        (0, e.Opened(channel="kiosk")),
        (1, e.Recognised(customer="c1")),
        (2, e.CustomerSaid(text="Open?", key="k")),
        (
            3,
            e.Replied(
                reply="r",
                answers=(),
                text="Yes",
                rung="faq",
                subject="hours#x",
                timings=Timings(first_word_s=0.3),
            ),
        ),
        (4, e.Rated(reply="r", helpful=False)),
        (5, e.Rated(reply="r", helpful=True)),
        (6, e.Did(flow="redeem", key="d")),
        (10, e.PersonWanted(reason="asked")),
        (40, e.StaffTook(name="Ben")),
        (41, e.StaffSaid(name="Ben", text="Hello")),
        (50, e.Starred(stars=4)),
    )
    (talk,) = talks_of(told, {"c1": [NOW, NOW + timedelta(hours=5)]})
    assert (talk.channel, talk.customer, talk.spoke, talk.topic) == ("kiosk", "c1", True, "hours")
    assert [(one.rung, one.first_word_s) for one in talk.answers] == [("faq", 0.3)]
    assert (talk.wanted, talk.waits, talk.unserved, talk.staffed) == ("asked", (30.0,), 0, True)
    assert (talk.stars, talk.thumbs, talk.deeds) == (4, (True,), ("redeem",))
    assert talk.came_back(SOON)
    assert talk.settled == ""


def test_a_number_that_was_only_said_names_nobody() -> None:
    """A claim is no proof: the conversation is a stranger's."""
    (talk,) = talks_of(
        logged((0, e.Opened(channel="phone")), (1, e.Recognised(customer="c1", level="claimed"))), {}
    )
    assert talk.customer == ""


def test_a_word_after_a_long_silence_is_coming_back() -> None:
    """Two hours later in the same chat is a new visit; ten minutes later is not."""
    said = e.CustomerSaid(text="?", key="k")
    reply = e.Replied(reply="r", answers=(), text="Yes", rung="faq")
    (near,) = talks_of(logged((0, said), (1, reply), (600, said), (601, reply)), {})
    (far,) = talks_of(logged((0, said), (1, reply), (7200, said), (7201, reply)), {})
    assert not near.came_back(SOON)
    assert far.came_back(SOON)
    assert far.last == NOW + timedelta(seconds=1)
