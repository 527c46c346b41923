"""Statements made ready once: said in SQLAlchemy Core, run on the driver's own cursor.

SQLAlchemy's way through a statement costs some thirty microseconds each time, most of what a sale at the till
takes. Here only the text is SQLAlchemy's. No value is converted on the way in or out, so columns must be of
types that the drivers take and give as they are: whole numbers, text, bytes.
"""

from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPICursor

Row = tuple[Any, ...]
"""A row as the driver gives it."""
Values = Mapping[str, object]
"""Name of a bound parameter -> its value."""
_Arrange = Callable[[Values], Any]


class Prepared:
    """A statement whose text is made once for each kind of database."""

    def __init__(self, statement: sa.Select[Any] | sa.Insert) -> None:
        self._statement = statement
        self._ready: dict[str, tuple[str, _Arrange]] = {}

    def one(self, db: sa.Connection, values: Values) -> Row | None:
        """Return the first row; raises what SQLAlchemy raises, here and below."""
        cursor, text, arrange = self._begin(db)
        try:
            cursor.execute(text, arrange(values))
            row: Row | None = cursor.fetchone()
        except db.dialect.loaded_dbapi.Error as fault:
            raise wrapped(db, text, fault) from fault
        finally:
            cursor.close()
        return row

    def all(self, db: sa.Connection, values: Values) -> list[Row]:
        """Return all rows."""
        cursor, text, arrange = self._begin(db)
        try:
            cursor.execute(text, arrange(values))
            rows: list[Row] = list(cursor.fetchall())
        except db.dialect.loaded_dbapi.Error as fault:
            raise wrapped(db, text, fault) from fault
        finally:
            cursor.close()
        return rows

    def stream(self, db: sa.Connection, values: Values, chunk: int) -> Generator[Row, None, None]:
        """Yield the rows, fetched a chunk at a time; on PostgreSQL the server keeps the rest meanwhile."""
        cursor, text, arrange = self._begin(db)
        if db.dialect.name == "postgresql":
            cursor.close()
            cursor = db.connection.cursor(f"stream_{id(self)}")
        try:
            cursor.execute(text, arrange(values))
            while rows := cursor.fetchmany(chunk):
                yield from rows
        except db.dialect.loaded_dbapi.Error as fault:
            raise wrapped(db, text, fault) from fault
        finally:
            cursor.close()

    def run(self, db: sa.Connection, rows: Iterable[Values]) -> None:
        """Do it for each of the rows."""
        cursor, text, arrange = self._begin(db)
        try:
            cursor.executemany(text, [arrange(values) for values in rows])
        except db.dialect.loaded_dbapi.Error as fault:
            raise wrapped(db, text, fault) from fault
        finally:
            cursor.close()

    def _begin(self, db: sa.Connection) -> tuple[DBAPICursor, str, _Arrange]:
        if not db.in_transaction():
            db.begin()  # what SQLAlchemy's own `execute` would have done
        ready = self._ready.get(db.dialect.name)
        if ready is None:
            ready = self._ready[db.dialect.name] = _make(self._statement, db.dialect)
        return db.connection.cursor(), *ready


def wrapped(db: sa.Connection, text: str, fault: Exception) -> BaseException:
    """Return the driver's error as the one that SQLAlchemy raises; a lost connection is not used again."""
    dialect = db.dialect
    lost = dialect.is_disconnect(fault, None, None)  # type: ignore[arg-type]  # as SQLAlchemy itself asks it
    made = sa.exc.DBAPIError.instance(
        text,
        None,  # a row's values do not belong in an error or a log
        fault,
        dialect.loaded_dbapi.Error,
        connection_invalidated=lost,
        dialect=dialect,
    )
    if lost:
        db.invalidate(fault)
    return made


def _make(statement: sa.Select[Any] | sa.Insert, dialect: sa.Dialect) -> tuple[str, _Arrange]:
    compiled = statement.compile(dialect=dialect)
    set_already = {name: value for name, value in compiled.params.items() if value is not None}
    if not compiled.positional:
        return str(compiled), lambda values: set_already | dict(values)
    names = list(compiled.positiontup or ())
    if not set_already:
        return str(compiled), lambda values: [values[name] for name in names]
    return str(compiled), lambda values: [(set_already | dict(values))[name] for name in names]
