"""Buckets and seats."""

from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant.web.limits import Bucket, Buckets, Rate, Seats


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(0, 5), max_size=200))
def test_a_bucket_never_gives_more_than_its_rate(pauses: list[float]) -> None:
    """Over any time, at most the burst and what was refilled is given."""
    clock = Clock()
    bucket = Bucket(Rate(8, 1), clock)
    given_out = 0
    for pause in pauses:
        clock.now += pause
        given_out += bucket.take()
    assert given_out <= 8 + sum(pauses) + 1e-6


def test_a_bucket_refills() -> None:
    """After a burst one waits, and then may go on."""
    clock = Clock()
    bucket = Bucket(Rate(2, 1), clock)
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    clock.now = 1.0
    assert [bucket.take() for _ in range(2)] == [True, False]


def test_addresses_do_not_share_and_memory_is_bounded() -> None:
    """Each address has its own bucket, and a flood of addresses does not fill the memory."""
    buckets = Buckets(Rate(1, 0), Clock(), most=100)
    assert buckets.take("a")
    assert not buckets.take("a")
    assert buckets.take("b")
    assert all(buckets.take(number) for number in range(1_000))
    assert len(buckets) == 100


def test_one_address_takes_at_most_half_of_the_seats() -> None:
    """Others find a seat while one address takes all it can get."""
    seats = Seats(10)
    assert [seats.sit("a") for _ in range(7)].count(True) == 5
    assert [seats.sit("b") for _ in range(7)].count(True) == 5
    assert not seats.sit("c")
    seats.leave("a")
    assert seats.sit("c")
    assert len(seats) == 10
