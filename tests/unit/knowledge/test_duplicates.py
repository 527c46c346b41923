from datetime import date

import pytest

from shopbell.knowledge.duplicates import contradiction, facts, find_duplicates
from shopbell.knowledge.expiry import expired, expiring
from shopbell.knowledge.passage import Kind, Passage
from shopbell.knowledge.problem import Problem
from tests.fakes.press import FakePress


def passage(name: str, title: str, text: str, **more: object) -> Passage:
    return Passage(id=name, title=title, text=text, source=f"faq/{name}.md:3", **more)  # type: ignore[arg-type]


def find(*passages: Passage) -> tuple[Problem, ...]:
    return find_duplicates(passages, FakePress().publish(passages).vectors)


def test_a_repeated_answer_is_told_with_both_places() -> None:
    """The same words under two names are one too many."""
    (told,) = find(passage("a", "Open?", "We open at nine."), passage("b", "Hours?", "We open at NINE!"))
    assert (told.place, "faq/b.md:3" in told.message) == ("faq/a.md:3", True)


def test_answers_that_contradict_each_other_are_told_with_both_facts() -> None:
    """One question cannot have two prices."""
    ours = passage("a", "What is the price of delivery?", "It costs £3.50 in the whole country.")
    theirs = passage("b", "Delivery", "You pay £4.95.", also_asked=("what is the price of delivery",))
    (told,) = find(ours, theirs)
    assert "one says 3.50, the other 4.95" in told.message
    assert "faq/b.md:3" in told.message


@pytest.mark.parametrize(
    "other",
    [
        passage("b", "What does delivery cost?", "Within the city it is £3.50, abroad £9."),
        passage("b", "What does delivery cost?", "Ask at the counter."),
        passage("b", "Where do you bake?", "For £4.95 you may watch."),
        passage("b", "What does delivery cost?", "£4.95", valid_from=date(2027, 1, 1)),
        passage("a~2", "What does delivery cost?", "£4.95"),
        passage("b", "What does delivery cost?", "£4.95", kind=Kind.PRODUCT),
    ],
)
def test_what_is_no_contradiction_is_not_told(other: Passage) -> None:
    """Shared facts, no facts, other questions, other times, pieces of one answer and products pass."""
    ours = passage("a", "What does delivery cost?", "It costs £3.50.", valid_until=date(2026, 12, 31))
    assert find(ours, other) == ()


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ("Yes, always.", "No, never.", 'one says "yes", the other "no"'),
        ("Until 5 pm.", "Until 17:30.", "17:00"),
        ("Within 30 days.", "Within 14 days.", "30 days"),
        ("10 % off", "15% off", "10 %"),
        ("70p more", "it is £0.80", "0.70"),
    ],
)
def test_facts_that_differ(ours: str, theirs: str, words: str) -> None:
    """Yes and no, times, spans, shares and prices are compared each with its own kind."""
    assert words in contradiction(passage("a", "Q?", ours), passage("b", "Q?", theirs))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("At 5 pm", "At 17:00"),
        ("Within 30 days", "It costs £30"),
        ("Nothing", "No doubt"),
        ("£3.50 or £4", "£4.00"),
        ("70p", "£0.70"),
        ("We have 3 ovens", "We have 4 ovens"),
    ],
)
def test_facts_that_agree_or_cannot_be_compared(ours: str, theirs: str) -> None:
    """One clock time in two spellings is one; bare numbers are not facts."""
    assert contradiction(passage("a", "Q?", ours), passage("b", "Q?", theirs)) == ""


def test_facts_are_sorted_by_kind() -> None:
    """Money, times and units are told apart."""
    assert facts("From 9:30 am it is £3.50 for 2 days") == {
        "money": {"3.50"},
        "time": {"09:30"},
        "day": {"2 days"},
    }


def test_many_passages_are_compared_in_blocks() -> None:
    """More rows than fit a block are compared all the same."""
    many = [passage(f"p{n}", f"Question about subject{n}?", f"Answer {n} subject{n}.") for n in range(600)]
    assert len(find(*many, passage("x", "Other?", many[5].text))) == 1


@pytest.mark.parametrize(("day", "soon", "over"), [(18, 0, 0), (19, 1, 0), (31, 1, 0)])
def test_facts_announce_their_end(day: int, soon: int, over: int) -> None:
    """From fourteen days before, the owner is told; on its last day a fact still holds."""
    fact = passage("a", "Christmas?", "Yes.", valid_until=date(2027, 1, 2))
    assert len(expiring([fact], date(2026, 12, day))) == soon
    assert len(expired([fact], date(2026, 12, day))) == over


def test_facts_that_ended_are_named() -> None:
    """A day later it is not announced any more but told to be over."""
    fact = passage("a", "Christmas?", "Yes.", valid_until=date(2027, 1, 2))
    assert expiring([fact], date(2027, 1, 3)) == ()
    assert [each.place for each in expired([fact], date(2027, 1, 3))] == ["faq/a.md:3"]
