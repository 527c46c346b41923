from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from shopbell.assistant.calendar import OpeningHours
from shopbell.assistant.conversation import Exchange
from shopbell.assistant.flows.hours import HoursFlow
from shopbell.assistant.turn import Turn
from tests.fakes.shop import SETTINGS

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 21, 10, 24, tzinfo=ZONE)
FLOW = HoursFlow(OpeningHours(SETTINGS))
WEEK = (
    "We are open Monday to Thursday from 07:30 to 12:00 and from 13:00 to 17:30; "
    "Friday from 07:30 to 00:00; Saturday from 08:00 to 17:30; Sunday closed."
)
ASKED = Exchange(question="are you open today?", answer="Yes.", rung="flow", subject="hours")
TRAPS = """
    do you open the bag for me
    when do you open job applications
    are the eggs from open range hens
    how long does an opened bag keep
    can I open a bottle of wine here
    does the lid close tightly
    is the gift box closed with a ribbon
    what hours does the barista course have
    how many hours does delivery take
    is the kitchen open on sunday
    when does the kitchen close
    are you open for a christmas party booking
    do you close the road for events
    is there an open mic on friday
    can you open the grinder to repair it
    are you close to the station
    which car park is closest
    how close are you to the bus stop
    do you shut the windows in winter
    when do applications close for the class
    is the toilet open today
    are the tables outside open
    when is the counter closed for cleaning
    do you have an opening for a baker
    when does the sale close
    is the garden open on saturday
    will the wholesale desk be open tomorrow
    are you open to feedback
    are you open about your suppliers
    do you open accounts for businesses
    can I get an open sandwich
    what is open source coffee
    is the shop closed to dogs
    does the webshop close on sunday
    when do orders close for christmas cakes
    how late can I order for tomorrow
    do I lose points when you close my account
    hours of sunshine on the roof terrace
    how many hours until the bread is out
    are you closing down
    why were you closed yesterday
    can somebody open the door for a wheelchair
    are you open on bank holidays
    are you open at easter
    are you open in december
    are you open next week
    are you open on 24/12
    are you open 24.12.
    are you open on 31 february
    are you open 24 hours
    are you open 24/7
    open 2026-12-24?
    вы open завтра?
    are you open am 24ten
"""


def ask(text: str, now: datetime = NOW, history: tuple[Exchange, ...] = ()) -> str | None:
    answer = FLOW.answer(Turn(conversation="c", text=text, now=now, history=history))
    return None if answer is None else answer.text


@pytest.mark.parametrize("text", [line.strip() for line in TRAPS.strip().splitlines()])
def test_one_other_word_leaves_the_question_alone(text: str) -> None:
    """A question that holds any other content word, or a date not understood, is not answered here."""
    assert ask(text) is None
    assert ask(text, history=(ASKED,)) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("are you open?", "We are open now, until 17:30 today."),
        ("are you open now?", "We are open now, until 17:30 today."),
        ("hi, r u open", "We are open now, until 17:30 today."),
        ("are you still open?", "We are open now, until 17:30 today."),
        ("are you open until 6pm today?", "We are open now, until 17:30 today."),
        ("do you close at 5:30 today?", "We are open now, until 17:30 today."),
        (
            "are you open tomorrow?",
            "Tomorrow, Sunday 22 November, we are closed. We open again Monday 23 November",
        ),
        (
            "what time do you open on monday?",
            "On Monday 23 November we are open from 07:30 to 12:00 and from 13:00",
        ),
        ("next saturday?? are you open", "On Saturday 28 November we are open from 08:00 to 17:30."),
        ("are you open on the 27th?", "On Friday 27 November we are open from 07:30 to 00:00."),
        ("open xmas eve?", "On Thursday 24 December (Christmas Eve) we are open from 07:30 to 14:00."),
        ("are you open on 24th of december 2026", "On Thursday 24 December (Christmas Eve) we are open"),
        (
            "r u open xmas",
            "On Friday 25 December (Christmas) we are closed. We open again Monday 28 December at 09:00.",
        ),
        (
            "open new year\N{RIGHT SINGLE QUOTATION MARK}s day?",
            "On Friday 1 January (New Year's Day) we are open from",
        ),
        ("are you open on 29 february", "On Tuesday 29 February we are open from 07:30"),
        ("are you open 1 july", "On Thursday 1 July (Rebuilding) we are closed."),
    ],
)
def test_a_day_is_answered_from_the_calendar(text: str, words: str) -> None:
    """Weekday, exception, holiday and closure are told by code, with the next opening when closed."""
    answer = ask(text)
    assert answer is not None
    assert answer.startswith(words)


