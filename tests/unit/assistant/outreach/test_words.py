"""The lint: what presses, blames or invents is refused; what is warm and true goes through. The hold-out."""

from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from shopbell.assistant.outreach.holdout import draw
from shopbell.assistant.outreach.lift import Drawn, lift
from shopbell.assistant.outreach.lint import faults, foreign_numbers, invented_dates
from shopbell.assistant.outreach.occasions import first_name
from shopbell.assistant.outreach.plan import OWED, TRIGGERS, Outreach, Rule
from shopbell.assistant.outreach.policy import Ask, Go, Later, Reach, Yes, decide
from shopbell.assistant.outreach.templates import Words, fill, lint, load_templates

KNOWN = frozenset({"name", "expiring", "expires_on", "reward"})
BAD = {
    "urgency": (
        "Hurry, Ann!",
        "This is your last chance.",
        "Don't miss out on this.",
        "Today only: half price.",
        "Only 3 places left.",
        "Just a few seats available.",
        "Only {reward} left.",
        "2 hours left!",
        "While stocks last.",
        "12 people are looking at this.",
        "Going fast.",
        "A limited time offer.",
    ),
    "guilt": (
        "We miss you so much.",
        "We missed you, Ann.",
        "Have you forgotten us?",
        "Did we do something wrong?",
        "You've abandoned us.",
        "We are so sad.",
        "After all we have done for you.",
        "Don't you like our bread any more?",
        "Small shops like ours may close.",
        "Why have you stayed away?",
        "We count on you.",
    ),
    "deadline": ("Come by before Friday.", "Good until 5 December.", "Use it by tomorrow."),
    "shouting": ("Free coffee!!", "FREE COFFEE for you"),
    "slot": ("You have {balance} points.", "Hello {}."),
}
GOOD = (
    "Your last visit was on 2 October. The door is open.",
    "{expiring} of your points end on {expires_on}.",
    "Only {expiring} points remain to be used.",
    "You can use them until {expires_on}.",
    "We look forward to seeing you.",
    "If something was not right, tell us. We are sorry about it.",
    "The bread you left with on Monday: how was it?",
    "We open at 8 and close before six.",
    "There is a free drink on your card.",
)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in BAD.items() for text in texts])
def test_what_presses_or_blames_is_found(kind: str, text: str) -> None:
    """Each is refused, and named for what it is."""
    assert kind in {one.kind for one in faults(text, KNOWN)}


@pytest.mark.parametrize("text", GOOD)
def test_warm_and_true_words_pass(text: str) -> None:
    """Nothing is found where there is nothing."""
    assert list(faults(text, KNOWN)) == []


def test_our_own_words_pass(tmp_path: Path) -> None:
    """Every occasion has words, and none of them has a fault."""
    words = load_templates(tmp_path)
    assert set(words) == set(TRIGGERS)
    assert lint(words) == []


def test_facts_are_put_in_once() -> None:
    """Braces in a customer's name stay braces; line ends of a template are its paragraphs."""
    words = Words(subject="Hi {name}", text="A {name}\nwho\n\nstays.")
    assert fill(words, {"name": "{points}"}) == Words(subject="Hi {points}", text="A {points} who\n\nstays.")


def test_numbers_and_dates_must_be_looked_up() -> None:
    """A number of the template or of a fact may stand; another may not, nor another day."""
    facts = {"points": "1,240", "expires_on": "5 December 2026"}
    assert foreign_numbers("1,240 points, open at 8, until 5 December 2026", facts, "We open at 8") == []
    assert foreign_numbers("50 points", facts, "") == ["50"]
    assert invented_dates("Use them until 5 December 2026.", facts) == []
    assert [one.kind for one in invented_dates("Use them until Friday.", facts)] == ["deadline"]


def test_a_name_carries_nothing_into_a_message() -> None:
    """Only letters of the first name are used."""
    assert first_name("Zoë-Ann Field") == "Zoë-Ann"
    assert first_name("http://evil.example/ win") == "http"
    assert first_name("12345") == "there"


def test_the_hold_out_is_a_tenth_and_stays() -> None:
    """Drawn by lot from campaign and customer: the same each time, another in another campaign."""
    names = [f"c{number}" for number in range(5_000)]
    held = {name for name in names if draw(b"s", "welcome-2026", name, 0.1) == "held"}
    assert 430 < len(held) < 570
    assert held == {name for name in names if draw(b"s", "welcome-2026", name, 0.1) == "held"}
    again = {name for name in names if draw(b"s", "welcome-2027", name, 0.1) == "held"}
    assert 20 < len(held & again) < 90
    assert not any(draw(b"s", "x", name, 0.0) == "held" for name in names)
    rules = Outreach()
    assert {one for one in TRIGGERS if rules.share_held(one) == 0} == OWED
    assert rules.on == ()


def test_lift_by_hand() -> None:
    """300 of 900 against 20 of 100: 13.3 in 100 more, 120 customers; too few is said, not guessed."""
    treated = [Drawn(number < 300, 500 * (number < 300)) for number in range(900)]
    held = [Drawn(number < 20, 500 * (number < 20)) for number in range(100)]
    found = lift("c", treated, held, sent=900, each_minor=20)
    assert found.visits is not None
    assert found.extra is not None
    assert found.per_extra_minor is not None
    assert round(found.visits.value, 1) == 13.3
    assert (round(found.visits.low, 1), round(found.visits.high, 1)) == (4.0, 20.7)
    assert round(found.extra.value) == 120
    assert found.cost_minor == 18_000
    assert round(found.per_extra_minor.value) == 150
    few = lift("c", treated[:19], held, sent=19, each_minor=20)
    assert few.visits is None
    assert "Too few" in few.note
    none = lift("c", treated[250:], held, sent=1, each_minor=20)
    assert none.per_extra_minor is None
    assert "not clear" in none.note


def test_quiet_hours_follow_the_clock_of_the_shop() -> None:
    """In the night, on a Sunday and over the change to summer time it waits for the morning."""
    zone = ZoneInfo("Europe/London")
    reach = Reach(
        stands=True, agreed={"marketing": Yes(datetime(2026, 1, 2, tzinfo=UTC), "1")}, has_address=True
    )
    saturday_night = datetime(2026, 3, 28, 23, tzinfo=UTC)
    ask = Ask(trigger="welcome", way="email", until=datetime(2026, 5, 1, tzinfo=UTC))
    verdict = decide(ask, reach, Outreach(), zone, saturday_night)
    assert isinstance(verdict, Later)
    assert verdict.until.astimezone(zone).time() == time(9)
    assert verdict.until.astimezone(UTC) == datetime(2026, 3, 30, 8, tzinfo=UTC)  # Monday, in summer time
    assert isinstance(decide(ask, reach, Outreach(), zone, verdict.until), Go)


def test_a_message_costs_at_least_nothing() -> None:
    """A cost below nothing is refused where the settings are read, with its place."""
    with pytest.raises(msgspec.ValidationError, match="less than nothing"):
        msgspec.convert({"mode": "approve", "cost": "-0.10"}, Rule)
    assert msgspec.convert({"cost": "0.10"}, Rule).cost == Decimal("0.10")
