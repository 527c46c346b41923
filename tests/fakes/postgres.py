"""A PostgreSQL server for tests: its own cluster in a temporary folder, a socket in it, ended at last."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

PLACES = Path("/usr/lib/postgresql")


def find_programs() -> Path:
    """Return the folder of `initdb` and `pg_ctl`; skips the test where there is none."""
    found = sorted(PLACES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.skip("PostgreSQL is not installed: apt install postgresql")
    return found[-1].parent


def _user() -> str | None:
    """Return whom the server runs as; it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    pytest.skip("no unprivileged user for PostgreSQL: neither postgres nor nobody is known here")


@contextmanager
def server() -> Iterator[sa.URL]:
    """Start a server and give the URL of its first database; anyone on this machine's socket may enter."""
    programs, user = find_programs(), _user()
    folder = Path(tempfile.mkdtemp(prefix="shopbell-pg-"))
    prefix = ["runuser", "-u", user, "--"] if user else []
    if user:
        shutil.chown(folder, user)

    def run(program: str, *args: str) -> None:
        subprocess.run(
            [*prefix, str(programs / program), *args],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            timeout=60,
        )

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "shop", "--auth=trust", "--encoding=UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=120"
        run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            yield sa.URL.create(
                "postgresql+psycopg", username="shop", database="postgres", query={"host": str(folder)}
            )
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
