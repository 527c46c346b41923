"""The ledger's database, once on SQLite and once on PostgreSQL."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from shopbell.storage.database import forget_pages, open_database
from tests.fakes import postgres

_numbers = count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """Start PostgreSQL for the session."""
    with postgres.server() as url:
        open_database(url.set(database=_create(url, "template1"))).dispose()
        yield url


def _create(url: sa.URL, template: str) -> str:
    name = f"shop{next(_numbers)}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database file with all tables and no rows, to be copied: making one takes many syncs."""
    path = tmp_path_factory.mktemp("template") / "shop.db"
    engine = open_database(path)
    forget_pages(engine)
    engine.dispose()
    return path


@pytest.fixture
def postgres_url(postgres_server: sa.URL) -> sa.URL:
    """Give the URL of a new database with all tables."""
    return postgres_server.set(database=_create(postgres_server, "shop0"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def db_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Give a new database of the shop on each kind of server."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        engine = open_database(Path(shutil.copy(template, tmp_path / "shop.db")))
        sa.event.listen(
            engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF")
        )
        engine.dispose()
    else:
        engine = open_database(request.getfixturevalue("postgres_url"))
        sa.event.listen(
            engine, "connect", lambda connection, _: connection.execute("SET synchronous_commit = off")
        )
        engine.dispose()
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_shop(sqlite_template: Path, tmp_path: Path) -> Iterator[sa.Engine]:
    """Give a new SQLite database, where both kinds of server would only say the same."""
    engine = open_database(Path(shutil.copy(sqlite_template, tmp_path / "shop.db")))
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    engine.dispose()
    yield engine
    engine.dispose()
