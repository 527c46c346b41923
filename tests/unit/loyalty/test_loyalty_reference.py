"""The reference must itself be right before the ledger is held against it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.loyalty_reference import Reference, Refused


def test_what_is_lost_first_is_spent_first_and_comes_back_where_it_was() -> None:
    """Ten that end at 5 go before ten that never end; given back they still end at 5."""
    book = Reference()
    book.earn("a", "ann", 10, now=0)
    book.earn("b", "ann", 10, now=0, end=5)
    book.spend("s", "ann", 12, now=1)
    assert [lot.left["available"] for lot in book.wallets["ann"].lots] == [8, 0]
    book.give_back("s", 2, now=1)
    assert [lot.left["available"] for lot in book.wallets["ann"].lots] == [10, 0]
    book.give_back("s", None, now=6)
    assert (book.wallets["ann"].sum("available"), book.expired) == (10, 10)
    assert book.balanced()


def test_held_points_are_not_spendable_twice() -> None:
    """A hold ends once."""
    book = Reference()
    book.earn("a", "ann", 10, now=0, end=5)
    book.hold("h", "ann", 10, now=1)
    with pytest.raises(Refused):
        book.spend("s", "ann", 1, now=1)
    book.redeem("r", "h", now=9)
    with pytest.raises(Refused):
        book.release("h", now=9)
    assert (book.redeemed, book.expired) == (10, 0)


def test_what_is_owed_is_repaid_first() -> None:
    """Taken back after it was spent: owed, then repaid."""
    book = Reference()
    book.earn("a", "ann", 10, now=0)
    book.spend("s", "ann", 10, now=0)
    book.take_back("a", None, now=0, negative=True)
    book.earn("b", "ann", 14, now=1)
    assert (book.wallets["ann"].owed, book.wallets["ann"].sum("available")) == (0, 4)
    assert book.balanced()


steps = st.lists(
    st.tuples(
        st.sampled_from(["earn", "spend", "hold", "release", "redeem", "give", "take", "merge"]),
        st.sampled_from(["ann", "bob"]),
        st.integers(1, 30),
        st.integers(0, 4),
    ),
    max_size=40,
)


@given(steps)
def test_nothing_is_lost_and_nothing_is_made(todo: list[tuple[str, str, int, int]]) -> None:
    """After any steps everything issued is in a pocket, redeemed, expired or taken back."""
    book, now = Reference(), 0
    for number, (what, who, points, wait) in enumerate(todo):
        now += wait
        try:
            _step(book, what, who, points, now, number)
        except (Refused, IndexError, StopIteration):
            continue
        assert book.balanced()
        assert all(min(lot.left.values()) >= 0 for one in book.wallets.values() for lot in one.lots)


def _step(book: Reference, what: str, who: str, points: int, now: int, number: int) -> None:
    key = str(number)
    match what:
        case "earn":
            book.earn(key, who, points, now, ripe=now + points % 3, end=now + points % 7 + 2)
        case "spend":
            book.spend(key, who, points, now)
        case "hold":
            book.hold(key, who, points, now)
        case "release":
            book.release(next(iter(book.holds)), now)
        case "redeem":
            book.redeem(key, next(iter(book.holds)), now)
        case "give":
            book.give_back(list(book.burnt)[-1], points, now)
        case "take":
            book.take_back(list(book.made)[-1], None, now, negative=bool(points % 2))
        case _:
            book.merge("ann", "bob", now)
