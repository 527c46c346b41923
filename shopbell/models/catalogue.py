"""The catalogue: which models there are, from which wheels, proven by which hashes."""

import enum
from collections.abc import Iterable
from importlib import resources
from pathlib import PurePosixPath
from typing import Annotated

import msgspec

from shopbell.models.errors import CatalogueError, UnknownModelError

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
"""64 lower-case hexadecimal digits."""

Name = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9._-]{0,63}$")]
"""A model's short name; also the name of its folder."""


class Role(enum.StrEnum):
    """What a model is for."""

    LLM = "llm"
    STT = "stt"
    TTS = "tts"
    TURN = "turn"
    EMBEDDING = "embedding"


class Wheel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wheel that carries model files, exactly as the index serves it."""

    name: str
    """The distribution's name."""
    version: str
    sha256: Sha256
    size: Annotated[int, msgspec.Meta(gt=0)] = msgspec.field(name="bytes")
    """Bytes of the wheel."""

    @property
    def stem(self) -> str:
        """How the wheel's file name begins: `name-version`."""
        return f"{self.name.replace('-', '_')}-{self.version}"


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One member of one wheel: a file, or a piece of one."""

    wheel: str
    member: str
    size: Annotated[int, msgspec.Meta(gt=0)] = msgspec.field(name="bytes")
    """Bytes of the member."""


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a model: its parts joined in order."""

    path: str
    """Relative to the model's folder."""
    sha256: Sha256
    size: Annotated[int, msgspec.Meta(gt=0)] = msgspec.field(name="bytes")
    """Bytes of the whole file."""
    parts: tuple[Part, ...] = ()
    """Empty for an owner's own file: it cannot be fetched, only kept."""

    def __post_init__(self) -> None:
        """Refuse a path that leaves the folder, and parts that do not add up."""
        path = PurePosixPath(self.path)
        if path.is_absolute() or ".." in path.parts or not path.name or path.name.startswith("."):
            raise ValueError(f"path {self.path!r} must stay inside the model's folder")
        if self.parts and sum(part.size for part in self.parts) != self.size:
            raise ValueError(f"the parts of {self.path!r} do not add up to {self.size} bytes")


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model: one or more files in a folder of their own."""

    name: Name
    title: str
    role: Role
    licence: str
    """SPDX identifier, or the words of the owner who added it."""
    source: str
    """Who published it, under which name."""
    files: Annotated[tuple[ModelFile, ...], msgspec.Meta(min_length=1)]
    """The first is the one an engine opens."""
    wheels: tuple[Wheel, ...] = ()
    """In the order the parts need them."""
    default: bool = False
    """Needed by `shopbell serve`."""
    tests: bool = False
    """Needed by the test suite."""

    def __post_init__(self) -> None:
        """Refuse two files of one path, and parts that name no listed wheel or name it out of order."""
        if len({file.path for file in self.files}) != len(self.files):
            raise ValueError(f"model {self.name!r} lists a file twice")
        order = {wheel.name: place for place, wheel in enumerate(self.wheels)}
        for file in self.files:
            places = [order.get(part.wheel, -1) for part in file.parts]
            if -1 in places or places != sorted(places):
                raise ValueError(f"the parts of {file.path!r} must name listed wheels, in the wheels' order")

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All models known, in the order of the file."""

    models: tuple[Model, ...]

    def __post_init__(self) -> None:
        """Refuse two models of one name."""
        if len({model.name for model in self.models}) != len(self.models):
            raise ValueError("two models have the same name")

    def get(self, name: str) -> Model:
        """Return the model of that name, or raise UnknownModelError naming those there are."""
        for model in self.models:
            if model.name == name:
                return model
        known = ", ".join(model.name for model in self.models)
        raise UnknownModelError(f"there is no model named {name!r}. Known: {known}")

    def select(self, *, tests: bool = False) -> tuple[Model, ...]:
        """Return what `serve` needs, and with `tests` what the test suite needs besides."""
        return tuple(model for model in self.models if model.default or (tests and model.tests))

    def joined(self, others: Iterable[Model]) -> "Catalogue":
        """Return this catalogue with an owner's own models; one of the same name takes the place of ours."""
        own = {model.name: model for model in others}
        kept = tuple(model for model in self.models if model.name not in own)
        return Catalogue(models=(*kept, *own.values()))


def decode_catalogue(text: str, where: str) -> Catalogue:
    """Decode TOML text; `where` names its file in the CatalogueError of a bad one."""
    try:
        return msgspec.toml.decode(text, type=Catalogue)
    except msgspec.DecodeError as error:
        raise CatalogueError(f"{where}: {error}") from error


def builtin_catalogue() -> Catalogue:
    """Read the catalogue that comes with Shopbell."""
    text = resources.files("shopbell.models").joinpath("catalogue.toml").read_text("utf-8")
    return decode_catalogue(text, "shopbell/models/catalogue.toml")
