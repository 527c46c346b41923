"""What every snapshot of the console needs: a terminal that is the same everywhere."""

import pytest

_TASTES = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_THEME")
"""What a machine may say of its terminal; a snapshot is compared without it."""


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours and sizes come from the test alone, also where the machine prefers none."""
    for name in _TASTES:
        monkeypatch.delenv(name, raising=False)
