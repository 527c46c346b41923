from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from shopbell.knowledge.passage import Kind, Outcome, Passage
from shopbell.knowledge.retriever import Retriever, build_retriever
from shopbell.knowledge.synonyms import Synonyms
from tests.fakes.embedding import HashedEmbedder

TODAY = date(2026, 11, 21)
SHOP = (
    Passage(id="hours#sat", title="Are you open on Saturdays?", text="On Saturday we open from 8 to 4."),
    Passage(
        id="hours#xmas",
        title="When do you open at Christmas?",
        text="Eight to noon.",
        valid_from=date(2026, 12, 1),
    ),
    Passage(
        id="hours#summer", title="Summer opening hours", text="Until nine.", valid_until=date(2026, 8, 31)
    ),
    Passage(id="food#gluten", title="Do you have gluten free bread?", text="Yes, a loaf in a sealed bag."),
    Passage(id="gifts#cards", title="Do you sell gift cards?", text="Yes, from five pounds."),
    Passage(id="dogs", title="Can I bring my dog?", text="Dogs on a lead are welcome."),
    Passage(id="product:SOUR", title="Sourdough", text="A large loaf.", kind=Kind.PRODUCT),
    Passage(id="brioche#vegan", title="Is the brioche vegan?", text="No, it has butter."),
)


@pytest.fixture
def retriever(tmp_path: Path) -> Retriever:
    return build(tmp_path, SHOP)


def build(folder: Path, shop: tuple[Passage, ...], synonyms: Synonyms | None = None) -> Retriever:
    return build_retriever(shop, HashedEmbedder(["worm"]), folder / "index", synonyms)


def found(retriever: Retriever, question: str, **settings: int) -> list[str]:
    return [match.passage.id for match in retriever.search(question, today=TODAY, **settings).matches]


def test_finds_what_is_asked_for(retriever: Retriever) -> None:
    """The passage that answers is first, in other words, with slips and run together."""
    assert found(retriever, "open saturday")[0] == "hours#sat"
    assert found(retriever, "gfit crads")[0] == "gifts#cards"
    assert found(retriever, "giftcards")[0] == "gifts#cards"


def test_what_is_not_valid_today_is_not_found(retriever: Retriever) -> None:
    """A passage is found on its days only."""
    assert not {"hours#xmas", "hours#summer"} & set(found(retriever, "opening hours at christmas", limit=9))
    later = retriever.search("when do you open at christmas", today=date(2026, 12, 24))
    assert later.matches[0].passage.id == "hours#xmas"


def test_measures_lie_in_their_ranges(retriever: Retriever) -> None:
    """Scores fall down the list, and every measure is in the range it promises."""
    result = retriever.search("do you sell gift cards", limit=4, today=TODAY)
    scores = [match.score for match in result.matches]
    assert len(scores) == 4
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= match.score <= 1.0 and 0.0 <= match.lexical <= 1.0 for match in result.matches)
    assert all(-1.0 <= match.dense <= 1.0 for match in result.matches)
    assert 0.0 <= result.confidence <= 1.0
    assert result.seconds > 0.0


def test_two_questions_have_both_answers_in_front(retriever: Retriever) -> None:
    """Of two questions in one each finds its passage among the first three, and none is verbatim."""
    question = "are you open saturday and do you have gluten free bread?"
    result = retriever.search(question, today=TODAY)
    assert {"hours#sat", "food#gluten"} <= {match.passage.id for match in result.matches[:3]}
    assert result.outcome is not Outcome.SURE


def test_the_shops_own_words_are_sure_and_nonsense_is_none(retriever: Retriever) -> None:
    """A question as the shop writes it is sure; one about nothing it writes of is none."""
    assert retriever.search("Do you sell gift cards?", today=TODAY).outcome is Outcome.SURE
    assert retriever.search("qqq zzz", today=TODAY).outcome is Outcome.NONE


@pytest.mark.parametrize("question", ["Are you open on Sundays?", "Is the sourdough vegan?"])
def test_another_day_or_product_is_never_verbatim(retriever: Retriever, question: str) -> None:
    """However alike, an answer about another day or product is not sure."""
    assert retriever.search(question, today=TODAY).outcome is not Outcome.SURE


@pytest.mark.parametrize("question", ["Do you sell gift cards abroad?", "Who can I bring my dog?"])
def test_what_the_passage_says_nothing_of_is_never_verbatim(retriever: Retriever, question: str) -> None:
    """One strange word, or another thing asked for, and the shop's words are not given as they are."""
    assert retriever.search(question, today=TODAY).outcome is Outcome.UNSURE


def test_synonyms_of_the_shop_are_understood(tmp_path: Path) -> None:
    """A word of the customer's finds the passage through the shop's list."""
    retriever = build(tmp_path, SHOP, Synonyms([("hound", "dog")]))
    assert found(retriever, "may my hound come")[0] == "dogs"


@pytest.mark.parametrize("question", ["", "   ", "?!", "\U0001f600"])
def test_questions_without_words_are_none(retriever: Retriever, question: str) -> None:
    """What holds no word finds nothing sure and raises nothing."""
    assert retriever.search(question, today=TODAY).outcome is Outcome.NONE


def test_an_empty_shop_answers_none(tmp_path: Path) -> None:
    """A shop without passages knows nothing, and says so."""
    result = build(tmp_path, ()).search("anything", today=TODAY)
    assert (result.outcome, result.matches) == (Outcome.NONE, ())


def test_a_shop_of_one_passage_can_be_searched(tmp_path: Path) -> None:
    """One passage is enough to be found."""
    assert found(build(tmp_path, SHOP[:1]), "open saturday") == ["hours#sat"]


def test_many_threads_read_the_same(retriever: Retriever) -> None:
    """Searches at once find what they find one by one."""
    questions = ["open saturday", "gift cards", "can my dog come", "gluten free"] * 8
    alone = [found(retriever, question) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda question: found(retriever, question), questions)) == alone


def test_publishing_again_embeds_and_learns_nothing(tmp_path: Path) -> None:
    """The stored index and calibration are used as they are while nothing changes."""
    build(tmp_path, SHOP)
    kept = (tmp_path / "index" / "calibration.json").stat().st_mtime_ns
    embedder = HashedEmbedder(["worm"])
    build_retriever(SHOP, embedder, tmp_path / "index")
    assert embedder.embedded == []
    assert (tmp_path / "index" / "calibration.json").stat().st_mtime_ns == kept
    (tmp_path / "index" / "calibration.json").write_text("{")
    assert build(tmp_path, SHOP).calibration.key
