from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopbell.assistant import events as e
from shopbell.assistant.errors import NoSuchConversation
from shopbell.assistant.store import EventLog
from shopbell.storage.database import open_database
from tests.fakes.log import any_event

AT = datetime(2026, 11, 21, 10, 24, tzinfo=UTC)
SAID = e.CustomerSaid(text="hi", key="k")


@pytest.fixture
def event_log(engine: sa.Engine) -> EventLog:
    event_log = EventLog(engine)
    event_log.open("c", "secret-token", "web", AT)
    event_log.open("d", "other-token", "web", AT + timedelta(minutes=1))
    return event_log


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE event SET body = '{}'",
        "UPDATE event SET conversation = 'd' WHERE seq = 1",
        "UPDATE OR REPLACE event SET seq = 2 WHERE seq = 1",
        "DELETE FROM event WHERE seq = 1",
        "REPLACE INTO event SELECT seq, conversation, at, kind, '{}' FROM event WHERE seq = 1",
        "INSERT OR REPLACE INTO event SELECT seq, 'd', at, kind, body FROM event WHERE seq = 1",
        "DELETE FROM conversation WHERE id = 'c'",
    ],
)
def test_what_is_in_the_log_stays_as_it_is(event_log: EventLog, engine: sa.Engine, attack: str) -> None:
    """UPDATE, DELETE and REPLACE are refused by the database, and the log reads as before."""
    event_log.append("c", SAID, AT, "k")
    before = event_log.read("c"), event_log.read("d")
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as db:
        db.exec_driver_sql(attack)
    assert (event_log.read("c"), event_log.read("d")) == before


def test_the_same_key_keeps_words_once(event_log: EventLog) -> None:
    """The second call returns the first entry, even when its words differ."""
    first = event_log.append("c", SAID, AT, "k")
    again = event_log.append("c", e.CustomerSaid(text="other", key="k"), AT + timedelta(hours=1), "k")
    assert (first.new, again.new) == (True, False)
    assert again.entry == first.entry
    assert [type(entry.event) for entry in event_log.read("c")] == [e.Opened, e.CustomerSaid]


def test_a_key_belongs_to_its_conversation(event_log: EventLog) -> None:
    """Two customers may use the same key."""
    assert event_log.append("c", SAID, AT, "k").new
    assert event_log.append("d", SAID, AT, "k").new
    assert event_log.append("c", SAID, AT, "K").new
    assert event_log.append("c", SAID, AT).new
    assert event_log.append("c", SAID, AT).new


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(any_event, max_size=6))
def test_events_are_read_as_they_were_kept(event_log: EventLog, events: list[e.Event]) -> None:
    """Whatever was appended comes back in order, after any number."""
    start = event_log.append("c", SAID, AT).entry.seq
    kept = [event_log.append("c", event, AT).entry for event in events]
    assert event_log.read("c", start) == kept
    assert [entry.event for entry in kept] == events
    for at, entry in enumerate(kept, 1):
        assert event_log.read("c", entry.seq) == kept[at:]


def test_only_the_token_opens_a_conversation(event_log: EventLog) -> None:
    """A foreign, empty, shortened or stored token is refused with the same words as an unknown id."""
    event_log.check("c", "secret-token")
    refused = [
        ("c", "other-token"), ("c", ""), ("c", "secret-toke"), ("c", "secret-token "), ("c", "SECRET-TOKEN"),
        ("c", "sécret"), ("d", "secret-token"), ("nobody", "secret-token"), ("nobody", ""), ("", ""),
    ]  # fmt: skip
    messages = set()
    for conversation, token in refused:
        with pytest.raises(NoSuchConversation) as caught:
            event_log.check(conversation, token)
        messages.add(str(caught.value))
    assert len(messages) == 1


def test_the_token_is_nowhere_in_the_files(event_log: EventLog, engine: sa.Engine, tmp_path: Path) -> None:
    """A copy of the database opens nobody's conversation: neither token nor hash of it is a token."""
    event_log.append("c", SAID, AT, "k")
    with engine.begin() as db:
        stored = db.exec_driver_sql("SELECT token_hash FROM conversation WHERE id = 'c'").scalar_one()
    with pytest.raises(NoSuchConversation):
        event_log.check("c", stored)
    engine.dispose()
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert files
    for path in files:
        body = path.read_bytes()
        assert b"secret-token" not in body
        assert b"other-token" not in body


def test_opening_again_finds_everything(tmp_path: Path) -> None:
    """Events, keys, tokens and the order of numbers survive a restart."""
    path = tmp_path / "again.db"
    engine = open_database(path)
    event_log = EventLog(engine)
    event_log.open("c", "t", "web", AT)
    kept = event_log.append("c", SAID, AT, "k").entry
    before = event_log.read("c")
    engine.dispose()
    engine = open_database(path)
    event_log = EventLog(engine)
    assert event_log.read("c") == before
    assert event_log.append("c", SAID, AT, "k").entry == kept
    assert event_log.append("c", e.Ended(), AT).entry.seq > kept.seq
    event_log.check("c", "t")
    engine.dispose()


def test_the_end_is_kept_beside_the_conversation(event_log: EventLog, engine: sa.Engine) -> None:
    """`ended_at` is the moment of the end, for whoever clears up."""
    event_log.append("c", e.Ended(), AT)
    with engine.begin() as db:
        rows = db.exec_driver_sql("SELECT id, ended_at FROM conversation ORDER BY id").all()
    assert [tuple(row) for row in rows] == [("c", AT.isoformat()), ("d", None)]


def test_an_unknown_conversation_takes_no_events(event_log: EventLog) -> None:
    """Nothing is logged for an id that was never opened."""
    with pytest.raises(sa.exc.IntegrityError):
        event_log.append("nobody", SAID, AT, "k")
    assert event_log.read("nobody") == []


def test_the_latest_conversations_come_first(event_log: EventLog) -> None:
    """`recent` is newest first and no longer than asked for."""
    assert list(event_log.recent()) == ["d", "c"]
    assert list(event_log.recent(limit=1)) == ["d"]


def test_half_an_append_is_none(event_log: EventLog, engine: sa.Engine) -> None:
    """When the key cannot be kept, the event is not kept either."""
    with engine.begin() as db:
        db.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON client_key BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    before = event_log.read("c")
    with pytest.raises(sa.exc.IntegrityError):
        event_log.append("c", SAID, AT, "k")
    assert event_log.read("c") == before
