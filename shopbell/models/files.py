"""The model files on this machine: where they are, and whether they are what they should be."""

import contextlib
import enum
import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from shopbell.models.catalogue import Catalogue, Model, ModelFile
from shopbell.models.errors import ModelCorruptError, ModelMissingError

SEALS = ".verified.json"
_CHUNK = 1 << 20


class State(enum.StrEnum):
    """How a file, or a whole model, stands."""

    MISSING = "missing"
    PARTIAL = "partial"
    CORRUPT = "corrupt"
    READY = "ready"


class Seal(msgspec.Struct, frozen=True):
    """A file was found right when it had this size and time; unchanged, it is not hashed again."""

    sha256: str
    size: int
    """Bytes."""
    mtime_ns: int
    """Nanoseconds since 1970."""


class FileCheck(msgspec.Struct, frozen=True):
    """One file's state."""

    path: str
    state: State


class ReadyModel(msgspec.Struct, frozen=True):
    """A model whose every file is on this machine and proven."""

    model: Model
    folder: Path

    @property
    def main(self) -> Path:
        """The file an engine opens."""
        return self.folder / self.model.files[0].path

    def file(self, path: str) -> Path:
        """Return one of the model's files by its path in the catalogue."""
        if path not in {file.path for file in self.model.files}:
            raise ModelMissingError(f"model {self.model.name} has no file {path!r}")
        return self.folder / path


def data_folder(environ: Mapping[str, str], home: Path) -> Path:
    """Return this user's data folder: SHOPBELL_DATA, else in XDG_DATA_HOME, else in ~/.local/share."""
    if chosen := environ.get("SHOPBELL_DATA"):
        return Path(chosen).expanduser().absolute()
    shared = Path(environ.get("XDG_DATA_HOME", ""))
    return (shared if shared.is_absolute() else home / ".local" / "share") / "shopbell"


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file as 64 hexadecimal digits, reading it once."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def part_path(path: Path) -> Path:
    """Return where a file grows until it is whole."""
    return path.with_name(path.name + ".part")


def bad_path(path: Path) -> Path:
    """Return where a file goes that is not what it should be."""
    return path.with_name(path.name + ".bad")


def set_aside(path: Path) -> Path:
    """Move a bad file aside and return its new place."""
    aside = bad_path(path)
    path.replace(aside)
    return aside


class ModelFiles:
    """The models under one data folder, each in `models/<name>/`."""

    def __init__(self, data: Path, catalogue: Catalogue) -> None:
        self.folder = data / "models"
        self.catalogue = catalogue

    def path(self, model: Model, file: ModelFile) -> Path:
        """Return where a file belongs, whether or not it is there."""
        return self.folder / model.name / file.path

    def locate(self, name: str) -> ReadyModel:
        """Return a proven model; a bad file is moved aside, never returned.

        Raises UnknownModelError, ModelMissingError or ModelCorruptError.
        """
        model = self.catalogue.get(name)
        checks = self.checks(model)
        self._refuse_corrupt(model, checks)
        absent = [check.path for check in checks if check.state is not State.READY]
        if absent:
            raise ModelMissingError(
                f"model {name} is not on this machine yet ({', '.join(absent)}). "
                f"Run: shopbell models fetch {name}"
            )
        return ReadyModel(model=model, folder=self.folder / model.name)

    def verify(self, model: Model) -> tuple[FileCheck, ...]:
        """Hash every file anew, move bad ones aside, and return each file's state."""
        checks = self.checks(model, afresh=True)
        for check in checks:
            target = self.folder / model.name / check.path
            if check.state is State.CORRUPT and target.exists():
                set_aside(target)
        return checks

    def state(self, model: Model) -> State:
        """Return how the whole model stands."""
        states = {check.state for check in self.checks(model)}
        if State.CORRUPT in states:
            return State.CORRUPT
        return states.pop() if len(states) == 1 else State.PARTIAL

    def checks(self, model: Model, *, afresh: bool = False) -> tuple[FileCheck, ...]:
        """Return each file's state; a file is hashed if its seal does not fit, or `afresh` is asked."""
        seals = {} if afresh else self._seals(model)
        found = dict(seals)
        result = []
        for file in model.files:
            state = self._check(self.path(model, file), file, seals.get(file.path))
            if state is State.READY:
                found[file.path] = _seal(self.path(model, file), file)
            else:
                found.pop(file.path, None)
            result.append(FileCheck(path=file.path, state=state))
        if found != seals:
            self._write_seals(model, found)
        return tuple(result)

    def seal(self, model: Model, file: ModelFile) -> None:
        """Remember that a file has just been hashed and found right."""
        self._write_seals(model, {**self._seals(model), file.path: _seal(self.path(model, file), file)})

    def _refuse_corrupt(self, model: Model, checks: tuple[FileCheck, ...]) -> None:
        for check in checks:
            if check.state is State.CORRUPT:
                target = self.folder / model.name / check.path
                aside = set_aside(target) if target.exists() else bad_path(target)
                raise ModelCorruptError(
                    f"{target} is damaged and was moved aside to {aside.name}; it is not used. "
                    f"Run: shopbell models fetch {model.name}"
                )

    def _check(self, target: Path, file: ModelFile, seal: Seal | None) -> State:
        if not target.is_file():
            if part_path(target).exists():
                return State.PARTIAL
            return State.CORRUPT if bad_path(target).exists() else State.MISSING
        if target.stat().st_size != file.size:
            return State.CORRUPT
        if seal == _seal(target, file) or sha256_of(target) == file.sha256:
            return State.READY
        return State.CORRUPT

    def _seals(self, model: Model) -> dict[str, Seal]:
        try:
            raw = (self.folder / model.name / SEALS).read_bytes()
            return msgspec.json.decode(raw, type=dict[str, Seal])
        except (FileNotFoundError, msgspec.DecodeError):
            return {}

    def _write_seals(self, model: Model, seals: dict[str, Seal]) -> None:
        target = self.folder / model.name / SEALS
        fresh = part_path(target)
        # A seal only saves time: a folder that may be read but not written is no fault.
        with contextlib.suppress(OSError):
            fresh.write_bytes(msgspec.json.encode(seals))
            fresh.replace(target)


def _seal(path: Path, file: ModelFile) -> Seal:
    stat = path.stat()
    return Seal(sha256=file.sha256, size=stat.st_size, mtime_ns=stat.st_mtime_ns)
