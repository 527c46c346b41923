"""Models of a few bytes: wheels, a catalogue that pins them, a source that hands them over, and a GGUF."""

import hashlib
import struct
import zipfile
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from shopbell.models.catalogue import Catalogue, Model, ModelFile, Part, Role, Wheel

PIECES = (b"first piece, ", b"second piece, ", b"third and last")
WHOLE = b"".join(PIECES)
SETTINGS = b'{"hidden": 384}'


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def make_wheel(folder: Path, name: str, members: dict[str, bytes]) -> Wheel:
    """Write a wheel that pip takes, and return its pin."""
    stem = f"{name.replace('-', '_')}-1.0"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, raw in members.items():
            archive.writestr(_dated(member), raw)
        about = f"{stem}.dist-info"
        archive.writestr(_dated(f"{about}/METADATA"), f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(_dated(f"{about}/WHEEL"), tags)
        archive.writestr(_dated(f"{about}/RECORD"), "")
    raw = path.read_bytes()
    return Wheel(name=name, version="1.0", sha256=sha256(raw), size=len(raw))


def _dated(member: str) -> zipfile.ZipInfo:
    # One date for all, so that the same contents always give the same bytes.
    return zipfile.ZipInfo(member, (2026, 1, 1, 0, 0, 0))


def tiny_model(folder: Path, *, name: str = "tiny", pieces: Sequence[bytes] = PIECES) -> Model:
    """Return a model of two files: one cut into a wheel for each piece, one lying in the first wheel too."""
    wheels = []
    for place, piece in enumerate(pieces):
        members = {f"data/part{place}.bin": piece} | ({"data/config.json": SETTINGS} if place == 0 else {})
        wheels.append(make_wheel(folder, f"{name}-part{place}", members))
    parts = tuple(
        Part(wheel=wheel.name, member=f"data/part{place}.bin", size=len(piece))
        for place, (wheel, piece) in enumerate(zip(wheels, pieces, strict=True))
    )
    whole = b"".join(pieces)
    config = Part(wheel=wheels[0].name, member="data/config.json", size=len(SETTINGS))
    return Model(
        name=name,
        title="A model of a few bytes",
        role=Role.LLM,
        licence="CC0-1.0",
        source="this test",
        files=(
            ModelFile(path="model.bin", sha256=sha256(whole), size=len(whole), parts=parts),
            ModelFile(path="config.json", sha256=sha256(SETTINGS), size=len(SETTINGS), parts=(config,)),
        ),
        wheels=tuple(wheels),
    )


def tiny_catalogue(folder: Path) -> Catalogue:
    """Return a catalogue of one tiny model whose wheels lie in `folder`."""
    return Catalogue(models=(tiny_model(folder),))


class ScriptedSource:
    """Hands over wheels from a folder, and breaks off with `error` before the wheel numbered `breaks_at`."""

    def __init__(self, folder: Path, *, breaks_at: int | None = None, error: Exception | None = None) -> None:
        self.folder = folder
        self.handed: list[str] = []
        self._breaks_at = breaks_at
        self._error = error

    def whole(self, file: ModelFile) -> Path | None:
        return None

    def room(self, wanted: Sequence[Wheel]) -> int:
        return 0

    def wheels(
        self, wanted: Sequence[Wheel], staging: Path, arrived: Callable[[int, str], None]
    ) -> Generator[Path, None, None]:
        done = 0
        for place, wheel in enumerate(wanted):
            if place == self._breaks_at and self._error:
                raise self._error
            self.handed.append(wheel.name)
            yield next(self.folder.glob(f"{wheel.stem}-*.whl"))
            done += wheel.size
            arrived(done, "")


def gguf_bytes(*, title: str = "Tiny Llama", tensors: int = 1, data: int = 64) -> bytes:
    """Return a GGUF file: a head with every kind of field, and `data` bytes behind it."""
    fields = [
        _field("general.architecture", 8, _string("llama")),
        _field("general.name", 8, _string(title)),
        _field("general.license", 8, _string("apache-2.0")),
        _field("general.alignment", 4, struct.pack("<I", 32)),
        _field("llama.context_length", 4, struct.pack("<I", 2048)),
        _field("tokens", 9, struct.pack("<IQ", 8, 2) + _string("a") + _string("b")),
        _field("scores", 9, struct.pack("<IQ", 6, 3) + struct.pack("<3f", 1, 2, 3)),
    ]
    head = b"GGUF" + struct.pack("<IQQ", 3, tensors, len(fields)) + b"".join(fields)
    for place in range(tensors):
        head += _string(f"weight.{place}") + struct.pack("<IQIQ", 1, 8, 0, 32 * place)
    return head + bytes(-len(head) % 32) + bytes(data)


def _string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _field(key: str, kind: int, value: bytes) -> bytes:
    return _string(key) + struct.pack("<I", kind) + value
