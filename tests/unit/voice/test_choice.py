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


def chooser(
    data: Path, seconds: dict[int, float], loaded: list[str], *, others: float = 0.0, now: float = 0.0
) -> Chooser[Trial]:
    """Return one that may use as many threads as there are times for, while others use so many cores."""

    def load(folder: Path, threads: int) -> Trial:
        loaded.append(f"{folder.name} {threads}")
        return Trial(folder, seconds[threads])

    def busy() -> float:
        return time.process_time() + others * time.perf_counter()

    return Chooser(
        data / FILE,
        load,
        library="1",
        threads=len(seconds),
        beat=lambda: None,
        now=lambda: now,
        busy=busy,
    )


def test_the_better_model_is_taken_when_it_is_quick_enough(data: Path, folders: tuple[Path, Path]) -> None:
    """A quick machine hears with the better ears, and remembers that it can."""
    chosen = chooser(data, {1: 0.01}, []).choose(folders)
    assert (chosen.model.name, chosen.folder.name) == ("better", "better")
    assert 0 < chosen.seconds < 0.7
    assert len(json.loads((data / FILE).read_bytes())["kept"]) == 1


@pytest.mark.parametrize(("seconds", "threads"), [({1: 0.01, 2: 0.1}, 1), ({1: 0.1, 2: 0.01}, 2)])
def test_as_many_threads_work_as_are_quickest(
    data: Path, folders: tuple[Path, Path], seconds: dict[int, float], threads: int
) -> None:
    """Both ways are tried once; from then on only the quicker one is loaded."""
    loaded: list[str] = []
    assert chooser(data, seconds, loaded).choose(folders).threads == threads
    assert loaded == ["better 1", "better 2", f"better {threads}"]
    loaded.clear()
    assert chooser(data, seconds, loaded).choose(folders).threads == threads
    assert loaded == [f"better {threads}"]


def test_a_slow_machine_takes_the_quicker_one_and_loads_no_other_next_time(
    data: Path, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was measured is kept, so the next start does not load what is too slow."""
    monkeypatch.setattr("shopbell.voice.choice.QUICK_S", 0.001)
    loaded: list[str] = []
    assert chooser(data, {1: 0.02}, loaded).choose(folders).folder.name == "quicker"
    assert loaded == ["better 1", "quicker 1", "quicker 1"]
    loaded.clear()
    assert chooser(data, {1: 0.02}, loaded).choose(folders).folder.name == "quicker"
    assert loaded == ["quicker 1"]


def test_what_was_measured_beside_others_is_measured_again_an_hour_later(
    data: Path, folders: tuple[Path, Path]
) -> None:
    """A figure stays when the machine was at rest."""
    chooser(data, {1: 0.05}, [], others=1.0).choose(folders)
    soon, later, last = list[str](), list[str](), list[str]()
    chooser(data, {1: 0.05}, soon, now=3_000.0).choose(folders)
    chooser(data, {1: 0.05}, later, now=4_000.0).choose(folders)
    chooser(data, {1: 0.05}, last, now=90_000.0).choose(folders)
    assert (soon, later, last) == (["better 1"], ["better 1", "better 1"], ["better 1"])
