"""Learned beginnings: how they are written and read, and how they come into the library's state."""

import struct
from pathlib import Path

import numpy as np
import pytest

from shopbell.assistant.llm.errors import EngineError
from shopbell.assistant.llm.learned import Learned, digest_of, write

LAYERS, CELLS, WIDTH = 2, 3, 4
MODEL_LAYERS = 3
TOKENS = [7, 8, 9]


def numbers(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    drawn = np.random.default_rng(seed).normal(size=(LAYERS, CELLS, WIDTH)).astype(np.float32)
    drawn[..., 1] += 300.0  # keys lie far from 0 in some dimensions
    return drawn


def written(folder: Path, tokens: list[int] = TOKENS) -> Path:
    file = folder / "learned.npz"
    write(file, numbers(1), numbers(2), tokens)
    return file


def state(*, columns: bool, cells: int = CELLS, kind: int = 1, layers: int = MODEL_LAYERS) -> bytes:
    """Return what the library would keep of some cells, all numbers 0."""
    row = struct.pack("<iQ", kind, WIDTH * 2)
    rows = struct.pack("<iII", kind, 2, WIDTH) if columns else row
    empty = bytes(cells * WIDTH * 2)
    return (
        b"cells" * cells
        + struct.pack("<II", columns, layers)
        + layers * (row + empty)
        + layers * (rows + empty)
    )


def halves(block: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.float16]]:
    return np.frombuffer(block, dtype="<f2")


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    """Eight bits lie between the extremes of each dimension, however far from 0 these are."""
    learned = Learned.read(written(tmp_path))
    into = learned.into(state(columns=False))
    begin = len(state(columns=False)) - 2 * MODEL_LAYERS * (12 + CELLS * WIDTH * 2) + 12
    found = halves(into[begin : begin + CELLS * WIDTH * 2]).reshape(CELLS, WIDTH)
    assert np.abs(found - numbers(1)[0]).max() < 0.2
    assert np.abs(np.delete(found - numbers(1)[0], 1, axis=1)).max() < 0.02
    assert learned.tokens == TOKENS


@pytest.mark.parametrize("columns", [False, True])
def test_keys_and_values_come_into_the_first_layers(tmp_path: Path, *, columns: bool) -> None:
    """Values may lie in columns; what stands before them, and the layers behind, stay as they were."""
    before = state(columns=columns)
    after = Learned.read(written(tmp_path)).into(before)
    stride = 12 + CELLS * WIDTH * 2
    head = len(before) - 2 * MODEL_LAYERS * stride
    assert after[:head] == before[:head]
    assert len(after) == len(before)
    blocks = [after[head + place * stride : head + (place + 1) * stride] for place in range(2 * MODEL_LAYERS)]
    olds = [before[head + place * stride : head + (place + 1) * stride] for place in range(2 * MODEL_LAYERS)]
    assert [block[:12] for block in blocks] == [old[:12] for old in olds]
    assert (blocks[2], blocks[5]) == (olds[2], olds[5])
    for layer in range(LAYERS):
        values = halves(blocks[3 + layer][12:])
        values = values.reshape(WIDTH, CELLS).T if columns else values.reshape(CELLS, WIDTH)
        assert np.abs(values - numbers(2)[layer]).max() < 0.2
        assert np.abs(halves(blocks[layer][12:]).reshape(CELLS, WIDTH) - numbers(1)[layer]).max() < 0.2


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(state(columns=False)[:-1], id="cut short"),
        pytest.param(state(columns=False, cells=CELLS + 1), id="other cells"),
        pytest.param(state(columns=False, kind=8), id="other numbers"),
        pytest.param(state(columns=False, layers=1), id="too few layers"),
    ],
)
def test_an_unknown_state_is_refused(tmp_path: Path, bad: bytes) -> None:
    """What is not as known is not written into."""
    learned = Learned.read(written(tmp_path))
    with pytest.raises(EngineError):
        learned.into(bad)


def test_its_words_are_no_words_in_the_book(tmp_path: Path) -> None:
    """A prompt that begins with all of them is named otherwise, one that begins with some is not."""
    learned = Learned.read(written(tmp_path))
    named = learned.named([*TOKENS, 10, 11])
    assert named[CELLS:] == [10, 11]
    assert all(name < 0 for name in named[:CELLS])
    assert len(set(named)) == len(named)
    assert learned.named([7, 8, 10]) == [7, 8, 10]
    assert learned.named([]) == []


def test_another_one_has_other_names(tmp_path: Path) -> None:
    """The names tell what was learned, for states on disk outlive it."""
    first = Learned.read(written(tmp_path))
    write(tmp_path / "other.npz", numbers(3), numbers(2), TOKENS)
    other = Learned.read(tmp_path / "other.npz")
    assert not set(first.named(TOKENS)) & set(other.named(TOKENS))
    assert digest_of(tmp_path / "learned.npz") != digest_of(tmp_path / "other.npz")


def test_a_file_that_is_none_such_is_named(tmp_path: Path) -> None:
    """Missing, of another kind, without a part, of other lengths: the message names the file."""
    other = tmp_path / "other.npz"
    with pytest.raises(EngineError, match=r"other\.npz"):
        Learned.read(other)
    other.write_bytes(b"no archive")
    with pytest.raises(EngineError, match=r"other\.npz"):
        Learned.read(other)
    np.savez(other, keys=np.zeros(1))
    with pytest.raises(EngineError, match=r"other\.npz"):
        Learned.read(other)
    write(other, numbers(1), numbers(2), [1, 2])
    with pytest.raises(EngineError, match="2 tokens"):
        Learned.read(other)
