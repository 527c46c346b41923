"""An owner's own models: a GGUF or a Piper voice, checked, copied in and written down."""

import json
import os
import re
import shutil
from pathlib import Path

import msgspec

from shopbell.models.assembly import Assembly
from shopbell.models.catalogue import Catalogue, Model, ModelFile, Role, builtin_catalogue, decode_catalogue
from shopbell.models.errors import AddError, NoSpaceError
from shopbell.models.files import ModelFiles, part_path, sha256_of
from shopbell.models.gguf import read_head

CUSTOM = "custom.toml"
_PICKLE_SIGNS = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_ONNX_FIRST = b"\x08"
"""An ONNX file is a protobuf whose first field is the format's version, a small integer."""


class VoiceAudio(msgspec.Struct, frozen=True):
    """The `audio` table of a Piper voice's JSON."""

    sample_rate: int
    """Hertz."""


class VoiceSettings(msgspec.Struct, frozen=True):
    """What must be in a Piper voice's JSON for the voice to speak."""

    audio: VoiceAudio
    phoneme_id_map: dict[str, list[int]]


def known_models(data: Path) -> Catalogue:
    """Return Shopbell's catalogue with the owner's own models of this data folder."""
    return builtin_catalogue().joined(_custom_models(data))


def add_model(data: Path, source: Path, *, name: str = "") -> Model:
    """Check an owner's file, copy it into the data folder, write it down, and return its entry.

    A Piper voice is the `.onnx` file, with its `.onnx.json` beside it. Raises AddError or NoSpaceError.
    """
    name = name or _short_name(source)
    if name in {known.name for known in builtin_catalogue().models}:
        raise AddError(f"{name!r} is the name of one of Shopbell's own models. Choose another with --name")
    model, sources = _described(source, name)
    _check_space(data, model)
    files = ModelFiles(data, Catalogue(models=(model,)))
    for file, origin in zip(model.files, sources, strict=True):
        assembly = Assembly(files.path(model, file), file)
        assembly.adopt(origin, lambda _: None)
        assembly.finish()
        files.seal(model, file)
    others = [known for known in _custom_models(data) if known.name != model.name]
    _write_down(data, [*others, model])
    return model


def _described(source: Path, name: str) -> tuple[Model, tuple[Path, ...]]:
    if not source.is_file():
        raise AddError(f"there is no file {source}")
    with source.open("rb") as stream:
        first = stream.read(4)
    if first.startswith(_PICKLE_SIGNS):
        raise AddError(
            f"{source} is a pickle or a zip of pickles, which can run code: it is refused. Bring a GGUF file"
        )
    if source.suffix == ".onnx":
        return _voice(source, first, name)
    head = read_head(source)
    title = head.title or head.architecture or source.stem
    return _model(name, title, Role.LLM, head.licence, (source,)), (source,)


def _voice(source: Path, first: bytes, name: str) -> tuple[Model, tuple[Path, ...]]:
    settings = source.with_name(source.name + ".json")
    if not first.startswith(_ONNX_FIRST):
        raise AddError(f"{source} is not an ONNX file")
    if not settings.is_file():
        raise AddError(f"a Piper voice is two files: {settings.name} is missing beside {source}")
    try:
        msgspec.json.decode(settings.read_bytes(), type=VoiceSettings)
    except msgspec.DecodeError as error:
        raise AddError(f"{settings} is not the settings of a Piper voice: {error}") from error
    return _model(name, f"Piper voice {source.stem}", Role.TTS, "", (source, settings)), (source, settings)


def _model(name: str, title: str, role: Role, licence: str, sources: tuple[Path, ...]) -> Model:
    licence = licence or "as its owner says"
    try:
        files = tuple(
            ModelFile(path=path.name, sha256=sha256_of(path), size=path.stat().st_size) for path in sources
        )
        made = Model(name=name, title=title, role=role, licence=licence, source="added here", files=files)
        return msgspec.convert(msgspec.to_builtins(made), Model)
    except ValueError as error:
        raise AddError(
            f"{sources[0]} cannot be added as {name!r}: {error}. Choose another with --name"
        ) from error


def _short_name(source: Path) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", source.stem.lower()).strip("-._")[:64]


def _check_space(data: Path, model: Model) -> None:
    data.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(data).free
    if free < model.size:
        raise NoSpaceError(
            f"{data} has {free:,} bytes free, and the file has {model.size:,}. Free some space"
        )


def _custom_models(data: Path) -> tuple[Model, ...]:
    path = data / "models" / CUSTOM
    if not path.exists():
        return ()
    return decode_catalogue(path.read_text("utf-8"), str(path)).models


def _write_down(data: Path, models: list[Model]) -> None:
    path = data / "models" / CUSTOM
    fresh = part_path(path)
    lines = ["# Written by `shopbell models add`: the shop's own models."]
    for model in models:
        lines += ["", "[[models]]", *(_line(key, getattr(model, key)) for key in _KEYS)]
        for file in model.files:
            lines += ["", "[[models.files]]", _line("path", file.path), f"bytes = {file.size}"]
            lines += [_line("sha256", file.sha256)]
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)


_KEYS = ("name", "title", "role", "licence", "source")


def _line(key: str, value: str) -> str:
    """Return one TOML line; a JSON string is a TOML string once DEL, which JSON leaves bare, is escaped."""
    return f"{key} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")
