"""Group commit: writers that wait at the same time share one transaction, and so one flush of the disk.

Whoever writes opens `writing`. Alone, that is a transaction of its own. Inside `together` it is a savepoint
in the shared transaction: an error undoes that writer's part alone, and nobody may be told of success before
`together` was left, for only then is it all on the disk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPICursor

from shopbell.storage.errors import SharedWriteLost
from shopbell.storage.prepared import wrapped

_SAVEPOINT = "one_of_several"


class _Shared:
    """A transaction that is being shared on this thread."""

    def __init__(self, engine: sa.Engine, db: sa.Connection) -> None:
        self.engine = engine
        self.db = db
        self.cursor: DBAPICursor = db.connection.cursor()
        self.lost = False
        """The database undid everything by itself, as SQLite does when the disk is full."""


_OPEN: ContextVar[_Shared | None] = ContextVar("shopbell_shared_transaction", default=None)


@contextmanager
def together(engine: sa.Engine) -> Iterator[None]:
    """Open a transaction that every `writing` of this engine on this thread joins, until it is left.

    Leaving commits what they have written. Raises `SharedWriteLost` when the database has undone it, and what
    the database raises when it cannot begin or commit; then nothing was written.
    """
    with engine.begin() as db:
        shared = _Shared(engine, db)
        token = _OPEN.set(shared)
        try:
            yield
        finally:
            _OPEN.reset(token)
        _check(shared)


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Lend a connection for one piece of work that is written whole or not at all.

    Raises `SharedWriteLost` when the database undid the shared transaction.
    """
    shared = _OPEN.get()
    if shared is None or shared.engine is not engine:
        with engine.begin() as db:
            yield db
        return
    _check(shared)
    _run(shared, f"SAVEPOINT {_SAVEPOINT}")
    try:
        yield shared.db
        _run(shared, f"RELEASE SAVEPOINT {_SAVEPOINT}")
    except BaseException:
        _undo(shared)
        raise


def _undo(shared: _Shared) -> None:
    """Take one writer's part back; when that is not possible, nothing of the others' is there either."""
    try:
        _run(shared, f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
        _run(shared, f"RELEASE SAVEPOINT {_SAVEPOINT}")
    except sa.exc.DBAPIError:
        shared.lost = True


def _check(shared: _Shared) -> None:
    if shared.lost:
        raise SharedWriteLost(
            "The database undid what several tills were writing. Check that the disk has space, and send it "
            "again: what was written already is not written twice."
        )


def _run(shared: _Shared, text: str) -> None:
    try:
        shared.cursor.execute(text)  # SQLAlchemy's own savepoints cost as much as a few statements
    except shared.db.dialect.loaded_dbapi.Error as fault:
        raise wrapped(shared.db, text, fault) from fault
