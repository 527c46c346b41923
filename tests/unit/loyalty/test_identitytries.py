"""Guessing PINs: simulated, with the clock in the attacker's hands."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from shopbell.loyalty.identity import CODE_DIGITS, PIN_DIGITS, check_pin
from shopbell.loyalty.identityerrors import PinRefused, SignInLocked, SignInTooFast
from shopbell.loyalty.identitytries import (
    CODES_IN_A_ROW,
    IN_A_ROW,
    ORIGIN_ACCOUNTS,
    Key,
    Tries,
    drop_old,
    try_table,
)
from shopbell.storage.database import open_database

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
GUESSES = 60
MONTH = timedelta(days=30)


@pytest.mark.parametrize(("key", "most"), [("pin", IN_A_ROW), ("code", CODES_IN_A_ROW)])
@pytest.mark.parametrize("rest", [timedelta(minutes=20), timedelta(days=5)])
def test_guesses_that_reach_a_secret_are_too_few_to_find_it(
    tmp_path: Path, key: Key, most: int, rest: timedelta
) -> None:
    """Of many guesses from many addresses, fast or over years, those that count find one in 100,000."""
    engine = open_database(tmp_path / "shop.db")
    tries, reached = Tries(engine), 0
    for number in range(GUESSES):
        now = NOW + rest * number
        with engine.begin() as db:
            drop_old(db, now - MONTH)
        try:
            tries.begin("ann", f"origin {number}", key, now)
            reached += 1
        except (SignInLocked, SignInTooFast):
            continue
    engine.dispose()
    assert reached == most
    assert IN_A_ROW / 10**PIN_DIGITS + CODES_IN_A_ROW / 10**CODE_DIGITS <= 1e-5


def test_what_no_longer_counts_is_removed_and_the_rest_forgets_where_from(tmp_path: Path) -> None:
    """After a month a settled try is gone; one that still counts towards a lock keeps no address."""
    engine = open_database(tmp_path / "shop.db")
    tries = Tries(engine)
    tries.begin("ann", "here", "pin", NOW)
    tries.succeed(tries.begin("ann", "here", "pin", NOW))
    tries.begin("ben", "there", "pin", NOW)
    with engine.begin() as db:
        assert drop_old(db, NOW + MONTH) == 2
        kept = db.execute(sa.select(try_table.c.account, try_table.c.origin)).all()
    engine.dispose()
    assert [tuple(row) for row in kept] == [("ben", "")]


def test_one_origin_walks_through_few_accounts(tmp_path: Path) -> None:
    """A day of trying everybody from one address reaches at most 240 accounts."""
    engine = open_database(tmp_path / "shop.db")
    tries, reached = Tries(engine), 0
    for number in range(240):
        try:
            tries.begin(f"account {number}", "one", "pin", NOW + timedelta(minutes=6 * number))
            reached += 1
        except SignInTooFast:
            continue
    engine.dispose()
    assert reached <= ORIGIN_ACCOUNTS * 24
    assert reached / 10**PIN_DIGITS <= 1e-3


def test_staff_opens_a_locked_account(tmp_path: Path) -> None:
    """After the lock a person who sees the customer lets the PIN be tried again."""
    engine = open_database(tmp_path / "shop.db")
    tries = Tries(engine)
    for number in range(IN_A_ROW):
        tries.begin("ann", f"{number}", "pin", NOW + timedelta(hours=number))
    with pytest.raises(SignInLocked):
        tries.begin("ann", "x", "pin", NOW + timedelta(days=9))
    tries.reset("ann", NOW + timedelta(days=9))
    tries.begin("ann", "x", "pin", NOW + timedelta(days=9, minutes=1))
    engine.dispose()


def test_few_pins_are_refused() -> None:
    """The list of easy PINs is short enough to leave the chance of a guess as it is."""
    drawn = [f"{secrets.randbelow(10**PIN_DIGITS):06d}" for _ in range(3_000)]
    refused = 0
    for pin in drawn:
        try:
            check_pin(pin)
        except PinRefused:
            refused += 1
    assert refused < 60
