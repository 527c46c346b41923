"""Minutes: one line on what was spoken about, kept for the customer who agreed, and for nobody else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shopbell.assistant import events as e
from shopbell.assistant.minutes import Minutes, minutes, stretch
from shopbell.assistant.store import EventLog
from shopbell.assistant.wire import Source
from shopbell.knowledge.history import ASSISTANT, History
from shopbell.storage.database import open_database
from tests.fakes.embedder import FakeEmbedder

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def answered(title: str, **more: object) -> e.Replied:
    source = Source(id=title, title=title, text="x")
    return e.Replied(reply="r", answers=(1,), text="x", rung="faq", sources=(source,), **more)  # type: ignore[arg-type]  # passed on


def logged(*events: e.Event) -> list[e.Logged]:
    return [
        e.Logged(seq=number, conversation="t", at=NOW + timedelta(minutes=number), event=event)
        for number, event in enumerate(events, 1)
    ]


ANN, OUT = e.Recognised(customer="ann", how="pin"), e.Recognised(customer="", why="asked")
TALK = (
    e.Opened(channel="web"),
    answered("Before she signed in?"),
    e.Recognised(customer="ann", level="claimed", how="number"),
    ANN,
    e.CustomerSaid(text="my secret words", key="k"),
    answered("Do you repair grinders?"),
    answered("Do you deliver?"),
    answered("Unanswered?", failed=True),
    e.Did(flow="complaint", key="k"),
    e.Did(flow="redeem", key="k", outcome="refused"),
    e.StaffTook(name="Sam"),
    OUT,
    answered("After she left?"),
)
LINE = (
    "you asked about “Do you repair grinders?” and “Do you deliver?”; you made a complaint; "
    "you spoke with Sam"
)


def test_the_line_is_what_was_answered_and_done_while_she_was_known() -> None:
    """Topics, deeds and who came; nothing from before or after, nothing refused, none of her words."""
    customer, own = stretch(logged(*TALK))
    assert (customer, minutes(own)) == ("ann", LINE)


def test_the_last_who_was_known_is_meant() -> None:
    """Where one customer follows another, the second one's line has nothing of the first's."""
    events = (*TALK, e.Recognised(customer="ben", how="card"), answered("Is there wifi?"))
    customer, own = stretch(logged(*events))
    assert (customer, minutes(own)) == ("ben", "you asked about “Is there wifi?”")


@pytest.mark.parametrize("talk", [(), (e.Opened(channel="web"), answered("Nobody?")), (ANN, OUT)])
def test_without_anybody_or_anything_there_is_no_line(talk: tuple[e.Event, ...]) -> None:
    """Strangers and silence leave nothing."""
    assert minutes(stretch(logged(*talk))[1]) == ""


@pytest.mark.parametrize("agreed", [True, False])
def test_it_is_kept_with_consent_only_and_says_where_from(tmp_path: Path, agreed: bool) -> None:
    """With consent the line is found by meaning, with channel and who wrote it; without, nothing is kept."""
    engine = open_database(tmp_path / "shop.db")
    log, history = EventLog(engine), History(engine, FakeEmbedder().embed)
    log.open("t", "token", "kiosk", NOW)
    for event in TALK[1:]:
        log.append("t", event, NOW)
    for _ in range(2):
        Minutes(log, history, lambda _: agreed).keep("t")
    found = history.about("ann", "you asked, do you repair grinders and do you deliver")
    engine.dispose()
    assert [(one.text, one.by, one.channel) for one in found] == (
        [(LINE, ASSISTANT, "kiosk")] if agreed else []
    )
