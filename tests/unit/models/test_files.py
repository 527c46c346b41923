import os
from pathlib import Path

import pytest

from shopbell.models.errors import ModelCorruptError, ModelMissingError
from shopbell.models.files import ModelFiles, State, bad_path, data_folder, part_path
from tests.fakes.tiny_models import SETTINGS, WHOLE, tiny_catalogue


@pytest.fixture
def files(tmp_path: Path) -> ModelFiles:
    return ModelFiles(tmp_path / "data", tiny_catalogue(tmp_path / "wheels"))


def place(files: ModelFiles, whole: bytes = WHOLE) -> Path:
    folder = files.folder / "tiny"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(whole)
    (folder / "config.json").write_bytes(SETTINGS)
    return folder / "model.bin"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "/people/ann/.local/share/shopbell"),
        ({"XDG_DATA_HOME": "/srv/data"}, "/srv/data/shopbell"),
        ({"XDG_DATA_HOME": "not/absolute"}, "/people/ann/.local/share/shopbell"),
        ({"SHOPBELL_DATA": "/shop", "XDG_DATA_HOME": "/srv/data"}, "/shop"),
        ({"SHOPBELL_DATA": ""}, "/people/ann/.local/share/shopbell"),
    ],
)
def test_data_folder(environ: dict[str, str], expected: str) -> None:
    """The data folder is the one chosen, else the desktop standard's, else under the home folder."""
    assert data_folder(environ, Path("/people/ann")) == Path(expected)


def test_a_whole_model_is_located(files: ModelFiles) -> None:
    """A model whose every file has the right hash is handed out with its paths."""
    place(files)
    ready = files.locate("tiny")
    assert ready.main.read_bytes() == WHOLE
    assert ready.file("config.json").read_bytes() == SETTINGS
    with pytest.raises(ModelMissingError, match="no file"):
        ready.file("../../secret")


def test_nothing_there_is_missing(files: ModelFiles) -> None:
    """A model that was never fetched is missing, and the message says the command."""
    assert files.state(files.catalogue.get("tiny")) is State.MISSING
    with pytest.raises(ModelMissingError, match="shopbell models fetch tiny"):
        files.locate("tiny")


def test_one_file_of_two_is_partial(files: ModelFiles) -> None:
    """A model with a file missing, or one still growing, is partial and not handed out."""
    model_bin = place(files)
    model_bin.unlink()
    assert files.state(files.catalogue.get("tiny")) is State.PARTIAL
    part_path(model_bin).write_bytes(WHOLE[:3])
    assert files.state(files.catalogue.get("tiny")) is State.PARTIAL
    with pytest.raises(ModelMissingError, match=r"model\.bin"):
        files.locate("tiny")


@pytest.mark.parametrize("damaged", [WHOLE[:-1], WHOLE + b"x", b"X" + WHOLE[1:], b""])
def test_a_bad_file_is_never_used(files: ModelFiles, damaged: bytes) -> None:
    """A cut, padded, changed or empty file is moved aside, however often it is asked for."""
    model_bin = place(files, damaged)
    for _ in range(2):
        with pytest.raises(ModelCorruptError, match="shopbell models fetch tiny"):
            files.locate("tiny")
    assert not model_bin.exists()
    assert bad_path(model_bin).read_bytes() == damaged
    assert files.state(files.catalogue.get("tiny")) is State.CORRUPT


def test_a_sealed_file_is_not_hashed_again(files: ModelFiles) -> None:
    """While size and time are those of the last proof, the file is not read again."""
    model_bin = place(files)
    files.locate("tiny")
    times = (model_bin.stat().st_atime_ns, model_bin.stat().st_mtime_ns)
    model_bin.write_bytes(b"X" + WHOLE[1:])
    os.utime(model_bin, ns=times)
    assert files.locate("tiny").main == model_bin


def test_verify_always_hashes(files: ModelFiles) -> None:
    """Verifying reads every byte whatever the seal says, and moves a bad file aside."""
    model_bin = place(files)
    files.locate("tiny")
    times = (model_bin.stat().st_atime_ns, model_bin.stat().st_mtime_ns)
    model_bin.write_bytes(b"X" + WHOLE[1:])
    os.utime(model_bin, ns=times)
    states = {check.path: check.state for check in files.verify(files.catalogue.get("tiny"))}
    assert states == {"model.bin": State.CORRUPT, "config.json": State.READY}
    assert bad_path(model_bin).exists()
    with pytest.raises(ModelCorruptError):
        files.locate("tiny")


def test_a_touched_file_is_hashed_again(files: ModelFiles) -> None:
    """A change of time breaks the seal: the file is read, and refused when it changed."""
    model_bin = place(files)
    files.locate("tiny")
    model_bin.write_bytes(b"X" + WHOLE[1:])
    os.utime(model_bin, ns=(1, 1))
    with pytest.raises(ModelCorruptError):
        files.locate("tiny")


def test_a_damaged_seal_is_no_fault(files: ModelFiles) -> None:
    """Seals only save time: a broken seal file means hashing again."""
    place(files)
    files.locate("tiny")
    (files.folder / "tiny" / ".verified.json").write_text("{not json")
    assert files.locate("tiny").main.exists()
