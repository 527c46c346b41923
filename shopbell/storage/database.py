"""The shop's database, opened so that what was acknowledged stays kept: a SQLite file, or PostgreSQL.

Every room declares its tables on the one `metadata`; the migrations beside this module create them.
"""

import contextlib
import errno
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

from shopbell.storage import postgres
from shopbell.storage.errors import DatabaseRefused
from shopbell.storage.prepared import wrapped

metadata = sa.MetaData()
"""The tables of all rooms."""

BUSY_TIMEOUT_MS = 5000
"""Milliseconds a statement waits for another writer before it fails."""

_PRIMARY = 0xFF
"""The part of SQLite's extended error code that says what kind it is."""
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


def open_database(where: Path | sa.URL) -> sa.Engine:
    """Open the shop's database and bring its tables up to date.

    `where` is the path of a SQLite file, opened or created for its owner only, or a PostgreSQL URL.
    Raises `DatabaseRefused` when it is no database, cannot be reached or written, or refuses a setting.
    """
    engine = _sqlite(where) if isinstance(where, Path) else postgres.make_engine(where)
    try:
        upgrade(engine)
    except (sa.exc.DatabaseError, sqlite3.DatabaseError) as fault:
        engine.dispose()
        cause = getattr(fault, "orig", None) or fault
        raise DatabaseRefused(
            f"{_name(where)} cannot be used as the shop's database: {cause}. {_advice(where)}"
        ) from fault
    except DatabaseRefused:
        engine.dispose()
        raise
    return engine


def upgrade(engine: sa.Engine) -> None:
    """Run the migrations that this database has not seen; nothing happens when it has seen all."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            postgres.lock_upgrade(connection)
        command.upgrade(migrations(connection), "head")


def migrations(connection: sa.Connection) -> Config:
    """Return what alembic asks for: where the migrations are, and the connection they run on."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Lend a connection for reading: one consistent view, which never waits for the writer."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection.execution_options(shopbell_reads=True)


def is_waiting(fault: sa.exc.OperationalError) -> bool:
    """Say whether a statement failed only because another program writes: later it will do."""
    cause = fault.orig
    code = cause.sqlite_errorcode if isinstance(cause, sqlite3.Error) else None
    return code is not None and code & _PRIMARY in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def forget_pages(engine: sa.Engine) -> None:
    """Overwrite what deleted rows left behind, in SQLite's file and log or in PostgreSQL's tables.

    PostgreSQL's own log and its archives keep what they hold until the server recycles them.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
        return
    raw = engine.raw_connection()  # a checkpoint must stand outside any transaction
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()


def _sqlite(path: Path) -> sa.Engine:
    _make_private(path)
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _name(where: Path | sa.URL) -> str:
    return str(where) if isinstance(where, Path) else where.render_as_string(hide_password=True)


def _advice(where: Path | sa.URL) -> str:
    if isinstance(where, Path):
        return (
            "Check that the disk has space and that no other program holds the file; "
            "if it is damaged, put back a backup."
        )
    return "Check that the server runs and has disk space, and that address, user and password are right."


def _make_private(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(path)
        path.chmod(0o600)  # SQLite gives the log and shared-memory files beside it the same rights
    except OSError as fault:
        raise DatabaseRefused(
            f"{path} cannot be written: {fault.strerror or fault}. Choose a data folder this user owns."
        ) from fault


def _create(path: Path) -> None:
    """Make the file when it is not there; one that is there is not touched.

    Closing any handle of a file gives up all locks this process has on it. The next program that leaves the
    database would then take itself for the last one, and delete the log that we write to.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


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
    text = "BEGIN" if reads else "BEGIN IMMEDIATE"
    try:
        connection.connection.cursor().execute(text)  # `exec_driver_sql` costs a commit as much as its rows
    except sqlite3.Error as fault:
        raise wrapped(connection, text, fault) from fault
