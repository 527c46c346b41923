import pytest

from shopbell.knowledge.lexical import Lexical
from shopbell.knowledge.passage import Kind, Passage
from shopbell.knowledge.slots import days, numbers, unsupported
from shopbell.knowledge.words import stems

SATURDAY = Passage(id="hours#sat", title="Are you open on Saturdays?", text="On Saturday we open 8 to 4.")
WEEK = Passage(id="hours#week", title="When are you open?", text="Tuesday to Saturday from 8 to 4.")
RETURNS = Passage(id="returns#days", title="How long can I return things?", text="Within 30 days of buying.")
SUGAR = Passage(id="food#sugar", title="Is the lemonade sweet?", text="It has 8 g of sugar in a glass.")
VEGAN = Passage(id="food#vegan", title="Is the brioche vegan?", text="No, it is made with butter.")


@pytest.mark.parametrize(
    ("question", "passage", "expected"),
    [
        ("open saturday?", SATURDAY, False),
        ("open sunday?", SATURDAY, True),
        ("are you open on fridays", WEEK, False),
        ("are you open on mondays", WEEK, True),
        ("are you open at christmas", WEEK, True),
        ("can i return it after 30 days", RETURNS, False),
        ("can i return it after 45 days", RETURNS, True),
        ("do you have lemonade without sugar", SUGAR, True),
        ("don't you have sweet lemonade", SUGAR, False),
        ("is the brioche vegan", VEGAN, False),
        ("is the sourdough vegan", VEGAN, True),
    ],
)
def test_a_different_day_number_name_or_no_is_seen(question: str, passage: Passage, expected: bool) -> None:
    """A question about another day, number or product than the passage's is not supported by it."""
    shop = [
        SATURDAY,
        WEEK,
        RETURNS,
        SUGAR,
        VEGAN,
        Passage(id="p", title="Sourdough", text="", kind=Kind.PRODUCT),
    ]
    asked = Lexical(shop, is_word=lambda _: True).read(question)
    names = frozenset(stems("sourdough brioche"))
    assert unsupported(question, asked, passage, names) is expected


def test_spans_of_days_are_filled_in() -> None:
    """A span over the end of the week goes round, groups and "every day" mean their days."""
    assert days("Fri-Mon") == {4, 5, 6, 0}
    assert days("weekends") == {5, 6}
    assert days("we are here every day") == set(range(7))
    assert days("he sat down") == set()


def test_numbers_in_words_and_figures_are_the_same() -> None:
    """Twelve is 12."""
    assert numbers("twelve rolls, 2.50 each") == {"12", "2.50"}
