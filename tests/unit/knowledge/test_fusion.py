import numpy as np
import pytest
from msgspec.structs import replace

from shopbell.knowledge.fusion import FIELDS, NAMES, Gauge, Heard, ceiling, clarity, features, fuse, worded
from shopbell.knowledge.lexical import Lexical, wordings_of
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.weights import WEIGHTS, WORDED
from tests.fakes.embedding import HashedEmbedder, vectors_of

SHOP = (
    Passage(id="a", title="When are you open?", also_asked=("opening hours",), text="Eight to four."),
    Passage(id="b", title="Do you sell gift cards?", text="Yes, from five pounds."),
    Passage(id="c", title="Is the coffee fair trade?", text="All our espresso is."),
)
EMBEDDER = HashedEmbedder()
LEXICAL = Lexical(SHOP, is_word=lambda _: True)
VECTORS = vectors_of(SHOP, EMBEDDER)


def heard(text: str) -> Heard:
    return Heard.of(EMBEDDER.read([text]))


def gauge() -> Gauge:
    return Gauge(SHOP, LEXICAL, VECTORS)


def test_every_feature_has_a_weight() -> None:
    """The fitted weights are of exactly the features that are measured, in their order."""
    assert tuple(WEIGHTS) == tuple(WORDED) == NAMES


def test_the_passage_asked_for_comes_first() -> None:
    """A wording asked as it stands brings its passage to the top, and no score is above the ceiling."""
    for number, passage in enumerate(SHOP):
        for wording in wordings_of(passage):
            evidence = gauge().measure(LEXICAL.read(wording), heard(wording))
            scores = fuse(evidence)
            assert int(np.argmax(scores)) == number
            assert scores.max() <= ceiling(evidence.worded)


def test_weights_move_with_the_wordings_that_the_shop_has_written() -> None:
    """Titles alone are one end, four wordings of each passage in the mean the other."""
    assert [worded(count, 10) for count in (0, 10, 25, 40, 400)] == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert worded(0, 0) == 0.0
    evidence = gauge().measure(LEXICAL.read("gift cards"), heard("gift cards"))
    bare, half, full = (fuse(replace(evidence, worded=share)) for share in (0.0, 0.5, 1.0))
    assert not np.allclose(bare, full)
    assert half == pytest.approx((bare + full) / 2, rel=1e-3)


def test_a_wording_left_out_counts_nothing() -> None:
    """Without its second wording a passage is measured by its title alone."""
    asked, vectors = LEXICAL.read("opening hours"), heard("opening hours")
    whole = gauge().measure(asked, vectors)
    without = gauge().measure(asked, vectors, [1])
    assert whole.column("dense_asked")[0] == pytest.approx(1.0, abs=1e-3)
    assert without.column("dense_asked")[0] < 0.9
    late = FIELDS.index("late")  # how common a word's like is depends on all passages
    assert np.array_equal(np.delete(whole.table[1:], late, 1), np.delete(without.table[1:], late, 1))


def test_a_title_left_out_leaves_the_text() -> None:
    """Without its title a passage is known by its text in the joint field too."""
    asked, vectors = LEXICAL.read("gift cards"), heard("gift cards")
    without = gauge().measure(asked, vectors, [2])
    assert without.column("dense_body")[1] == without.column("dense_text")[1]
    assert without.column("covered_body")[1] == 0.0


def test_a_title_on_every_passage_says_nothing() -> None:
    """Clarity falls from one for a title of its own to nothing for one that all share."""
    shared = [Passage(id=str(n), title="Huguenot", text=str(n)) for n in range(3)]
    assert clarity(shared).tolist() == [0.0, 0.0, 0.0]
    assert clarity(SHOP).tolist() == [1.0, 1.0, 1.0]
    assert 0.0 < clarity([*shared, *SHOP])[0] < 1.0


def test_features_are_finite_for_any_question() -> None:
    """A question of no known word still has finite features of the right shape."""
    table = features(gauge().measure(LEXICAL.read("?!"), heard("?!")))
    assert table.shape == (3, len(NAMES))
    assert np.isfinite(table).all()
    assert len(FIELDS) < len(NAMES)
