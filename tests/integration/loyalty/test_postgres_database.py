"""The shop's database on PostgreSQL: opened, brought up to date and refused as the file is."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from shopbell.storage.database import forget_pages, open_database, reading
from shopbell.storage.errors import DatabaseRefused

pytestmark = pytest.mark.postgres


def test_all_tables_are_made_once(postgres_server: sa.URL) -> None:
    """Four processes that open an empty database at once make its tables one after the other."""
    admin = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as db:
        db.exec_driver_sql("CREATE DATABASE fresh")
    url = postgres_server.set(database="fresh")
    with ThreadPoolExecutor(4) as threads:
        engines = list(threads.map(lambda _: open_database(url), range(4)))
    with reading(engines[0]) as db:
        assert db.exec_driver_sql("SELECT count FROM head").scalar() == 0
        with pytest.raises(sa.exc.InternalError, match="read-only"):
            db.exec_driver_sql("DELETE FROM report")
    for engine in engines:
        engine.dispose()


def test_events_are_append_only_there_too(postgres_url: sa.URL) -> None:
    """The log of conversations refuses UPDATE, DELETE and TRUNCATE."""
    engine = open_database(postgres_url)
    with engine.begin() as db:
        db.exec_driver_sql("INSERT INTO conversation VALUES ('c', 'hash', 'web', 'now', NULL)")
        db.exec_driver_sql(
            "INSERT INTO event (conversation, at, kind, body) VALUES ('c', 'now', 'said', 'x')"
        )
    for attack in ("UPDATE event SET body = 'y'", "DELETE FROM event", "TRUNCATE event CASCADE"):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), engine.begin() as db:
            db.exec_driver_sql(attack)
    forget_pages(engine)
    engine.dispose()


def test_commits_are_on_the_disk(postgres_url: sa.URL) -> None:
    """Whatever the server's default, a commit waits for the disk."""
    engine = open_database(postgres_url)
    with reading(engine) as db:
        assert db.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert db.exec_driver_sql("SHOW timezone").scalar() == "UTC"
    engine.dispose()


def test_a_server_that_is_not_there_is_refused_in_words() -> None:
    """The message says where it looked and what to check, and keeps the password to itself."""
    url = sa.make_url("postgresql://shop:secret@127.0.0.1:1/shop")
    with pytest.raises(DatabaseRefused, match="Check that the server runs") as caught:
        open_database(url)
    assert "secret" not in str(caught.value)
