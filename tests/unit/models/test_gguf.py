import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.models.errors import AddError
from shopbell.models.gguf import read_head
from tests.fakes.tiny_models import gguf_bytes

WHOLE = gguf_bytes(tensors=2)


def test_the_head_is_read(tmp_path: Path) -> None:
    """The head says what the model calls itself, past fields of every kind."""
    path = tmp_path / "a.gguf"
    path.write_bytes(WHOLE)
    head = read_head(path)
    assert (head.architecture, head.title, head.licence, head.tensors) == (
        "llama",
        "Tiny Llama",
        "apache-2.0",
        2,
    )
    assert head.least_size == len(WHOLE) - 64 + 32


@given(cut=st.integers(min_value=0, max_value=len(WHOLE) - 64 + 32))
def test_a_cut_file_is_refused(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """A file cut anywhere before its last tensor is refused."""
    path = tmp_path_factory.mktemp("cut") / "a.gguf"
    path.write_bytes(WHOLE[:cut])
    with pytest.raises(AddError):
        read_head(path)


@given(
    place=st.integers(min_value=0, max_value=len(WHOLE) - 65), byte=st.integers(min_value=0, max_value=255)
)
def test_a_damaged_head_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int
) -> None:
    """Whatever byte of the head is changed, reading ends, with a head or an AddError."""
    path = tmp_path_factory.mktemp("damaged") / "a.gguf"
    path.write_bytes(WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :])
    with contextlib.suppress(AddError):
        assert read_head(path).tensors > 0


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "does not begin with"),
        (b"GGML" + bytes(100), "does not begin with"),
        (gguf_bytes(tensors=0), "without any weights"),
        (b"GGUF" + (99).to_bytes(4, "little") + bytes(100), "cannot be read"),
    ],
)
def test_what_is_no_gguf_is_refused(tmp_path: Path, raw: bytes, says: str) -> None:
    """Another format, a newer version or an empty model is refused with a line that says so."""
    path = tmp_path / "a.gguf"
    path.write_bytes(raw)
    with pytest.raises(AddError, match=says):
        read_head(path)
