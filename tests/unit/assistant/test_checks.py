"""Checks: what no passage states is not said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant.checks import Source, check_reply, check_sentence

RETURNS = Source.of(
    "Can I return a grinder?",
    "Yes, equipment can come back within 30 days of purchase if it is unused, with the receipt. We refund "
    "the full price. Opened bags of coffee cannot be returned.",
)
HOURS = Source.of("Opening hours", "We are open Monday to Friday 07:30-17:30 and on Saturday 08:00-17:30.")
REPAIR = Source.of(
    "Repairs", "Priya repairs espresso machines on Tuesdays. A check costs £15. Call 01632 960142."
)
SOURCES = (RETURNS, HOURS, REPAIR)
SHOP = frozenset({"lantern", "street", "wick"})


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("Yes, within thirty days of purchase.", (0,)),
        ("We refund the full price.", (0,)),
        ("We are open on Saturday from 8am to 5:30 pm.", (1,)),
        ("On Wednesday we open at 7.30am.", (1,)),
        ("A check costs 15 pounds.", (2,)),
        ("We shut at 5.30pm on Friday.", (1,)),
        ("Priya repairs machines on Tuesdays, and we open at 07:30.", (1, 2)),
        ("Lantern Street is open on Friday.", (1,)),
        ("No, opened bags of coffee cannot be returned.", (0,)),
    ],
)
def test_stated(sentence: str, cited: tuple[int, ...]) -> None:
    """What the passages state may be said, and cites the passages that state it."""
    verdict = check_sentence(sentence, SOURCES, SHOP)
    assert verdict.faults == ()
    assert verdict.cited == cited


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("Yes, within 60 days of purchase.", "quantity"),
        ("We are open on Sunday.", "quantity"),
        ("We are open until 6pm on Saturday.", "quantity"),
        ("A check costs £50.", "quantity"),
        ("A check costs $15.", "quantity"),
        ("Call 01632 960143 for repairs.", "quantity"),
        ("Return equipment at www.lantern-returns.com.", "link"),
        ("Write to priya@lantern.example.com about repairs.", "link"),
        ("Priya and Marcus repair espresso machines.", "name"),
        ("I will refund the full price.", "promise"),
        ("We guarantee equipment can come back.", "promise"),
        ("I have booked repairs for espresso machines.", "promise"),
        ("Our vegan pastries contain walnuts and hazelnuts.", "unsupported"),
        ("Yes, opened bags of coffee can be returned.", "contradicts"),
        ("...", "empty"),
    ],
)
def test_not_stated(sentence: str, code: str) -> None:
    """What no passage states is a fault of its kind."""
    assert code in {fault.code for fault in check_sentence(sentence, SOURCES, SHOP).faults}


def test_a_number_counts_only_from_a_cited_source() -> None:
    """A quantity that stands in a passage on another matter does not support the reply."""
    other = Source.of("Gift cards", "Gift cards last 60 days.")
    verdict = check_sentence("Equipment can come back within 90 days.", (RETURNS, other))
    assert [fault.code for fault in verdict.faults] == ["quantity"]


def test_reply_joins_its_sentences() -> None:
    """A reply passes when each sentence does, and cites what each rests on."""
    good = check_reply("Yes, within 30 days. A check costs £15.", SOURCES)
    bad = check_reply("Yes, within 30 days. A check costs £25.", SOURCES)
    assert good.passed
    assert good.cited == (0, 2)
    assert not bad.passed


@given(st.integers(min_value=0, max_value=100_000))
def test_no_foreign_number_passes(number: int) -> None:
    """Whatever the number, a price that no passage holds is caught."""
    verdict = check_sentence(f"A check costs £{number}.", SOURCES)
    assert verdict.passed == (number == 15)


@given(st.text(max_size=200))
def test_any_text_can_be_checked(text: str) -> None:
    """No reply breaks the check; the verdict names only passages that exist."""
    verdict = check_reply(text, SOURCES)
    assert set(verdict.cited) <= {0, 1, 2}
    assert verdict.passed == (not verdict.faults)
