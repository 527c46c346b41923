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
        [sys.executable, "-c", f"import subprocess, sys\nfrom shopbell.storage.precedence import *\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.skipif(not ALLOWED, reason="this account may not go before others")
def test_what_the_shop_begins_goes_first_too() -> None:
    """The engines are processes of the shop: they inherit its place."""
    own = f"{LEVEL}\nsys.stdout.flush()"
    assert printed(f"go_first()\n{own}\nsubprocess.run([sys.executable, '-c', {LEVEL!r}])") == ["-8", "-8"]


def test_work_nobody_waits_for_goes_last_wherever_it_was_begun() -> None:
    """It would else inherit the place of the shop that begins it."""
    assert printed(f"go_first()\ngo_last()\n{LEVEL}") == [str(precedence.LAST)]


def test_trying_leaves_no_trace() -> None:
    """The doctor asks; the niceness is as it was."""
    assert printed(f"may_go_first()\n{LEVEL}") == [str(BEFORE)]


def test_an_account_without_leave_stays_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most accounts may not; the shop runs all the same."""

    def refuse(_which: int, _who: int, _niceness: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "setpriority", refuse)
    assert not precedence.go_first()
    assert not precedence.may_go_first()
    precedence.go_last()


@pytest.mark.parametrize("leads", [True, False])
def test_only_a_session_of_its_own_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leads: bool
) -> None:
    """In a terminal the other programs of the session would be raised with it."""
    group = tmp_path / "autogroup"
    group.touch()
    monkeypatch.setattr(os, "setpriority", lambda *_: None)
    monkeypatch.setattr(os, "getsid", lambda _pid: os.getpid() if leads else 1)
    assert precedence.go_first(group)
    assert group.read_text() == (str(precedence.FIRST) if leads else "")
