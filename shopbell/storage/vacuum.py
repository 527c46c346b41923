"""Vacuum: the database's file written anew without what deleted rows left in its pages and in its log."""

import sqlite3

import sqlalchemy as sa

from shopbell.storage.database import forget_pages


def vacuum(engine: sa.Engine) -> bool:
    """Write the file anew and empty the log; False when another connection stood in the way.

    Takes a second for each 100 MB or so, in which nobody writes. PostgreSQL's log keeps what it holds until
    the server recycles it.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM FULL")
        return True
    forget_pages(engine)
    raw = engine.raw_connection()  # outside any transaction
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        row = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:  # somebody reads or writes for longer than the busy timeout
        return False
    finally:
        raw.close()
    return row is not None and row[0] == 0
