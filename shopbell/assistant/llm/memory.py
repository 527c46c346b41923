"""The memory of llama.cpp: the state of every token read, in sequences that may share their beginnings.

A restored state should lead to the reply that a fresh reading leads to, but two sums of the same numbers
differ in the last bits when they are added in another order. Measured bit by bit, with what is done about it:

- Plain attention sums over the memory in blocks, wherever others' tokens lie. Flash attention skips them.
- Flash attention has a loop for 64 tokens and more and one for fewer, and they round otherwise. So a prompt
  is read up to where a kept state would end and then on, whether the state is there or not.
- The processor's wide kernels work on four tokens at a time, and the one to three that are left over go
  through a narrow one that rounds otherwise. So slices are filled up to a multiple of four tokens.

What remains: a third loop, for single tokens, shares the memory out among the threads, so that written words
may round otherwise with another number of threads. Keys and values of two types would leave one loop for all;
reading a question then takes 1.3 times as long.
"""

import ctypes
from collections.abc import Callable, Sequence

import numpy as np
from llama_cpp import llama_cpp as lib
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.assistant.llm.batches import SLICE, TOGETHER
from shopbell.assistant.llm.engine import Weights
from shopbell.assistant.llm.errors import Aborted, EngineError
from shopbell.assistant.llm.layers import Layers
from shopbell.assistant.llm.plans import Copy, Step
from shopbell.assistant.llm.work import Ask, Read

LAYOUT = "f16"
"""How keys and values are kept: a saved state fits no other."""

_WIDE = 4
"""Tokens on which the wide kernels work at a time."""

_BATCH = SLICE + TOGETHER + _WIDE

_ABORTED = 2


class Shape(Struct, frozen=True, kw_only=True):
    """How the memory is laid out and worked on."""

    cells: int
    sequences: int
    threads: int
    threads_reading: int
    flash: bool


