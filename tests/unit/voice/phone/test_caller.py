"""Callers' numbers, blocked ones, and whose packets are heard."""

import pytest

from shopbell.assistant.callbook import masked
from shopbell.voice.phone.caller import is_blocked, number_of
from shopbell.voice.phone.source import Source


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("sip:01632960123@192.168.178.1", "01632960123"),
        ("sip:%2B441632960123@box;user=phone", "+441632960123"),
        ("<sip:anna@box>", "anna"),
        ("sip:anonymous@anonymous.invalid", ""),
        ("sip:Unknown@box", ""),
        ("sip:box", ""),
        ("", ""),
        ("sip:\x1b[31m12@box", "[31m12"),
    ],
)
def test_the_number_is_the_users_part(uri: str, number: str) -> None:
    """Of a SIP URI the part before the @ is the number; withheld ones are empty, control characters go."""
    assert number_of(uri) == number


@pytest.mark.parametrize(
    ("number", "patterns", "blocked"),
    [
        ("01632960123", ("01632960123",), True),
        ("0163 296-0123", ("01632960123",), True),
        ("01632960124", ("01632960123",), False),
        ("01632960124", ("01632*",), True),
        ("00441632960124", ("+44*",), True),
        ("", ("anonymous",), True),
        ("", ("01632*",), False),
        ("anna", ("anonymous",), False),
        ("01632960124", (), False),
    ],
)
def test_blocked_numbers_are_known(number: str, patterns: tuple[str, ...], blocked: bool) -> None:
    """A number, its beginning with a star, and withheld numbers can be blocked, however they are written."""
    assert is_blocked(number, patterns) is blocked


@pytest.mark.parametrize(("number", "shown"), [("01632960123", "…123"), ("12", "unknown"), ("", "unknown")])
def test_three_digits_are_kept(number: str, shown: str) -> None:
    """Of a caller's number the book keeps three digits; of a short one none."""
    assert masked(number) == shown


def test_the_agreed_address_is_heard() -> None:
    """Packets from where the other side said are heard, those of others are not."""
    source = Source(("192.0.2.1", 4000), "192.0.2.1")
    assert source.accepts(("192.0.2.1", 4000))
    assert not source.accepts(("192.0.2.1", 4002))
    assert not source.accepts(("192.0.2.9", 4000))


def test_behind_a_router_the_first_is_taken_and_kept() -> None:
    """Where packets come from the call's own address but another port, the first port is the one."""
    source = Source(("10.0.0.5", 4000), "192.0.2.1")
    assert not source.accepts(("192.0.2.9", 7000))
    assert source.accepts(("192.0.2.1", 7000))
    assert not source.accepts(("192.0.2.1", 7002))


def test_the_agreed_address_wins_over_one_that_was_quicker() -> None:
    """Somebody who sent first from the same machine loses the line to who was agreed on."""
    source = Source(("127.0.0.1", 4000), "127.0.0.1")
    assert source.accepts(("127.0.0.1", 6666))
    assert source.accepts(("127.0.0.1", 4000))
    assert not source.accepts(("127.0.0.1", 6666))


def test_a_new_agreement_begins_anew() -> None:
    """After a re-INVITE the new address is heard, and the old one is not."""
    source = Source(("192.0.2.1", 4000), "192.0.2.1")
    source.accepts(("192.0.2.1", 4000))
    source.agree(("192.0.2.2", 5000), "192.0.2.1")
    assert source.accepts(("192.0.2.2", 5000))
    assert not source.accepts(("192.0.2.1", 4000))
