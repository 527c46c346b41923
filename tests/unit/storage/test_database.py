import importlib
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import shopbell
from shopbell.storage.database import (
    _PRAGMAS,
    forget_pages,
    is_waiting,
    metadata,
    migrations,
    open_database,
    reading,
    upgrade,
)
from shopbell.storage.errors import DatabaseRefused


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = open_database(tmp_path / "data" / "shop.db")
    yield engine
    engine.dispose()


@pytest.mark.parametrize(("name", "expected"), [(name, expected) for name, _, expected in _PRAGMAS])
def test_every_connection_keeps_the_promises(engine: sa.Engine, name: str, expected: str | int) -> None:
    """Each setting reads back as asked on a new connection."""
    with reading(engine) as first, reading(engine) as second:
        for connection in (first, second):
            assert connection.exec_driver_sql(f"PRAGMA {name}").scalar() == expected


def test_files_are_for_the_owner_only(engine: sa.Engine, tmp_path: Path) -> None:
    """The folder is 0700; the file, its log and its shared memory are 0600."""
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO document VALUES ('a', 'b', '[]')")
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "data").iterdir()}
    assert modes == {"shop.db": 0o600, "shop.db-wal": 0o600, "shop.db-shm": 0o600}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_upgrading_twice_changes_nothing(engine: sa.Engine) -> None:
    """A database that has seen every migration is left alone and keeps its rows."""
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO document VALUES ('a', 'b', '[]')")
    upgrade(engine)
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM document").scalar() == 1


def test_migrations_make_the_tables_the_rooms_declare(engine: sa.Engine) -> None:
    """No table, column, index or constraint differs between the migrated database and the declared tables."""
    declare_everything()
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrations_make_the_indexes_to_the_letter(engine: sa.Engine) -> None:
    """Each index stands in the migrated database as it is declared, with the rows that it leaves out."""
    declare_everything()
    declared = sa.create_engine("sqlite://")
    metadata.create_all(declared)
    assert indexes(engine) == indexes(declared)
    declared.dispose()


def declare_everything() -> None:
    """Import each module of the product that declares a table."""
    root = Path(shopbell.__file__).parent
    for path in root.rglob("*.py"):
        if "sa.Table(" in path.read_text(encoding="utf-8"):
            importlib.import_module(".".join(("shopbell", *path.relative_to(root).with_suffix("").parts)))


def indexes(engine: sa.Engine) -> dict[str, str]:
    """Return name -> statement of the indexes that were asked for by name."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''"
        )
        return {name: " ".join(sql.split()) for name, sql in rows}


def test_each_migration_can_be_undone(engine: sa.Engine) -> None:
    """Taken back to the beginning, the database is empty, and can be brought up again."""
    with engine.begin() as connection:
        command.downgrade(migrations(connection), "base")
    with reading(engine) as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    upgrade(engine)


def test_a_failed_transaction_leaves_nothing(engine: sa.Engine) -> None:
    """Statements before a failing one are taken back with it."""
    row = "INSERT INTO document VALUES ('a', 'b', '[]')"

    def insert_twice() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(row)
            connection.exec_driver_sql(row)

    with pytest.raises(sa.exc.IntegrityError):
        insert_twice()
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM document").scalar() == 0


def test_a_reader_does_not_wait_for_the_writer(engine: sa.Engine) -> None:
    """While a write is open, reading goes on and sees what was there before."""
    with engine.begin() as writer:
        writer.exec_driver_sql("INSERT INTO document VALUES ('a', 'b', '[]')")
        with reading(engine) as reader:
            assert reader.exec_driver_sql("SELECT count(*) FROM document").scalar() == 0


def test_waiting_for_a_writer_is_told_from_what_is_wrong(engine: sa.Engine, tmp_path: Path) -> None:
    """A statement that another writer kept waiting is said to be worth another try; a wrong one is not."""
    other = open_database(tmp_path / "data" / "shop.db")
    with engine.begin(), other.connect() as late:
        late.connection.cursor().execute("PRAGMA busy_timeout = 0")
        with pytest.raises(sa.exc.OperationalError) as kept_waiting:
            late.execute(sa.text("DELETE FROM event"))
    with engine.connect() as db, pytest.raises(sa.exc.OperationalError) as wrong:
        db.execute(sa.text("DELETE FROM nowhere"))
    assert is_waiting(kept_waiting.value)
    assert not is_waiting(wrong.value)
    other.dispose()


def test_deleted_text_is_in_no_file(engine: sa.Engine, tmp_path: Path) -> None:
    """After a delete and `forget_pages`, a raw scan of the folder does not find the text."""
    text = "sandalwood-and-thunder"
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO document VALUES (?, 'b', '[]')", (text,))
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM document")
    forget_pages(engine)
    assert [p for p in (tmp_path / "data").iterdir() if text.encode() in p.read_bytes()] == []


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    """The message names the file and what to do."""
    (tmp_path / "shop.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(DatabaseRefused, match=r"shop\.db cannot be used.*put back a backup"):
        open_database(tmp_path / "shop.db")


def test_a_folder_in_the_way_is_refused_in_words(tmp_path: Path) -> None:
    """A path that cannot be written says so."""
    (tmp_path / "shop.db").mkdir()
    with pytest.raises(DatabaseRefused, match="cannot be written"):
        open_database(tmp_path / "shop.db")


def test_rows_that_point_nowhere_are_refused(engine: sa.Engine) -> None:
    """Foreign keys are enforced, also for raw statements."""
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO passage VALUES ('nowhere', 0, x'00')")


def test_a_second_process_cannot_break_the_log_mode(engine: sa.Engine, tmp_path: Path) -> None:
    """Another connection finds the write-ahead log already chosen in the file."""
    other = sqlite3.connect(tmp_path / "data" / "shop.db")
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
