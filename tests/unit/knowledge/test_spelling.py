import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.knowledge.spelling import Speller, distance

SHOP = ["croissant", "croissant", "sourdough", "gift", "card", "hours", "espresso", "chocolate", "return"]


def speller(everyday: tuple[str, ...] = ("worm", "hour")) -> Speller:
    return Speller(SHOP, lambda word: word in everyday)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("croisant", ("croissant",)),
        ("sourdoguh", ("sourdough",)),
        ("expresso", ("espresso",)),
        ("giftcard", ("gift", "card")),
        ("choco", ("chocolate",)),
        ("croissant", ()),
        ("worm", ()),
        ("crd", ()),
        ("zebra", ()),
    ],
)
def test_mends_what_is_nobodys_word(typed: str, meant: tuple[str, ...]) -> None:
    """A slip becomes the shop's word; the shop's own and everyday words stay as they are."""
    assert speller().mend(typed) == meant


def test_swapped_neighbours_count_once() -> None:
    """Two letters swapped are one slip, not two."""
    assert distance("hte", "the") == 1
    assert distance("kitten", "sitting") == 3


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_distance_is_symmetric_and_zero_only_for_the_same(one: str, other: str) -> None:
    """The distance is the same from either side."""
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
