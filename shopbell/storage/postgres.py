"""The shop's database on a PostgreSQL server, opened with the guarantees the SQLite file gives.

Tables belong to the role that connects and are granted to nobody else. Needs the driver psycopg 3.
"""

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from shopbell.storage.errors import DatabaseRefused

UPGRADE_LOCK = 0x5348_4F50_4245_4C4C
"""Number of the advisory lock under which the tables are brought up to date: "SHOPBELL"."""
LOCK_TIMEOUT_MS = 5000
"""Milliseconds a statement waits for another writer before it fails."""

_SETTINGS = (
    ("synchronous_commit", "on"),  # a commit returns when it is on the disk
    ("lock_timeout", f"{LOCK_TIMEOUT_MS}ms"),
    ("idle_in_transaction_session_timeout", "60s"),  # a hung client must not hold the ledger for ever
    ("timezone", "UTC"),
)
_PROMISES = ("fsync", "full_page_writes")


def make_engine(url: sa.URL) -> sa.Engine:
    """Return an engine for `url`; nothing connects yet."""
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args={"application_name": "shopbell", "connect_timeout": 10},
        hide_parameters=True,  # a row's values do not belong in an error or a log
    )
    sa.event.listen(engine, "connect", _prepare)
    return engine


def lock_upgrade(connection: sa.Connection) -> None:
    """Wait until no other process brings the tables up to date; holds until the transaction ends."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))


def _prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for name, value in _SETTINGS:
        cursor.execute(f"SET {name} = '{value}'")
    for name in _PROMISES:
        cursor.execute(f"SHOW {name}")
        row = cursor.fetchone()
        if row is None or row[0] != "on":
            raise DatabaseRefused(
                f"The PostgreSQL server runs with {name} = off: a power cut would lose what it acknowledged. "
                f"Set {name} = on in postgresql.conf."
            )
    cursor.close()
    connection.commit()
