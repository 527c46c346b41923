import pickle
import zipfile
from pathlib import Path

import pytest

from shopbell.models.catalogue import Role
from shopbell.models.custom import add_model, known_models
from shopbell.models.errors import AddError
from shopbell.models.files import ModelFiles
from tests.fakes.tiny_models import gguf_bytes

VOICE = b"\x08\x07" + bytes(50)
VOICE_SETTINGS = b'{"audio": {"sample_rate": 22050}, "phoneme_id_map": {"a": [1]}}'


def test_a_gguf_is_copied_in_and_known(tmp_path: Path) -> None:
    """An owner's GGUF is copied, proven, and stands in the list beside ours from then on."""
    source = tmp_path / "My Model (Q4).gguf"
    source.write_bytes(gguf_bytes(title='She said "hi" \x7f äöü\n'))
    model = add_model(tmp_path / "data", source)
    source.unlink()
    known = known_models(tmp_path / "data")
    assert known.models[-1] == model
    assert (model.name, model.role, model.licence) == ("my-model-q4", Role.LLM, "apache-2.0")
    assert model.title == 'She said "hi" \x7f äöü\n'
    assert ModelFiles(tmp_path / "data", known).locate("my-model-q4").main.read_bytes().startswith(b"GGUF")


def test_a_piper_voice_is_two_files(tmp_path: Path) -> None:
    """A voice comes with its settings, and is refused without them or with something else."""
    voice = tmp_path / "en_GB-ann-medium.onnx"
    voice.write_bytes(VOICE)
    with pytest.raises(AddError, match=r"en_GB-ann-medium\.onnx\.json is missing"):
        add_model(tmp_path / "data", voice)
    settings = tmp_path / "en_GB-ann-medium.onnx.json"
    settings.write_text('{"model_type": "bert"}')
    with pytest.raises(AddError, match="not the settings of a Piper voice"):
        add_model(tmp_path / "data", voice)
    settings.write_bytes(VOICE_SETTINGS)
    model = add_model(tmp_path / "data", voice, name="ann")
    assert (model.role, [file.path for file in model.files]) == (Role.TTS, [voice.name, settings.name])


def test_adding_again_replaces(tmp_path: Path) -> None:
    """Adding under the same name replaces that entry and keeps the others."""
    for number, name in enumerate(("one", "two", "one")):
        source = tmp_path / "a.gguf"
        source.write_bytes(gguf_bytes(title=f"Number {number}"))
        add_model(tmp_path / "data", source, name=name)
    known = known_models(tmp_path / "data")
    assert [(model.name, model.title) for model in known.models[-2:]] == [
        ("two", "Number 1"),
        ("one", "Number 2"),
    ]
    assert ModelFiles(tmp_path / "data", known).locate("one").folder.is_dir()


class Trap:
    """Unpickled, it would run code."""

    def __reduce__(self) -> tuple[type[list[int]], tuple[()]]:
        return (list, ())


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_is_refused(tmp_path: Path, protocol: int) -> None:
    """A pickle, which can run code, is refused by name whatever it is called."""
    source = tmp_path / "model.gguf"
    source.write_bytes(pickle.dumps(Trap(), protocol=protocol))
    with pytest.raises(AddError, match="can run code"):
        add_model(tmp_path / "data", source)
    assert not (tmp_path / "data" / "models").exists()


def test_a_torch_file_is_refused(tmp_path: Path) -> None:
    """A zip of pickles is refused too."""
    source = tmp_path / "pytorch_model.bin"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("archive/data.pkl", b"x")
    with pytest.raises(AddError, match="can run code"):
        add_model(tmp_path / "data", source)


@pytest.mark.parametrize(
    ("file", "name", "says"),
    [
        ("none.gguf", "", "there is no file"),
        ("text.gguf", "", "not a GGUF file"),
        ("text.onnx", "", "not an ONNX file"),
        ("good.gguf", "Bad Name", "Choose another with --name"),
        ("good.gguf", "../up", "Choose another with --name"),
        ("good.gguf", "minilm", "one of Shopbell's own"),
        (".hidden.gguf", "ok", "must stay inside"),
    ],
)
def test_what_cannot_be_added(tmp_path: Path, file: str, name: str, says: str) -> None:
    """A file that is no model, or a name that is no name, is refused in one clear line."""
    for text in ("text.gguf", "text.onnx"):
        (tmp_path / text).write_text("hello, this is text")
    for good in ("good.gguf", ".hidden.gguf"):
        (tmp_path / good).write_bytes(gguf_bytes())
    with pytest.raises(AddError, match=says):
        add_model(tmp_path / "data", tmp_path / file, name=name)
