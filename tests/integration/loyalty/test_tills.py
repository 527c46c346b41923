import secrets
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from shopbell.loyalty.errors import KeyRefused, ScopeMissing, TillTaken, TooFast
from shopbell.loyalty.tills import Scope, Tills
from shopbell.storage.buckets import Buckets, Rate

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def engine(db_engine: sa.Engine) -> sa.Engine:
    return db_engine


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def tills(engine: sa.Engine, seconds: Seconds) -> Tills:
    return Tills(engine, buckets=Buckets(Rate(3, 1), seconds), draw=secrets.token_bytes)


def test_a_key_is_shown_once_and_kept_as_a_hash(engine: sa.Engine, tills: Tills) -> None:
    """Nothing in the database opens the door."""
    new = tills.create("till-1", {Scope.SALES_WRITE}, NOW)
    secret = new.text.split("_", 2)[2]
    assert len(secret) == 43
    with engine.connect() as db:
        rows = str(db.exec_driver_sql("SELECT * FROM till_key").all())
    assert secret not in rows
    assert tills.admit(new.text, Scope.SALES_WRITE, NOW).till == "till-1"
    assert tills.keys()[0].last_used_at == NOW


def test_a_key_opens_only_what_it_is_for(tills: Tills) -> None:
    """A scope that was not given is missing."""
    new = tills.create("till-1", {Scope.SALES_WRITE, Scope.READ}, NOW)
    tills.admit(new.text, Scope.READ, NOW)
    with pytest.raises(ScopeMissing, match="rewards:redeem"):
        tills.admit(new.text, Scope.REWARDS_REDEEM, NOW)


def test_wrong_and_revoked_keys_are_refused_alike(tills: Tills) -> None:
    """The message does not tell a wrong secret from an unknown or revoked key."""
    new = tills.create("till-1", {Scope.READ}, NOW)
    wrong = [
        "",
        "sbk",
        "sbk__",
        new.text[:-1],
        new.text + "x",
        new.text.replace("sbk", "sbx"),
        "sbk_0000000000000000_" + new.text[21:],
        "\ud800",
    ]
    messages = set()
    for text in wrong:
        with pytest.raises(KeyRefused) as fault:
            tills.admit(text, Scope.READ, NOW)
        messages.add(str(fault.value))
    tills.revoke(new.key.id, NOW)
    with pytest.raises(KeyRefused) as fault:
        tills.admit(new.text, Scope.READ, NOW)
    assert messages == {str(fault.value)}
    with pytest.raises(KeyRefused, match="in use"):
        tills.revoke(new.key.id, NOW)


def test_a_till_has_one_key_at_a_time(tills: Tills) -> None:
    """A new one comes after the old one is revoked."""
    first = tills.create("till-1", {Scope.READ}, NOW)
    with pytest.raises(TillTaken):
        tills.create("till-1", {Scope.READ}, NOW)
    tills.revoke(first.key.id, NOW)
    second = tills.create("till-1", {Scope.READ}, NOW + timedelta(seconds=1))
    assert [tills.keys()[0].id, tills.keys()[1].id] == [second.key.id, first.key.id]


def test_each_key_has_a_rate_of_its_own(tills: Tills, seconds: Seconds) -> None:
    """A hasty till does not slow its neighbour, and wrong keys use up nobody's share."""
    one, two = (tills.create(f"till-{n}", {Scope.READ}, NOW) for n in (1, 2))
    for _ in range(3):
        tills.admit(one.text, Scope.READ, NOW)
        with pytest.raises(KeyRefused):
            tills.admit(two.text + "x", Scope.READ, NOW)
    with pytest.raises(TooFast):
        tills.admit(one.text, Scope.READ, NOW)
    tills.admit(two.text, Scope.READ, NOW)
    seconds.now = 1.0
    tills.admit(one.text, Scope.READ, NOW)
