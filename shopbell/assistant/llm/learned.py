"""A learned beginning: keys and values that were fitted to a task, in the place of words before a prompt.

A model that reads examples keeps keys and values of them, and whatever comes later looks at those and not at
the words. So they may be fitted like weights, while the model itself stays as it is (Li & Liang 2021,
"Prefix-Tuning: Optimizing Continuous Prompts for Generation"). The words that they began as are still read:
the layers that were not fitted keep what they make of them.
"""

import hashlib
import struct
import zipfile
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shopbell.assistant.llm.errors import EngineError

Halves = NDArray[np.float16]
"""float16[layers, cells, width]: the keys of all heads in a row, or their values."""

_BLOCK = 12
"""Bytes before the numbers of one layer in a state: their type, and how many there are in a row."""
_HEAD = "<II"
"""The last of what stands before the layers: whether values lie in columns, and the number of layers."""
_MEND = "install Shopbell again"
_F16 = 1
_BYTES = 2


class Learned:
    """Keys and values of the first layers, for as many tokens as were read."""

    def __init__(self, keys: Halves, values: Halves, tokens: list[int], digest: str) -> None:
        """Take what was fitted, the tokens it began as, and a digest that names it."""
        self.keys, self.values = keys, values
        self.tokens = tokens
        self._seed = int(digest[:6], 16)

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read what `write` wrote. Raises EngineError when the file is missing or is none such."""
        try:
            with np.load(file, allow_pickle=False) as found:
                keys = _spread(found["keys"], found["key_ranges"])
                values = _spread(found["values"], found["value_ranges"])
                tokens = [int(token) for token in found["tokens"]]
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise EngineError(f"{file} is not a learned beginning ({error}); {_MEND}") from error
        if keys.shape != values.shape or keys.shape[1] != len(tokens):
            raise EngineError(f"{file} holds {keys.shape} keys for {len(tokens)} tokens; {_MEND}")
        return cls(keys, values, tokens, digest_of(file))

    def named(self, tokens: list[int]) -> list[int]:
        """Return the tokens of a prompt as the book has them: those learned are below 0, as no word is.

        A prompt that merely begins with some of the same words then has nothing in common with this one.
        """
        length = len(self.tokens)
        if tokens[:length] != self.tokens:
            return tokens
        return [*(-1 - self._seed - place for place in range(length)), *tokens[length:]]

    def into(self, state: bytes) -> bytes:
        """Return the state of a sequence that holds its tokens alone, with what was learned in it.

        The state is the library's: cells, whether values lie in columns, the number of layers; for each layer
        the type, the bytes of a row and the keys; the same again for the values, or, in columns, the type,
        the bytes of a number, the numbers of a cell and the values. Raises EngineError where it is not so.
        """
        layers, cells, width = self.keys.shape
        columns, all_layers, keys, values = _places(state, cells, width)
        if all_layers < layers:
            raise EngineError(f"{layers} layers were learned, and the model has {all_layers}")
        changed = bytearray(state)
        stride = _BLOCK + cells * width * _BYTES
        for layer in range(layers):
            row = struct.pack("<iQ", _F16, width * _BYTES)
            _put(changed, keys + layer * stride, row, self.keys[layer])
            if columns:
                row, numbers = struct.pack("<iII", _F16, _BYTES, width), self.values[layer].T
            else:
                numbers = self.values[layer]
            _put(changed, values + layer * stride, row, numbers)
        return bytes(changed)


def write(file: Path, keys: NDArray[np.float32], values: NDArray[np.float32], tokens: list[int]) -> None:
    """Write keys and values, float32[layers, cells, width], in eight bits each, between their extremes."""
    packed_keys, key_ranges = _packed(keys)
    packed_values, value_ranges = _packed(values)
    np.savez_compressed(
        file,
        keys=packed_keys,
        key_ranges=key_ranges,
        values=packed_values,
        value_ranges=value_ranges,
        tokens=np.array(tokens, dtype="<i4"),
    )


def digest_of(file: Path) -> str:
    """Return what names the file's content."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def _packed(numbers: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the numbers in steps from their least, and the least and the step: float32[2, layers, 1, width].

    A key has a place of its own in each of its dimensions, far from 0 in some.
    """
    least = numbers.min(axis=1, keepdims=True)
    step = np.maximum((numbers.max(axis=1, keepdims=True) - least) / 255, 1e-9)
    return np.rint((numbers - least) / step).astype(np.uint8), np.stack([least, step]).astype(np.float32)


def _spread(numbers: NDArray[np.uint8], ranges: NDArray[np.float32]) -> Halves:
    least, step = ranges
    return np.asarray(least + step * numbers, dtype=np.float16)


def _places(state: bytes, cells: int, width: int) -> tuple[bool, int, int, int]:
    """Return whether values lie in columns, the number of layers, and where keys and values begin."""
    stride = _BLOCK + cells * width * _BYTES
    header = len(state) % (2 * stride)
    known = struct.calcsize(_HEAD)
    columns, layers = struct.unpack_from(_HEAD, state, header - known) if header >= known else (0, 0)
    if columns > 1 or not layers or len(state) != header + 2 * layers * stride:
        raise EngineError(f"the library keeps the state of {cells} tokens otherwise than is known")
    return bool(columns), layers, header, header + layers * stride


def _put(state: bytearray, place: int, row: bytes, numbers: Halves) -> None:
    if bytes(state[place : place + len(row)]) != row:
        raise EngineError(f"the library keeps a layer otherwise than is known, at byte {place}")
    whole = np.ascontiguousarray(numbers).tobytes()
    state[place + len(row) : place + len(row) + len(whole)] = whole
