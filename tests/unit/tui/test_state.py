"""The fold of what the console is told."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.tui.behind import Look, step
from shopbell.tui.state import Desk, Link, age, by_need, fold, waiting, watching
from shopbell.tui.thread import Thread, open_draft, seq_of, tell
from tests.fakes.console import CARDS, ME, NOW, STORY, ago, card


def told(desk: Desk, *frames: w.Shown, name: str = "c-1") -> Desk:
    for frame in frames:
        desk = fold(desk, w.Told(conversation=name, frame=frame))
    return desk


def said(seq: int) -> wire.Said:
    return wire.Said(seq=seq, who="customer", text=f"words {seq}", at=NOW)


def answered(seq: int, reply: str = "r") -> w.Answered:
    return w.Answered(reply=wire.Replied(seq=seq, reply=reply, text="whole", rung="model", at=NOW))


def test_cards_replace_the_whole_list() -> None:
    """A new list of cards leaves nothing of the old one."""
    desk = fold(fold(Desk(), w.Cards(cards=CARDS)), w.Cards(cards=(card("c-new"),)))
    assert list(desk.cards) == ["c-new"]


def test_the_most_urgent_stands_first() -> None:
    """Who waits longest is first, then who is upset, then a VIP, then the rest, the newest first."""
    shuffled = random.Random(3).sample(CARDS, len(CARDS))
    desk = fold(Desk(), w.Cards(cards=tuple(shuffled)))
    names = [one.conversation for one in by_need(desk.cards)]
    assert names == ["c-3fa2", "c-91be", "c-77d0", "c-5e18", "c-a9f3", "c-0c41"]
    assert waiting(desk) == 2


def test_a_gone_card_is_gone() -> None:
    """A conversation that is over leaves the list, with the question whether one is there."""
    desk = fold(
        fold(Desk(), card("c-1", holder="staff", staff="Anna")), w.AreYouThere(conversation="c-1", until=NOW)
    )
    assert list(desk.asked) == ["c-1"]
    desk = fold(desk, w.CardGone(conversation="c-1"))
    assert (dict(desk.cards), dict(desk.asked)) == ({}, {})


def test_deltas_become_the_reply_and_the_log_replaces_them() -> None:
    """Words stream in; the reply in the log stands in their place."""
    desk = told(watching(Desk(), "c-1"), wire.Replying(reply="r"), wire.Delta(reply="r", text="We "))
    desk = told(desk, wire.Delta(reply="r", text="open"))
    assert (live := desk.threads["c-1"].live) is not None
    assert live.text == "We open"
    desk = told(desk, answered(1))
    assert desk.threads["c-1"].live is None
    assert desk.threads["c-1"].seq == 1


def test_a_place_in_the_queue_is_kept_until_words_come() -> None:
    """Waiting shows the place; the first word ends it."""
    desk = told(watching(Desk(), "c-1"), wire.Waiting(reply="r", place=2, eta_s=8.0))
    assert (live := desk.threads["c-1"].live) is not None
    assert live.place == 2
    desk = told(desk, wire.Delta(reply="r", text="We"))
    assert (live := desk.threads["c-1"].live) is not None
    assert live.place == 0


def test_a_lost_line_drops_the_half_reply() -> None:
    """Words that came while the line was lost are missing, so the half is not shown as if it were whole."""
    desk = told(watching(Desk(), "c-1"), said(1), wire.Delta(reply="r", text="half"))
    desk = fold(desk, Link("lost", "gone", 1.0))
    assert desk.threads["c-1"].live is None
    assert desk.threads["c-1"].seq == 1


def test_taking_the_floor_stops_the_reply() -> None:
    """When staff hold the floor, nothing of the assistant is left half said."""
    desk = told(watching(Desk(), "c-1"), wire.Delta(reply="r", text="half"))
    desk = told(desk, wire.FloorChanged(seq=2, holder="staff", name="Anna"))
    assert desk.threads["c-1"].live is None


@given(st.lists(st.integers(1, 30), max_size=60))
def test_the_log_stands_in_order_once(seqs: list[int]) -> None:
    """Whatever comes twice or late, each entry stands once, in the order of the log."""
    thread = Thread("c-1")
    for seq in seqs:
        thread = tell(thread, said(seq))
    assert [seq_of(entry) for entry in thread.entries] == sorted(set(seqs))
    assert thread.seq == max(seqs, default=0)


def test_a_draft_is_open_until_somebody_judged_it() -> None:
    """A suggestion is offered until it was judged, or until something was said instead."""
    draft = w.Suggested(seq=5, draft="d", text="x", rung="model", at=NOW)
    thread = tell(Thread("c-1"), draft)
    assert open_draft(thread) == draft
    judged = w.Private(seq=6, kind="verdict", name="Anna", text="not said", at=NOW)
    assert open_draft(tell(thread, judged)) is None
    assert open_draft(tell(thread, answered(6))) is None


def test_one_key_steps_through_everything_behind() -> None:
    """How it came about, each source, then the older answers, then it is over."""
    thread = Thread("c-1")
    for frame in (*STORY, answered(9)):
        thread = tell(thread, frame)
    looks, look = [], step(thread, None)
    while look is not None:
        looks.append(look)
        look = step(thread, look)
    assert looks == [Look(0, 0), Look(1, 0), Look(1, 1), Look(1, 2)]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(42, "0:42"), (725, "12:05"), (11_220, "3h07"), (400_000, "4d"), (-5, "0:00")]
)
def test_ages_are_short(seconds: float, shown: str) -> None:
    """An age takes at most five characters."""
    assert age(ago(seconds), NOW) == shown


def test_rights_come_from_who_is_signed_in() -> None:
    """Without a session nothing may be done."""
    assert not Desk().may("floor")
    assert fold(Desk(), ME).may("floor")
