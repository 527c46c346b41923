from shopbell.knowledge.lexical import Lexical
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.rehearsal import Rehearsal, foreign_questions, slip
from tests.fakes.embedding import HashedEmbedder, vectors_of

SHOP = (
    Passage(id="a", title="When are you open?", also_asked=("opening hours",), text="We open at eight."),
    Passage(id="b", title="Do you sell gift cards?", text="Gift cards start at five pounds."),
    Passage(id="c", title="Bare", text=""),
)


def rehearsal(shop: tuple[Passage, ...]) -> Rehearsal:
    embedder = HashedEmbedder()
    vectors = vectors_of(shop, embedder)
    return Rehearsal(shop, Lexical(shop, is_word=lambda _: False), vectors, embedder)


def test_asks_each_wording_without_itself_and_with_a_slip() -> None:
    """Each wording that may be missed is asked twice, and twice more without its passage."""
    samples = rehearsal(SHOP).samples(())
    assert sum(sample.answerable for sample in samples) == 6
    assert sum(not sample.answerable for sample in samples) == 6
    assert not any(sample.first or sample.about for sample in samples if not sample.answerable)
    assert sum(sample.first for sample in samples) >= 4


def test_everyday_questions_are_never_answered() -> None:
    """A foreign question counts as one that nothing answers."""
    foreign = foreign_questions()[:3]
    samples = rehearsal(SHOP).samples(foreign)
    assert [sample.about for sample in samples[-3:]] == [False] * 3


def test_headings_over_many_passages_are_not_asked() -> None:
    """A title that many passages share is no question of the shop's own."""
    shop = tuple(Passage(id=str(n), title="Huguenot", text=f"Paragraph number {n}.") for n in range(9))
    assert rehearsal(shop).samples(()) == []


def test_the_bundled_questions_are_many_and_different() -> None:
    """At least 150 everyday questions, none twice."""
    found = foreign_questions()
    assert len(found) == len(set(found)) >= 150


def test_slips_are_small_and_repeatable() -> None:
    """An even one drops a letter of the longest word, an odd one a word."""
    assert slip("Do you sell croissants?", 0) == "do you sell croisants"
    assert slip("Do you sell croissants?", 1) == "do sell croissants"
    assert slip("", 1) == ""
    assert slip("bye bye bye", 1) == "bye bye"