class Memory:
    """The context: where prompts are read and replies written, for all who are at work."""

    def __init__(self, weights: Weights, shape: Shape, abort: Callable[[], bool]) -> None:
        """Allocate it. `abort` is asked many times while a prompt is read. Raises EngineError."""
        params = lib.llama_context_default_params()
        # One sequence beyond those of the book carries states in and out, and what slices are filled with.
        self._carrier = shape.sequences
        params.n_ctx, params.n_seq_max, params.kv_unified = shape.cells + _WIDE, shape.sequences + 1, True
        params.n_batch = params.n_ubatch = _BATCH
        params.n_threads, params.n_threads_batch = shape.threads, shape.threads_reading
        params.flash_attn_type = int(shape.flash)
        self._layers = Layers(int(lib.llama_model_n_embd(weights.handle)))
        params.cb_eval = self._layers.callback
        handle = lib.llama_init_from_model(weights.handle, params)
        if not handle:
            raise EngineError(f"no memory for {shape.cells} tokens; make `cells` smaller or free some RAM")
        self._handle = handle
        self._words = weights.words
        self._abort = lib.ggml_abort_callback(lambda _data: abort())
        self._never = lib.ggml_abort_callback()
        self._batch = lib.llama_batch_init(_BATCH, 0, 1)

    def set_threads(self, *, writing: int, reading: int) -> None:
        """Choose how many threads work from now on."""
        lib.llama_set_n_threads(self._handle, writing, reading)

    def apply(self, steps: Sequence[Step]) -> None:
        """Obey the book of sequences."""
        memory = lib.llama_get_memory(self._handle)
        for step in steps:
            if isinstance(step, Copy):
                if step.length:
                    lib.llama_memory_seq_cp(memory, step.source, step.target, 0, step.length)
            else:
                lib.llama_memory_seq_rm(memory, step.sequence, step.length, -1)

    def run(self, batch: Sequence[tuple[Ask, int]]) -> list[Read]:
        """Read the first so many tokens of each ask: SLICE of prompts, and TOGETHER of replies, at most.

        Raises Aborted, with nothing read, and EngineError.
        """
        self._batch.n_tokens = 0
        last = [self._lay(ask, count) for ask, count in batch]
        reading = any(not ask.writing for ask, _ in batch)
        if reading:
            self._fill_up()
        layers = {ask.layer for ask, _ in batch if ask.layer is not None}
        stop = all(ask.halfway for ask, _ in batch)
        self._layers.want(layers, rows=self._batch.n_tokens, stop=stop)
        # One token is not worth a call into Python at every node of the graph.
        lib.llama_set_abort_callback(self._handle, self._abort if reading else self._never, None)
        outcome = lib.llama_decode(self._handle, self._batch)
        if reading:
            lib.llama_memory_seq_rm(lib.llama_get_memory(self._handle), self._carrier, -1, -1)
        if outcome == _ABORTED:
            raise Aborted
        if outcome:
            raise EngineError(f"reading {self._batch.n_tokens} tokens failed with code {outcome}")
        return [self._found(ask, count, row) for (ask, count), row in zip(batch, last, strict=True)]

    def _lay(self, ask: Ask, count: int) -> int:
        """Lay tokens into the batch; return the row of the last one."""
        whole = count == len(ask.tokens) and not ask.halfway
        for place in range(count):
            wanted = whole and place == count - 1
            self._row(ask.tokens[place], ask.position + place, ask.sequence, wanted=wanted)
        return int(self._batch.n_tokens) - 1

    def _fill_up(self) -> None:
        for place in range(-self._batch.n_tokens % _WIDE):
            self._row(0, place, self._carrier, wanted=False)

    def _row(self, token: int, position: int, sequence: int, *, wanted: bool) -> None:
        batch, row = self._batch, self._batch.n_tokens
        batch.token[row], batch.pos[row] = token, position
        batch.n_seq_id[row], batch.seq_id[row][0] = 1, sequence
        batch.logits[row] = wanted
        batch.n_tokens = row + 1

    def _found(self, ask: Ask, count: int, row: int) -> Read:
        rows = slice(row - count + 1, row + 1)
        states = None if ask.layer is None else self._layers.states(ask.layer, rows)
        if ask.halfway or count < len(ask.tokens):
            return Read(count=count, states=states)
        pointer = lib.llama_get_logits_ith(self._handle, row)
        scores: NDArray[np.float32] = np.ctypeslib.as_array(pointer, shape=(self._words,))
        return Read(count=count, scores=scores, states=states)

    def save(self, *, sequence: int, begin: int, end: int) -> bytes:
        """Return the state of the tokens at positions [begin, end); empty when it cannot be had."""
        memory = lib.llama_get_memory(self._handle)
        lib.llama_memory_seq_cp(memory, sequence, self._carrier, begin, end)
        size = lib.llama_state_seq_get_size(self._handle, self._carrier)
        buffer = (ctypes.c_uint8 * size)()
        written = lib.llama_state_seq_get_data(self._handle, buffer, size, self._carrier)
        lib.llama_memory_seq_rm(memory, self._carrier, -1, -1)
        return bytes(memoryview(buffer)[:written])

    def restore(self, state: bytes, *, sequence: int, begin: int, end: int) -> bool:
        """Put a saved state behind the first `begin` tokens of a sequence; False when the library refuses."""
        memory = lib.llama_get_memory(self._handle)
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        restored = lib.llama_state_seq_set_data(self._handle, buffer, len(state), self._carrier)
        fits = bool(restored) and (
            lib.llama_memory_seq_pos_min(memory, self._carrier),
            lib.llama_memory_seq_pos_max(memory, self._carrier),
        ) == (begin, end - 1)
        if fits:
            lib.llama_memory_seq_cp(memory, self._carrier, sequence, begin, end)
        lib.llama_memory_seq_rm(memory, self._carrier, -1, -1)
        return fits

    def close(self) -> None:
        """Give the memory back."""
        lib.llama_batch_free(self._batch)
        lib.llama_free(self._handle)
