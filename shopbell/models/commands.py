"""`shopbell models`: what is known, what is here, and bringing what is not."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import rich_click as click

from shopbell.models.catalogue import Model
from shopbell.models.custom import add_model, known_models
from shopbell.models.delivery import Delivery
from shopbell.models.errors import ModelsError
from shopbell.models.fetch import IndexSource
from shopbell.models.files import FileCheck, ModelFiles, State, data_folder
from shopbell.models.progress import stderr_report
from shopbell.models.sources import FolderSource

_MB = 1e6


class ModelLine(msgspec.Struct, frozen=True):
    """One model as `list --json` gives it."""

    name: str
    title: str
    role: str
    licence: str
    source: str
    size: int
    """Bytes."""
    state: State
    default: bool
    folder: str


class VerifyLine(msgspec.Struct, frozen=True):
    """One model as `verify --json` gives it."""

    name: str
    ok: bool
    files: tuple[FileCheck, ...]


class FetchLine(msgspec.Struct, frozen=True):
    """One model as `fetch --json` and `add --json` give it."""

    name: str
    folder: str
    main: str
    """The file an engine opens."""


def _chosen_data(context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path:
    """Take `--data` of this command, else that of `shopbell` itself, else the user's own folder."""
    above: Path | None = context.find_root().params.get("data")
    return value or above or data_folder(os.environ, Path.home())


_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="SHOPBELL_DATA",
    callback=_chosen_data,
    show_default="your data folder",
    help="The data folder; models live in its folder `models`.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@click.group(name="models")
def models_group() -> None:
    """List, fetch, verify and add the model files."""


@models_group.command("list")
@_data
@_json
def list_models(data: Path, as_json: bool) -> None:
    """Say which models are known and which are on this machine."""
    with _told(as_json=as_json):
        files = ModelFiles(data, known_models(data))
        lines = [_model_line(files, model) for model in files.catalogue.models]
    if as_json:
        _print_json(lines)
        return
    for line in lines:
        needed = "needed" if line.default else ""
        click.echo(
            f"{line.name:18}{line.role:11}{line.size / _MB:8,.1f} MB  {line.state:9}{needed:8}{line.title}"
        )
    click.echo(f"Folder: {files.folder}")


@models_group.command()
@click.argument("names", nargs=-1)
@click.option("--tests", is_flag=True, help="Fetch also what the test suite needs.")
@click.option("--all", "everything", is_flag=True, help="Fetch every model known.")
@click.option(
    "--from",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder or USB stick that holds the files or the wheels, anywhere below it.",
)
@_data
@_json
def fetch(
    names: tuple[str, ...], tests: bool, everything: bool, folder: Path | None, data: Path, as_json: bool
) -> None:
    """Bring models to this machine: the NAMES given, else those `serve` needs.

    An interrupted fetch goes on where it stopped. No file is used before its sha256 is proven.
    """
    with _told(as_json=as_json):
        files = ModelFiles(data, known_models(data))
        source = FolderSource(folder) if folder else IndexSource(os.environ)
        chosen = _chosen(files, names, tests=tests, everything=everything)
        lines = []
        for model in chosen:
            here = files.state(model) is State.READY
            ready = Delivery(files, source, report=stderr_report()).fetch(model.name)
            lines.append(FetchLine(name=model.name, folder=str(ready.folder), main=str(ready.main)))
            _say(f"{model.name}: {'here already' if here else 'ready'} ({model.size / _MB:,.0f} MB)")
    if as_json:
        _print_json(lines)


@models_group.command()
@click.argument("names", nargs=-1)
@_data
@_json
def verify(names: tuple[str, ...], data: Path, as_json: bool) -> None:
    """Hash the model files anew: the NAMES given, else all that are here. A bad file is moved aside."""
    with _told(as_json=as_json):
        files = ModelFiles(data, known_models(data))
        chosen = [files.catalogue.get(name) for name in names] or _here(files)
        lines = [_verify_line(files, model) for model in chosen]
    if as_json:
        _print_json(lines)
    else:
        _say_verified(lines)
    if not all(line.ok for line in lines):
        raise SystemExit(1)


@models_group.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", help="What to call it; the file's name if not given.")
@_data
@_json
def add(file: Path, name: str, data: Path, as_json: bool) -> None:
    """Add a model of your own: a GGUF file, or a Piper voice (.onnx with its .onnx.json beside it)."""
    with _told(as_json=as_json):
        model = add_model(data, file, name=name)
        ready = ModelFiles(data, known_models(data)).locate(model.name)
    if as_json:
        _print_json(FetchLine(name=model.name, folder=str(ready.folder), main=str(ready.main)))
        return
    click.echo(f"Added {model.name} ({model.role}, {model.title}): {ready.main}")


def _chosen(files: ModelFiles, names: tuple[str, ...], *, tests: bool, everything: bool) -> tuple[Model, ...]:
    if names:
        return tuple(files.catalogue.get(name) for name in names)
    if everything:
        return tuple(model for model in files.catalogue.models if model.wheels)
    return files.catalogue.select(tests=tests)


def _here(files: ModelFiles) -> list[Model]:
    return [model for model in files.catalogue.models if (files.folder / model.name).is_dir()]


def _model_line(files: ModelFiles, model: Model) -> ModelLine:
    return ModelLine(
        name=model.name,
        title=model.title,
        role=model.role,
        licence=model.licence,
        source=model.source,
        size=model.size,
        state=files.state(model),
        default=model.default,
        folder=str(files.folder / model.name),
    )


def _verify_line(files: ModelFiles, model: Model) -> VerifyLine:
    checks = files.verify(model)
    return VerifyLine(name=model.name, ok=all(check.state is State.READY for check in checks), files=checks)


def _say_verified(lines: list[VerifyLine]) -> None:
    for line in lines:
        for check in line.files:
            right = check.state is State.READY
            click.echo(f"{line.name}/{check.path}: {'sha256 is right' if right else check.state}")
        if not line.ok:
            _say(f"{line.name} cannot be used. Run: shopbell models fetch {line.name}")
    if not lines:
        click.echo("No model is on this machine yet. Run: shopbell models fetch")


@contextlib.contextmanager
def _told(*, as_json: bool) -> Iterator[None]:
    """Turn what went wrong into one clear line (or one JSON object) and a non-zero exit code."""
    try:
        yield
    except KeyboardInterrupt:
        _say("\nStopped. What has come is kept: run the same command again to go on.")
        raise SystemExit(130) from None
    except (ModelsError, OSError) as error:
        code = error.code if isinstance(error, ModelsError) else "os"
        if as_json:
            _print_json({"error": {"code": code, "message": str(error)}})
        _say(f"Error: {error}")
        raise SystemExit(1) from None


def _say(words: str) -> None:
    click.echo(words, err=True)


def _print_json(value: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


if __name__ == "__main__":
    models_group()
