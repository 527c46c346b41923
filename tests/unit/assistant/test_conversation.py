from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant import events as e
from shopbell.assistant.conversation import HISTORY, Conversation, Floor, fold, moot
from shopbell.assistant.wire import Source
from tests.fakes.log import START, any_event, logs

NEW = Conversation(id="c")


def after(*events: e.Event) -> Conversation:
    entries = (e.Logged(seq=n, conversation="c", at=START, event=event) for n, event in enumerate(events, 1))
    return fold(NEW, entries)


def said(text: str) -> e.CustomerSaid:
    return e.CustomerSaid(text=text, key=text)


def replied(*answers: int, failed: bool = False) -> e.Replied:
    return e.Replied(reply="r", answers=answers, text="Yes.", rung="faq", failed=failed)


@given(logs())
def test_what_holds_after_any_log(entries: list[e.Logged]) -> None:
    """Pending holds no answered words, the floor has one holder, and history stays short."""
    answered: set[int] = set()
    state = NEW
    for entry in entries:
        state = fold(state, [entry])
        if isinstance(entry.event, e.Replied):
            answered |= {seq for seq in entry.event.answers if seq < entry.seq}
        pending = {utterance.seq for utterance in state.pending}
        assert not pending & answered
        assert state.floor in set(Floor)
        assert len(state.history) <= HISTORY
        assert state.failures >= 0
        assert state.seq == entry.seq
        assert bool(state.staff) <= (state.floor is Floor.STAFF)


@given(logs(), st.integers(0, 25))
def test_folding_in_pieces_is_folding_at_once(entries: list[e.Logged], cut: int) -> None:
    """A room that reads the log and then follows it ends where one that reads it whole does."""
    assert fold(fold(NEW, entries[:cut]), entries[cut:]) == fold(NEW, entries)


@given(logs(), logs())
def test_after_the_end_nothing_speaks(before: list[e.Logged], later: list[e.Logged]) -> None:
    """No event brings an ended conversation back to speech, and none of its words wait for an answer."""
    state = fold(NEW, [*before, e.Logged(seq=99, conversation="c", at=START, event=e.Ended())])
    assert not state.pending
    for entry in later:
        state = fold(state, [entry])
        assert not state.assistant_may_speak


@given(logs(), any_event)
def test_the_assistant_is_silent_while_staff_hold_the_floor(entries: list[e.Logged], event: e.Event) -> None:
    """A reply, one held for approval, and a call for a person are moot while a person is there."""
    state = fold(NEW, [*entries, e.Logged(seq=99, conversation="c", at=START, event=e.StaffTook(name="Ana"))])
    assert not state.assistant_may_speak
    held = isinstance(event, e.Drafted) and event.ghost
    assert moot(state, event) == (held or isinstance(event, e.Replied | e.PersonWanted))


def test_a_burst_is_answered_by_one_reply() -> None:
    """One reply for three utterances clears all three and is one exchange."""
    state = after(said("hi"), said("do you"), said("have decaf?"), replied(1, 2, 3))
    assert not state.pending
    assert [(x.question, x.answer) for x in state.history] == [("hi do you have decaf?", "Yes.")]


def test_words_said_while_a_reply_was_made_stay_pending() -> None:
    """A reply clears only what it is for."""
    state = after(said("decaf?"), said("and beans?"), replied(1))
    assert [utterance.text for utterance in state.pending] == ["and beans?"]


def test_failed_turns_are_counted_in_a_row() -> None:
    """A turn that was answered starts the count anew."""
    assert after(said("a"), replied(1, failed=True), said("b"), replied(3, failed=True)).failures == 2
    assert after(said("a"), replied(1, failed=True), said("b"), replied(3)).failures == 0


def test_staff_answer_what_is_pending() -> None:
    """What a person says answers the customer; the assistant does not answer it again afterwards."""
    taken = after(said("hello?"), e.StaffTook(name="Ana"), e.StaffSaid(name="Ana", text="Hi!"), said("bye"))
    assert [(x.question, x.answer, x.rung) for x in taken.history] == [("hello?", "Hi!", "staff")]
    left = fold(taken, [e.Logged(seq=9, conversation="c", at=START, event=e.StaffLeft())])
    assert (left.pending, left.floor, left.staff) == ((), Floor.ASSISTANT, "")


def test_waiting_goes_on_until_a_person_comes() -> None:
    """Asking for a person changes the floor once, and the assistant goes on helping meanwhile."""
    state = after(e.PersonWanted(reason="asked"), e.PersonWanted(reason="asked"))
    assert (state.floor, state.assistant_may_speak) == (Floor.WAITING, True)
    assert after(e.StaffTook(name="Ana"), e.PersonWanted(reason="asked")).floor is Floor.STAFF


def test_a_reply_for_words_that_wait_no_longer_is_moot() -> None:
    """A reply made while a person came and went is not kept; one for pending words is."""
    state = after(said("one"), said("two"), replied(1))
    assert moot(state, replied(1))
    assert not moot(state, replied(1, 2))
    gone = after(said("one"), e.StaffTook(name="Ana"), e.StaffLeft())
    assert moot(gone, replied(1))


def test_history_keeps_the_last_exchanges() -> None:
    """However long the talk, only the latest turns are looked back on."""
    turns = [(said(f"q{number}"), replied(2 * number + 1)) for number in range(HISTORY + 4)]
    state = after(*(event for turn in turns for event in turn))
    assert [x.question for x in state.history] == [f"q{number}" for number in range(4, HISTORY + 4)]


def test_history_names_the_passages_a_reply_stood_on() -> None:
    """Follow-ups can look up what was spoken of."""
    reply = e.Replied(
        reply="r",
        answers=(1,),
        text="Yes.",
        rung="faq",
        subject="x",
        sources=(Source(id="x", title="X", text="Y"),),
    )
    exchange = after(said("q"), reply).history[-1]
    assert (exchange.subject, exchange.passages, exchange.rung) == ("x", ("x",), "faq")
