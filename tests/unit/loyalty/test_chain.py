from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.loyalty import operations as o
from shopbell.loyalty.chain import GENESIS, Leaf, entry_hash, request_hash, stamp
from shopbell.loyalty.errors import BadOperation

T0 = datetime(2026, 1, 1, tzinfo=UTC)
LEAF: Leaf = ("ann", "available", 1, None, 10, 10)


def test_the_format_of_the_chain_is_kept() -> None:
    """The bytes that are hashed never change: old ledgers must verify under new versions."""
    columns = (
        1,
        "k",
        bytes(32),
        "accrue",
        "ann",
        "",
        "points",
        10,
        0,
        None,
        "",
        "",
        "",
        "",
        "t",
        None,
        None,
        "{}",
    )
    assert entry_hash(GENESIS, columns, [LEAF]).hex().startswith("0e0f33d93327279fe55ed5aa")


@pytest.mark.parametrize(
    "other",
    [
        ("bob", "available", 1, None, 10, 10),
        ("ann", "pending", 1, None, 10, 10),
        ("ann", "available", 2, None, 10, 10),
        ("ann", "available", 1, 1, 10, 10),
        ("ann", "available", 1, None, 11, 10),
        ("ann", "available", 1, None, 10, 11),
    ],
)
def test_each_part_of_a_posting_is_sealed(other: Leaf) -> None:
    """A change anywhere in a posting changes the hash."""
    assert entry_hash(GENESIS, (1,), [LEAF]) != entry_hash(GENESIS, (1,), [other])


def test_a_retry_is_the_same_request() -> None:
    """Neither the time of asking nor the zone of a time tells two requests apart; everything else does."""
    request = o.Accrue(key="k", at=T0, owner="ann", unit="points", points=1, expires_at=T0)
    east = T0.astimezone(timezone(timedelta(hours=9)))
    assert request_hash(request) == request_hash(msgspec.structs.replace(request, at=T0 + timedelta(1)))
    assert request_hash(request) == request_hash(msgspec.structs.replace(request, expires_at=east))
    for name in ("key", "owner", "unit", "rule", "line", "reason", "actor"):
        assert request_hash(request) != request_hash(msgspec.structs.replace(request, **{name: "x"}))
    spend = o.Spend(key="k", at=T0, owner="ann", unit="points", points=1)
    hold = o.Hold(key="k", at=T0, owner="ann", unit="points", points=1)
    assert request_hash(spend) != request_hash(hold)


@given(st.lists(st.datetimes(timezones=st.timezones()), min_size=2, max_size=2))
def test_stamps_sort_as_time_passes(times: list[datetime]) -> None:
    """Text order is time order, over zones, clock changes and years with 29 February."""
    try:
        first, second = (stamp(time) for time in times)
    except OverflowError:
        return
    assert (first < second) == (times[0].astimezone(UTC) < times[1].astimezone(UTC))
    assert len(first) == len(second)


def test_a_time_needs_a_zone() -> None:
    """A time that could be any of 24 instants is refused."""
    with pytest.raises(BadOperation, match="has no zone"):
        stamp(T0.replace(tzinfo=None))


def test_the_ledgers_own_keys_cannot_be_asked_for() -> None:
    """Whoever decodes a request from outside cannot use a key that begins with a tilde."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"operation": "redeem", "key": "~mature:1", "at": T0, "hold": "h"}, type=o.RedeemHold)
