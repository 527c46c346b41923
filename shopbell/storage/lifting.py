"""Lifting: the one sanctioned way past the laws of append-only tables, for erasing people and old data.

It stands and falls with the caller's transaction: a crash on the way leaves laws and rows as they were.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

_TRIGGERS = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
_OWN = sa.text(
    "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname"
)


@contextmanager
def laws_lifted(db: sa.Connection) -> Iterator[None]:
    """Set all laws of the database aside meanwhile; constraints and foreign keys hold on.

    When the caller's deed fails nothing is put back here: the transaction has to be rolled back.
    """
    if db.dialect.name == "postgresql":
        tables = list(db.execute(_OWN).scalars())
        for table in tables:
            db.exec_driver_sql(f"ALTER TABLE {_quoted(table)} DISABLE TRIGGER USER")
        yield
        for table in tables:
            db.exec_driver_sql(f"ALTER TABLE {_quoted(table)} ENABLE TRIGGER USER")
        return
    laws = [(str(row.name), str(row.sql)) for row in db.execute(_TRIGGERS)]
    for name, _ in laws:
        db.exec_driver_sql(f"DROP TRIGGER {_quoted(name)}")
    yield
    for _, statement in laws:
        db.exec_driver_sql(statement)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
