import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shopbell.knowledge.lexical import Lexical
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.synonyms import Synonyms

SHOP = (
    Passage(
        id="a",
        title="When are you open?",
        also_asked=("opening hours",),
        text="Eight to four, not on Monday.",
    ),
    Passage(id="b", title="Do you sell gift cards?", text="Yes, from five pounds."),
    Passage(id="c", title="Is the coffee fair trade?", text="All our espresso is, and the filter coffee."),
)


def lexical(synonyms: Synonyms | None = None) -> Lexical:
    return Lexical(SHOP, is_word=lambda _: False, synonyms=synonyms)


def test_a_question_in_the_shops_words_reaches_all() -> None:
    """A wording asked as it stands is wholly covered and overlaps itself wholly."""
    index = lexical()
    shared = index.asked.share(index.read("Do you sell gift cards?").terms)
    row = list(index.owners).index(1)
    assert shared.covered[row] == 1.0
    assert shared.overlap[row] > 0.99
    assert int(np.argmax(shared.score)) == row


def test_a_slip_still_finds_the_word() -> None:
    """A mistyped word counts nearly as much, and the mended question is a rewrite."""
    index = lexical()
    asked = index.read("gfit cards")
    assert asked.rewrites == ("gift cards",)
    assert 0.8 < index.asked.share(asked.terms).covered[2] < 1.0


def test_a_synonym_finds_the_shops_word() -> None:
    """The customer's word stands for the shop's, in the terms and in a rewrite."""
    index = lexical(Synonyms([("voucher", "gift cards")]))
    asked = index.read("any voucher")
    assert asked.rewrites == ("any gift cards",)
    assert int(np.argmax(index.asked.share(asked.terms).covered)) == 2
    assert not lexical().asked.share(lexical().read("any voucher").terms).covered.any()


def test_word_order_tells_questions_apart() -> None:
    """Neighbouring words are counted, the ends included."""
    index = lexical()
    overlap = index.pairs.overlap(index.read("when are you open").stems)
    assert overlap[0] == 1.0
    assert overlap[3] < 0.3


@given(st.text(max_size=60))
def test_every_share_is_between_nothing_and_all(question: str) -> None:
    """Whatever is typed, all measures lie in [0, 1]."""
    index = lexical()
    terms = index.read(question).terms
    for field in (index.asked, index.text, index.body):
        shared = field.share(terms)
        for values in (shared.score, shared.covered, shared.overlap):
            assert values.min() >= 0.0
            assert values.max() <= 1.0


def test_passages_without_words_do_no_harm() -> None:
    """Titles and texts of no words at all are indexed and never found."""
    index = Lexical([Passage(id="x", title="?!", text="")], is_word=lambda _: True)
    assert index.body.share(index.read("anything").terms).score.tolist() == [0.0]
