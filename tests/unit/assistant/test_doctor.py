"""The doctor's look at the machine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shopbell.assistant import doctor


@pytest.mark.parametrize(
    ("allowed", "said"),
    [(lambda: True, "go before this PC's other programs"), (lambda: False, "the owner's guide tells how")],
)
def test_it_tells_whether_customers_go_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, allowed: Callable[[], bool], said: str
) -> None:
    """Else nobody would know why answers are late beside other programs."""
    monkeypatch.setattr(doctor, "may_go_first", allowed)
    found = doctor.examine(tmp_path, tmp_path, lambda _settings: iter(()))
    assert any(finding.area == "machine" and said in finding.text for finding in found)
