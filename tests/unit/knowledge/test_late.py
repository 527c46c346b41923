from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.knowledge.late import Kept, WordIndex, Words, grouped
from shopbell.knowledge.wordstore import WordStore

AXES = np.eye(384, dtype=np.float32)


def axes(*places: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return unit vectors along the axes named."""
    return AXES[list(places)]


def heard(*texts: str) -> Words:
    """Return words along the first axes."""
    return Words(texts, axes(*range(len(texts))))


def common(_: str) -> float:
    return 1.0


def test_each_word_finds_its_best_like_anywhere_in_the_passage() -> None:
    """The score is the mean over the words heard; wording and text count as one."""
    index = WordIndex([[Kept(0, axes(0, 7)), Kept(-1, axes(1))], [Kept(1, axes(2))], []])
    assert index.late(heard("grinder", "broken", "kettle"), common).tolist() == pytest.approx(
        [2 / 3, 1 / 3, 0]
    )


def test_a_word_whose_like_is_everywhere_tells_little() -> None:
    """Of fifty passages all have something like the one word, and one has the other."""
    index = WordIndex([[Kept(n, axes(0))] for n in range(49)] + [[Kept(49, axes(1))]])
    scores = index.late(heard("virus", "symptoms"), common)
    assert scores[49] > 3 * scores[0]


def test_rare_words_count_more_and_light_ones_little() -> None:
    """A word weighs by its rarity; "how" has a fifth of it."""
    index = WordIndex([[Kept(0, axes(0))], [Kept(1, axes(1))]])
    rare = index.late(heard("grinder", "broken"), lambda word: 3.0 if word == "grinder" else 1.0)
    assert rare.tolist() == pytest.approx([0.75, 0.25])
    assert index.late(heard("how", "broken"), common).tolist() == pytest.approx([0.2 / 1.2, 1.0 / 1.2])


def test_a_wording_left_out_counts_nothing() -> None:
    """Rehearsal asks a wording as if the shop had never written it."""
    index = WordIndex([[Kept(0, axes(0)), Kept(1, axes(1))]])
    assert index.late(heard("grinder"), common).tolist() == [1.0]
    assert index.late(heard("grinder"), common, [0]).tolist() == [0.0]


def test_each_word_is_held_against_one_passage() -> None:
    """The nearest word of the passage counts, wherever it stands in it; a passage without words has none."""
    index = WordIndex([[Kept(0, axes(0)), Kept(-1, axes(2))], [], [Kept(1, axes(1))]])
    words = heard("grinder", "broken", "cup")
    assert index.nearest(words, 0).tolist() == [1.0, 0.0, 1.0]
    assert index.nearest(words, 1).tolist() == [0.0, 0.0, 0.0]
    assert index.nearest(words, 2).tolist() == [0.0, 1.0, 0.0]


def test_nothing_heard_or_kept_is_no_likeness() -> None:
    """An empty question or shop gives zeros of the right length."""
    assert WordIndex([[], []]).late(heard("grinder"), common).tolist() == [0.0, 0.0]
    assert WordIndex([[Kept(0, axes(0))]]).late(Words(), common).tolist() == [0.0]


def test_words_that_tell_something_are_kept() -> None:
    """Light words and single letters go; where nothing else is left all stay."""
    assert heard("how", "is", "the", "grinder", "7").telling().texts == ("grinder", "7")
    assert heard("how", "is").telling().texts == ("how", "is")


def test_pieces_are_grouped_by_word() -> None:
    """Pieces of one word stand together, marks are left out, letters are made plain."""
    pieces, spans = (None, 0, 0, 1, 2, None), [(0, 0), (0, 2), (2, 5), (5, 6), (7, 9), (0, 0)]
    assert list(grouped(pieces, spans, "Cafés, ok")) == [("cafes", [1, 2]), ("ok", [4])]


@given(st.lists(st.text(), max_size=4), st.integers(0, 3))
def test_a_likeness_is_a_share(texts: list[str], seed: int) -> None:
    """Whatever is heard, every score lies between nothing and all."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((len(texts) + 4, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    scores = WordIndex([[Kept(0, rows[:2])], [Kept(-1, rows[2:4])]]).late(
        Words(tuple(texts), rows[4:]), common
    )
    assert scores.shape == (2,)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_the_store_keeps_what_is_wanted_and_nothing_else(tmp_path: Path) -> None:
    """What is no longer wanted is gone from the file with the next save."""
    store = WordStore(tmp_path / "words.npz")
    store.put("a", axes(0, 1))
    store.put("b", axes(2)[:0])
    store.put("c", axes(3))
    store.keep(["a", "b"])
    again = WordStore(tmp_path / "words.npz")
    assert again.get("c") is None
    assert [rows.shape for name in "ab" if (rows := again.get(name)) is not None] == [(2, 384), (0, 384)]
    again.keep([])
    assert WordStore(tmp_path / "words.npz").get("a") is None


@pytest.mark.parametrize("damage", [b"", b"no archive", b"PK\x03\x04 half of one"])
def test_a_damaged_store_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    """A file that cannot be read holds nothing, and the next save mends it."""
    path = tmp_path / "words.npz"
    path.write_bytes(damage)
    store = WordStore(path)
    assert store.get("a") is None
    store.put("a", axes(0))
    store.keep(["a"])
    assert WordStore(path).get("a") is not None
