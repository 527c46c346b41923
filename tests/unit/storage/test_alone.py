"""Programs that write the same files, one after another."""

import logging
import threading
from pathlib import Path

import pytest

from shopbell.storage.alone import Alone


def test_who_waits_for_another_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The second writer comes when the first has finished, and tells meanwhile why nothing happens."""
    caplog.set_level(logging.WARNING)
    one, other = Alone(tmp_path / "index.lock"), Alone(tmp_path / "index.lock")
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.set()
        with other.held() as moved:
            order.append(f"second, moved {moved}")

    with one.held():
        one.wrote()
        waiting = threading.Thread(target=second)
        waiting.start()
        inside.wait(5)
        for _ in range(500):  # until it has said that it waits
            if not caplog.records:
                waiting.join(0.01)
        order.append("first")
    waiting.join(5)
    assert order == ["first", "second, moved True"]
    assert "index.lock" in caplog.text


def test_nobody_waits_for_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Alone, nothing is said, and what nobody else wrote has not moved."""
    one = Alone(tmp_path / "index.lock")
    with one.held():
        one.wrote()
    with one.held() as moved:
        assert not moved
    assert not caplog.records
