"""The states between the layers of a model, seen as the engine computes them.

What a model makes of its text is told best by the states of its middle layers; the last ones turn it into the
next word. Whoever wants such a state and no word need not wait for the layers behind it: the engine is told
to stop there.
"""

import ctypes
from collections.abc import Collection
from pathlib import Path

import llama_cpp
import numpy as np
from llama_cpp import llama_cpp as lib
from numpy.typing import NDArray

from shopbell.assistant.llm.errors import EngineError

_NAME = "l_out-{}"
"""What the library calls the state behind a layer, counted from 0."""


class Layers:
    """Takes states out of a reading, and ends it where nobody wants more."""

    def __init__(self, width: int) -> None:
        """`width` is the number of numbers in the state of one token."""
        base = ctypes.CDLL(str(Path(llama_cpp.__file__).parent / "lib" / "libggml-base.so"))
        self._name = base.ggml_get_name
        self._name.argtypes, self._name.restype = [ctypes.c_void_p], ctypes.c_char_p
        self._copy = base.ggml_backend_tensor_get
        self._copy.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]
        self._copy.restype = None
        self._width = width
        self._wanted: dict[bytes, int] = {}
        self._stop: int | None = None
        self._rows = 0
        self._found: dict[int, NDArray[np.float32]] = {}
        self.callback = lib.ggml_backend_sched_eval_callback(self._see)
        """For the library; it must be kept as long as the context is."""

    def want(self, layers: Collection[int], *, rows: int, stop: bool) -> None:
        """Take so many tokens' states behind `layers` out of the next reading; `stop` after the last."""
        self._wanted = {_NAME.format(layer).encode(): layer for layer in layers}
        self._stop = max(layers) if stop and layers else None
        self._rows = rows
        self._found.clear()

    def states(self, layer: int, rows: slice) -> NDArray[np.float32]:
        """Return float32[rows, width], what was seen behind a layer; EngineError when there is none such."""
        if layer not in self._found:
            raise EngineError(f"the model has no layer {layer}, or the library calls it otherwise")
        return self._found[layer][rows]

    def _see(self, tensor: int, ask: bool, _user: object) -> bool:
        """Asked of each result whether it is wanted, and then told that it is there."""
        if not self._wanted:  # each word written comes by here some thousand times
            return not ask
        layer = self._wanted.get(self._name(tensor))
        if ask or layer is None:
            return layer is not None
        states = np.empty((self._rows, self._width), dtype=np.float32)
        self._copy(tensor, states.ctypes.data, 0, states.nbytes)
        self._found[layer] = states
        return layer != self._stop
