"""Who goes first on the machine: tried in processes of their own, for niceness stays with a process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shopbell.storage import precedence

LEVEL = "import os; print(os.getpriority(os.PRIO_PROCESS, 0))"
BEFORE = os.getpriority(os.PRIO_PROCESS, 0)
ALLOWED = precedence.may_go_first()


def printed(code: str) -> list[str]:
    """Run a program that begins with the module at hand."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import os, subprocess, sys\nfrom shopbell.storage.precedence import *\n{code}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


leave = pytest.mark.skipif(not ALLOWED, reason="this account may not go before others")
FIRST, LEVELLED = str(precedence.FIRST), str(precedence.LEVEL)


@leave
def test_what_the_shop_begins_goes_first_too() -> None:
    """The engines are processes of the shop: they inherit its place."""
    own = f"    {LEVEL}; sys.stdout.flush()"
    begun = f"    subprocess.run([sys.executable, '-c', {LEVEL!r}])"
    assert printed(f"with going_first():\n{own}\n{begun}") == [FIRST, FIRST]


def test_work_nobody_waits_for_goes_last_wherever_it_was_begun() -> None:
    """It would else inherit the place of the shop that begins it."""
    assert printed(f"with going_first():\n    go_last()\n{LEVEL}") == [str(precedence.LAST)]


def test_trying_leaves_no_trace() -> None:
    """The doctor asks; the niceness is as it was."""
    assert printed(f"may_go_first()\n{LEVEL}") == [str(BEFORE)]


def test_an_account_without_leave_stays_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Most accounts may not; the shop runs all the same, and its session is left alone."""

    def refuse(_which: int, _who: int, _niceness: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "setpriority", refuse)
    with precedence.going_first(tmp_path / "autogroup") as first:
        assert not first
    assert not precedence.may_go_first()
    precedence.go_last()
    assert not (tmp_path / "autogroup").exists()


def test_a_session_goes_first_until_the_shop_closes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Else a terminal would stay before all other programs for ever."""
    group = tmp_path / "autogroup"
    monkeypatch.setattr(os, "setpriority", lambda *_: None)
    with precedence.going_first(group):
        assert group.read_text() == FIRST
    assert group.read_text() == LEVELLED


@leave
def test_an_engine_knows_whether_it_goes_first() -> None:
    """It leaves no core to others only where they are held back."""
    asks = "from shopbell.storage.precedence import goes_first; print(goes_first())"
    begin = f"subprocess.run([sys.executable, '-c', {asks!r}])"
    assert printed(f"{begin}\nwith going_first():\n    {begin}") == ["False", "True"]