@pytest.mark.parametrize(
    "text",
    [
        "what are your opening hours?",
        "when do you open?",
        "hours please",
        "usual opening times?",
        "are you open weekdays?",
    ],
)
def test_without_a_day_the_week_is_told(text: str) -> None:
    """Days with the same hours are told together."""
    assert ask(text) == WEEK


def test_the_week_comes_with_the_exceptions_ahead() -> None:
    """What differs within seven days is told too, with or without a reason."""
    told = ask("what are your hours?", datetime(2026, 12, 24, 9, 0, tzinfo=ZONE))
    assert told is not None
    assert told.removeprefix(WEEK) == (
        " Today, Thursday 24 December, (Christmas Eve) we are open from 07:30 to 14:00."
        " Tomorrow, Friday 25 December, (Christmas) we are closed."
        " On Saturday 26 December (Christmas) we are closed."
        " On Monday 28 December (Boxing Day (observed)) we are open from 09:00 to 15:00."
    )
    later = ask("what are your hours?", datetime(2026, 12, 29, 9, 0, tzinfo=ZONE))
    assert later is not None
    assert "On Thursday 31 December we are open from 07:30 to 12:00." in later


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (
            (2026, 11, 23, 7, 0),
            "We are closed just now. Today we are open from 07:30 to 12:00 and from 13:00 to 17:30.",
        ),
        ((2026, 11, 23, 12, 30), "We are closed just now. Today we are open from"),
        ((2026, 11, 23, 18, 0), "We are closed now; today we were open from"),
        ((2026, 11, 27, 23, 30), "We are open now, until 00:00 today."),
        ((2026, 11, 22, 12, 0), "Today, Sunday 22 November, we are closed. We open again tomorrow at 07:30."),
        (
            (2026, 12, 24, 15, 0),
            "We are closed now; today (Christmas Eve) we were open from 07:30 to 14:00. We open",
        ),
        ((2027, 6, 2, 12, 0), "Today, Wednesday 2 June, (Rebuilding) we are closed."),
    ],
)
def test_now_is_answered_for_this_minute(now: tuple[int, ...], words: str) -> None:
    """Before opening, over lunch, after closing and up to midnight the answer is true at that minute."""
    year, month, day, hour, minute = now
    answer = ask("are you open?", datetime(year, month, day, hour, minute, tzinfo=ZONE))
    assert answer is not None
    assert answer.startswith(words)


def test_a_follow_up_names_only_a_day() -> None:
    """After a reply about hours "and on Monday?" is enough; after anything else it is not."""
    words = "On Monday 23 November we are open from"
    assert (ask("and on monday?", history=(ASKED,)) or "").startswith(words)
    assert ask("and on monday?") is None
    assert ask("and for children?", history=(ASKED,)) is None


def test_the_answer_says_where_it_comes_from() -> None:
    """Rung, subject and source go with the answer."""
    answer = FLOW.answer(Turn(conversation="c", text="are you open?", now=NOW))
    assert answer is not None
    assert (answer.rung, answer.subject, answer.sources[0].source) == ("flow", "hours", "shop.toml")
    assert answer.sources[0].text == answer.text
