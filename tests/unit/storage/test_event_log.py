import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from shopbell.storage.database import open_database, reading


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = open_database(tmp_path / "shop.db")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO conversation VALUES ('c', 'hash', 'web', '2026-11-21T10:00', NULL)"
        )
        for text in ("first", "second"):
            connection.exec_driver_sql(
                "INSERT INTO event (conversation, at, kind, body) VALUES ('c', 'now', 'said', ?)", (text,)
            )
        connection.exec_driver_sql("INSERT INTO client_key VALUES ('c', 'k1', 1)")
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE event SET body = 'other' WHERE seq = 1",
        "UPDATE OR REPLACE event SET seq = 2 WHERE seq = 1",
        "DELETE FROM event WHERE seq = 1",
        "DELETE FROM event WHERE seq = 2",
        "DELETE FROM event",
        "REPLACE INTO event VALUES (1, 'c', 'now', 'said', 'other')",
        "INSERT OR REPLACE INTO event VALUES (1, 'c', 'now', 'said', 'other')",
        "INSERT INTO event VALUES (1, 'c', 'now', 'x', 'x') ON CONFLICT (seq) DO UPDATE SET body = 'other'",
        "DELETE FROM conversation",
        "INSERT INTO client_key VALUES ('c', 'k1', 2)",
        "INSERT INTO event (conversation, at, kind, body) VALUES ('nobody', 'now', 'said', 'x')",
        "INSERT INTO conversation VALUES ('d', 'hash', 'web', 'now', NULL)",
    ],
)
def test_the_log_refuses_what_would_change_the_past(engine: sa.Engine, attack: str) -> None:
    """Every way to rewrite, drop or double an event is refused by the database itself."""
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql(attack)
    with reading(engine) as connection:
        rows = connection.exec_driver_sql("SELECT seq, body FROM event ORDER BY seq").all()
    assert [tuple(row) for row in rows] == [(1, "first"), (2, "second")]


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE event SET body = 'other' WHERE seq = 2",
        "DELETE FROM event WHERE seq = 2",
        "REPLACE INTO event VALUES (2, 'c', 'now', 'said', 'other')",
    ],
)
def test_the_law_stands_in_the_file(engine: sa.Engine, tmp_path: Path, attack: str) -> None:
    """A program that opens the file without our settings cannot change the past either."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as stranger:
        assert stranger.execute("PRAGMA recursive_triggers").fetchone() == (0,)
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            stranger.execute(attack)


def test_numbers_are_never_used_twice(engine: sa.Engine) -> None:
    """A number lost with a rolled-back event may be skipped, but the next is always higher."""
    with engine.begin() as connection:
        result = connection.exec_driver_sql(
            "INSERT INTO event (conversation, at, kind, body) VALUES ('c', 'now', 'said', 'third')"
        )
        assert result.lastrowid == 3
