"""Which ears this machine is quick enough for."""

import json
import time
from pathlib import Path

import pytest

from shopbell.voice.choice import FILE, Chooser


class Trial:
    """A model that takes as long as it is told."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.name = folder.name
        self.seconds = seconds

    def rehearse(self) -> None:
        until = time.perf_counter() + self.seconds
        while time.perf_counter() < until:
            pass


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Return folders of a better and a quicker model."""
    for name in ("better", "quicker"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.bin").write_bytes(name.encode())
    return tmp_path / "better", tmp_path / "quicker"


def chooser(data: Path, seconds: float, loaded: list[str]) -> Chooser[Trial]:
    def load(folder: Path) -> Trial:
        loaded.append(folder.name)
        return Trial(folder, seconds)

    return Chooser(data / FILE, load, library="1", threads=1, beat=lambda: None)


def test_the_better_model_is_taken_when_it_is_quick_enough(data: Path, folders: tuple[Path, Path]) -> None:
    """A quick machine hears with the better ears, and remembers that it can."""
    loaded: list[str] = []
    model, folder, seconds = chooser(data, 0.01, loaded).choose(folders)
    assert (model.name, folder.name) == ("better", "better")
    assert 0 < seconds < 0.7
    assert len(json.loads((data / FILE).read_bytes())["kept"]) == 1


def test_a_slow_machine_takes_the_quicker_one_and_loads_no_other_next_time(
    data: Path, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was measured is kept, so the next start does not load what is too slow."""
    monkeypatch.setattr("shopbell.voice.choice.QUICK_S", 0.001)
    loaded: list[str] = []
    assert chooser(data, 0.02, loaded).choose(folders)[1].name == "quicker"
    assert loaded == ["better", "quicker"]
    loaded.clear()
    assert chooser(data, 0.02, loaded).choose(folders)[1].name == "quicker"
    assert loaded == ["quicker"]


def test_one_model_is_not_measured(data: Path, folders: tuple[Path, Path]) -> None:
    """Without a choice there is nothing to find out."""
    assert chooser(data, 5.0, []).choose(folders[1:])[2] == 0.0
    assert not (data / FILE).exists()
