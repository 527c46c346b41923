"""Silences, in seconds."""

from shopbell.voice.patience import Wait, no_input, overdue


def test_a_filler_comes_once_and_not_early() -> None:
    """Nothing under 0.7 s, then one filler, then tones, and one word about the delay."""
    wait = Wait(since=10.0, known=10.2)
    assert overdue(Wait(since=10.0, known=9.0), 10.6, 0.0) == ""
    assert overdue(wait, 11.2, 0.0) == ""
    assert overdue(wait, 11.4, 0.0) == "filler"
    filled = Wait(since=10.0, filled=True)
    assert overdue(filled, 13.0, 12.5) == ""
    assert overdue(filled, 14.1, 12.5) == "tone"
    assert overdue(filled, 19.0, 17.0) == "slow"
    assert overdue(Wait(since=10.0, filled=True, admitted=True), 19.0, 17.0) == "tone"


def test_a_filler_does_not_get_in_the_way_of_an_answer() -> None:
    """While the words are still being heard, and for a moment after, the answer itself may come."""
    assert overdue(Wait(since=10.0), 11.4, 0.0) == ""
    assert overdue(Wait(since=10.0), 11.6, 0.0) == "filler"
    assert overdue(Wait(since=10.0, known=11.0), 12.0, 0.0) == ""
    assert overdue(Wait(since=10.0, known=11.0), 12.2, 0.0) == "filler"


def test_nobody_is_asked_twice_and_then_let_go() -> None:
    """Ten seconds, ten more, ten more; with a person involved the visit waits five minutes."""
    assert [no_input(s, 0, with_person=False) for s in (9.0, 10.0)] == ["", "prompt"]
    assert no_input(15.0, 1, with_person=False) == ""
    assert no_input(20.0, 1, with_person=False) == "prompt"
    assert no_input(30.0, 2, with_person=False) == "leave"
    assert no_input(100.0, 0, with_person=True) == ""
    assert no_input(301.0, 0, with_person=True) == "leave"
