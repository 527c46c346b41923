from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.loyalty.amounts import Mark, exact, minor


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4.20", "4.20"),
        ("£4.20", "4.20"),
        ("4,20 €", "4.20"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1 234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("CHF 1'234.50", "1234.50"),
        ("US$12", "12"),
        ("$8.00", "8.00"),
        ("(3.00)", "-3.00"),
        ("(£3.00)", "-3.00"),
        ("-£3.00", "-3.00"),
        ("£-3.00", "-3.00"),
        ("3.00-", "-3.00"),
        ("\u22123.00", "-3.00"),
        ("+5", "5"),
        (".50", "0.50"),
        ("12.", "12"),
        ("0.125", "0.125"),
        ("8.3333", "8.3333"),
        ("kr 25,00", "25.00"),
        ("25,00 zł", "25.00"),
        ("-0.00", "0"),
    ],
)
def test_amounts_are_read_however_they_are_written(text: str, value: str) -> None:
    """Marks, brackets, signs and currencies change nothing about the number."""
    assert exact(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "abc", "1.2.3", "12,34,56", "=1+1", "1e5", "NaN", "Infinity", "--", "1_000", "3²", "9" * 40]
)
def test_what_is_no_amount_is_refused_with_a_reason(text: str) -> None:
    """A slip never becomes a number."""
    with pytest.raises(ValueError, match=r"amount|digits|odd places"):
        exact(text)


@pytest.mark.parametrize(("mark", "value"), [(Mark.POINT, "1.234"), (Mark.COMMA, "1234")])
def test_an_amount_that_reads_two_ways_is_asked_about(mark: Mark, value: str) -> None:
    """1.234 is a thousand or thousandths; only the mapping can say."""
    with pytest.raises(ValueError, match="reads two ways"):
        exact("1.234")
    assert exact("1.234", mark) == Decimal(value)


@given(st.integers(-(10**12), 10**12), st.sampled_from(["{}", "£{}", "{} €", "EUR {}"]))
def test_every_amount_comes_back_from_its_spelling(cents: int, around: str) -> None:
    """Cents written out with thousands marks are the same cents again."""
    written = around.format(f"{Decimal(cents) / 100:,.2f}")
    assert minor(exact(written), 2) == cents


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_amounts(text: str) -> None:
    """Any text is a number or a reason."""
    with suppress(ValueError):
        assert exact(text).is_finite()


def test_amounts_finer_than_the_currency_are_refused_or_rounded_as_told() -> None:
    """Nothing is rounded silently."""
    assert minor(Decimal("10.00000"), 2) == 1000
    assert minor(Decimal(500), 0) == 500
    assert minor(Decimal("0.125"), 2, rounds=True) == 12
    with pytest.raises(ValueError, match="more than 2 decimals"):
        minor(Decimal("0.125"), 2)
