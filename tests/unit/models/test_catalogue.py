import pytest

from shopbell.models.catalogue import Role, builtin_catalogue, decode_catalogue
from shopbell.models.errors import CatalogueError, UnknownModelError

SHA = "0" * 64
GOOD = f"""
[[models]]
name = "tiny"
title = "Tiny"
role = "llm"
licence = "MIT"
source = "us"
wheels = [
  {{ name = "a", version = "1", bytes = 9, sha256 = "{SHA}" }},
  {{ name = "b", version = "1", bytes = 9, sha256 = "{SHA}" }},
]
[[models.files]]
path = "model.bin"
bytes = 5
sha256 = "{SHA}"
parts = [
  {{ wheel = "a", member = "x", bytes = 2 }},
  {{ wheel = "b", member = "y", bytes = 3 }},
]
"""


def test_builtin_catalogue_holds_every_model() -> None:
    """The catalogue that comes with Shopbell decodes and holds a model for each role."""
    catalogue = builtin_catalogue()
    assert [model.name for model in catalogue.models] == [
        "qwen2.5-1.5b",
        "qwen2.5-0.5b",
        "smollm2-135m",
        "minilm",
        "whisper-tiny.en",
        "whisper-base",
        "piper-joe",
        "smart-turn",
    ]
    assert {model.role for model in catalogue.models} == set(Role)
    assert all(model.licence and model.source and model.wheels for model in catalogue.models)


def test_builtin_hashes_are_those_promised() -> None:
    """The main files have the sizes and hashes their publishers state."""
    catalogue = builtin_catalogue()
    qwen = catalogue.get("qwen2.5-1.5b").files[0]
    assert qwen.size == 1_117_320_768
    assert qwen.sha256 == "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
    turn = catalogue.get("smart-turn").files[0]
    assert turn.size == 8_679_182
    assert turn.sha256 == "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f"


def test_select_names_what_serving_and_testing_need() -> None:
    """Serving needs the answerer, the embeddings, ears and a voice; the tests need a small LLM besides."""
    catalogue = builtin_catalogue()
    speech = ["whisper-tiny.en", "whisper-base", "piper-joe", "smart-turn"]
    assert [model.name for model in catalogue.select()] == ["qwen2.5-1.5b", "minilm", *speech]
    assert [model.name for model in catalogue.select(tests=True)] == [
        "qwen2.5-1.5b",
        "smollm2-135m",
        "minilm",
        *speech,
    ]


def test_unknown_model_names_the_known() -> None:
    """Asking for a model that is not there answers with those that are."""
    with pytest.raises(UnknownModelError, match=r"no model named 'gpt'.*smollm2-135m"):
        builtin_catalogue().get("gpt")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('path = "model.bin"', 'path = "../model.bin"', "must stay inside"),
        ('path = "model.bin"', 'path = "/etc/passwd"', "must stay inside"),
        ('path = "model.bin"', 'path = ".verified.json"', "must stay inside"),
        ('name = "tiny"', 'name = ".."', "name"),
        ('name = "tiny"', 'name = "a/b"', "name"),
        ("bytes = 5", "bytes = 6", "do not add up"),
        ('wheel = "b"', 'wheel = "c"', "must name listed wheels"),
        ('wheel = "a", member = "x", bytes = 2', 'wheel = "b", member = "x", bytes = 2', None),
        (f'bytes = 5\nsha256 = "{SHA}"', 'bytes = 5\nsha256 = "abc"', "sha256"),
        ('role = "llm"', 'role = "oracle"', "oracle"),
        ('title = "Tiny"', "", "title"),
        ('title = "Tiny"', 'title = "Tiny"\ncolour = "red"', "colour"),
        ("[[models]]", "[[models]", "custom.toml"),
    ],
)
def test_bad_catalogue_is_refused(old: str, new: str, says: str | None) -> None:
    """A catalogue that is not sound is refused with the file and what is wrong."""
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    if says is None:
        decode_catalogue(text, "custom.toml")
        return
    with pytest.raises(CatalogueError, match=says) as caught:
        decode_catalogue(text, "custom.toml")
    assert str(caught.value).startswith("custom.toml: ")


def test_parts_out_of_the_wheels_order_are_refused() -> None:
    """Parts must come in the order the wheels are listed, or a file could not grow part by part."""
    text = (
        GOOD.replace('wheel = "a"', 'wheel = "t"').replace('wheel = "b"', 'wheel = "a"').replace('"t"', '"b"')
    )
    with pytest.raises(CatalogueError, match="in the wheels' order"):
        decode_catalogue(text, "custom.toml")


def test_two_models_of_one_name_are_refused() -> None:
    """A name stands for one model."""
    with pytest.raises(CatalogueError, match="same name"):
        decode_catalogue(GOOD + GOOD, "custom.toml")


def test_joined_prefers_the_owners_model() -> None:
    """An owner's model is known beside ours."""
    ours = decode_catalogue(GOOD, "ours")
    other = decode_catalogue(GOOD.replace('name = "tiny"', 'name = "other"', 1), "theirs")
    assert [model.name for model in ours.joined(other.models).models] == ["tiny", "other"]
