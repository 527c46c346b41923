"""The shop's database: one SQLite file, opened so that what was acknowledged stays kept.

Every room declares its tables on the one `metadata`; the migrations beside this module create them.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from shopbell.storage.errors import DatabaseRefused

metadata = sa.MetaData()
"""The tables of all rooms."""

BUSY_TIMEOUT_MS = 5000
"""Milliseconds a statement waits for another writer before it fails."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_PRAGMAS: tuple[tuple[str, str, str | int], ...] = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("busy_timeout", str(BUSY_TIMEOUT_MS), BUSY_TIMEOUT_MS),
    ("secure_delete", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("recursive_triggers", "ON", 1),
)
"""Name, value to set, value that must be read back."""


def open_database(path: Path) -> sa.Engine:
    """Open or create the SQLite file at `path`, for its owner only, and bring its tables up to date.

    Raises `DatabaseRefused` when the file is no database, cannot be written, or refuses a setting.
    """
    _make_private(path)
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    try:
        upgrade(engine)
    except (sa.exc.DatabaseError, sqlite3.DatabaseError) as fault:
        engine.dispose()
        cause = getattr(fault, "orig", None) or fault
        raise DatabaseRefused(
            f"{path} cannot be used as the shop's database: {cause}. Check that the disk has space and that "
            "no other program holds the file; if it is damaged, put back a backup."
        ) from fault
    except DatabaseRefused:
        engine.dispose()
        raise
    return engine


def upgrade(engine: sa.Engine) -> None:
    """Run the migrations that this database has not seen; nothing happens when it has seen all."""
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Lend a connection for reading: one consistent view, which never waits for the writer."""
    with engine.connect().execution_options(shopbell_reads=True) as connection:
        yield connection


def forget_pages(engine: sa.Engine) -> None:
    """Fold the write-ahead log into the file, so that deleted rows are in neither of them."""
    connection = engine.raw_connection()  # a checkpoint must stand outside any transaction
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _make_private(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)  # SQLite gives the log and shared-memory files beside it the same rights
    except OSError as fault:
        raise DatabaseRefused(
            f"{path} cannot be written: {fault.strerror or fault}. Choose a data folder this user owns."
        ) from fault


def _prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None  # `_begin` opens transactions; the driver would do so too late
    cursor = connection.cursor()
    for name, value, expected in _PRAGMAS:
        cursor.execute(f"PRAGMA {name} = {value}")
        row = cursor.execute(f"PRAGMA {name}").fetchone()
        if row is None or row[0] != expected:
            raise DatabaseRefused(
                f"The database refuses the setting {name} = {value}. Keep the data folder on a local disk, "
                "not on a network share."
            )
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get("shopbell_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
