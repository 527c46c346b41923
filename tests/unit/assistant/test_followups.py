import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant.conversation import Exchange
from shopbell.assistant.followups import completed, leans

HOURS = Exchange(question="When are you open on Saturday?", answer="From 08:00.", rung="flow")
GREETING = Exchange(question="hello", answer="Hi.", rung="rule")


@pytest.mark.parametrize(
    "text",
    ["and on Sunday?", "what about rye?", "is it vegan?", "how much are they?", "the large one", "why?"],
)
def test_a_turn_that_leans_on_the_last_is_known(text: str) -> None:
    """A conjunction in front, a pronoun, or very few words need the turn before."""
    assert leans(text)


@pytest.mark.parametrize("text", ["do you sell decaf beans?", "how much does delivery to Wales cost?"])
def test_a_turn_that_stands_alone_is_left_alone(text: str) -> None:
    """A question with its own subject is searched as it is."""
    assert not leans(text)
    assert completed(text, (HOURS,)) == text


def test_a_follow_up_gets_the_question_it_leans_on() -> None:
    """The last real question stands in front, greetings are passed over."""
    assert completed("and on Sunday?", (HOURS,)) == "When are you open on Saturday - on Sunday?"
    assert completed("and on Sunday?", (HOURS, GREETING)) == "When are you open on Saturday - on Sunday?"


@pytest.mark.parametrize("history", [(), (GREETING,), (Exchange(question="", answer="x", rung="faq"),)])
def test_without_a_question_before_the_turn_is_alone(history: tuple[Exchange, ...]) -> None:
    """With nothing to lean on the words are taken as they are."""
    assert completed("and on Sunday?", history) == "and on Sunday?"


@given(st.text(max_size=40))
def test_the_customers_own_words_are_never_lost(text: str) -> None:
    """What is completed still ends with what the customer wrote, but for an opening "and"."""
    whole = completed(text, (HOURS,))
    assert whole == text or whole.startswith("When are you open on Saturday - ")
    assert text.endswith(whole.removeprefix("When are you open on Saturday - "))
