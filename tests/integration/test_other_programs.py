"""The database is open in several programs at once: what one leaves behind, the others keep."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from shopbell.storage.database import open_database

LOOK = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('SELECT * FROM head'); db.close()"


def test_another_program_that_leaves_takes_nothing_with_it(tmp_path: Path) -> None:
    """Opened twice in the server, looked at by another program: what is written then survives a crash.

    Without its locks the server's log would be deleted under it, and every sale after that lost.
    """
    path, after = tmp_path / "shop.db", tmp_path / "after"
    first, second = open_database(path), open_database(path)
    with first.connect() as one, second.connect() as two:
        for db in (one, two):
            db.execute(sa.text("SELECT count(*) FROM head"))
            db.rollback()  # open, but at rest
        third = open_database(path)
        subprocess.run([sys.executable, "-c", LOOK, path], check=True, timeout=60)
        with third.begin() as db:
            db.execute(sa.text("CREATE TABLE sale (id INTEGER PRIMARY KEY)"))
            db.execute(sa.text("INSERT INTO sale VALUES (7)"))
        after.mkdir()
        for file in tmp_path.glob("shop.db*"):
            shutil.copy(file, after / file.name)  # as a crash leaves them
    with closing(sqlite3.connect(after / "shop.db")) as kept:
        assert kept.execute("SELECT id FROM sale").fetchall() == [(7,)]
    for engine in (first, second, third):
        engine.dispose()
