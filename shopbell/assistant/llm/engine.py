"""The engine: the weights and the memory of llama.cpp. Nothing else in the house imports the library.

Every call blocks, and all must come from one thread.
"""

import ctypes
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import llama_cpp
import numpy as np
from llama_cpp import llama_cpp as lib
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.assistant.llm.errors import Aborted
from shopbell.assistant.llm.slots import Copy, Step

LIBRARY = f"llama-cpp-python {llama_cpp.__version__}"

SLICE = 64
"""Tokens read at once. Longer slices are no faster on a few cores, and take more memory."""

_ABORTED = 2
_ERROR_LEVEL = 3
_TEXT_BYTES = 1 << 16


class EngineError(Exception):
    """The library refused; the message says what it was asked."""


class Shape(Struct, frozen=True, kw_only=True):
    """How the memory is laid out and worked on."""

    cells: int
    sequences: int
    threads: int
    threads_reading: int
    flash: bool


def _log_errors(level: int, text: bytes, _user: object) -> None:
    """Send the library's errors, and nothing else, to standard error: the supervisor keeps the last lines."""
    if level == _ERROR_LEVEL:
        sys.stderr.write(f"llama.cpp: {text.decode(errors='replace').rstrip()}\n")


class Weights:
    """A model file, mapped into memory: its words and its chat template."""

    def __init__(self, path: Path, *, plain: bool = False) -> None:
        """Map the file. Raises EngineError when the library cannot read it.

        `plain` leaves the weights as they lie in the file, instead of in the order that the processor's
        matrix instructions want.
        """
        self._log = lib.llama_log_callback(_log_errors)
        lib.llama_log_set(self._log, ctypes.c_void_p(0))
        lib.llama_backend_init()
        params = lib.llama_model_default_params()
        params.load_mode = lib.LLAMA_LOAD_MODE_MMAP
        params.n_gpu_layers = 0
        params.use_extra_bufts = not plain
        handle = lib.llama_model_load_from_file(str(path).encode(), params)
        if not handle:
            raise EngineError(f"{path} could not be loaded as a model; fetch it again or choose another file")
        self.handle = handle
        self._vocabulary = lib.llama_model_get_vocab(handle)
        self.words = int(lib.llama_vocab_n_tokens(self._vocabulary))
        """Tokens in the vocabulary."""
        self.trained_length = int(lib.llama_model_n_ctx_train(handle))
        """Tokens of the longest prompt it was trained on."""
        own = lib.llama_model_chat_template(handle, None)
        known = bool(own) and _is_known(own)
        self.template = "model" if known else "chatml"
        """Where the chat template comes from."""
        self._template: bytes = own if known else b"chatml"

    @property
    def description(self) -> str:
        """What the file says it is."""
        buffer = ctypes.create_string_buffer(256)
        lib.llama_model_desc(self.handle, buffer, len(buffer))
        return buffer.value.decode(errors="replace")

    def tokenize(self, text: str, special: bool, first: bool) -> list[int]:
        """Return the tokens of a text; control tokens in it count only if `special`."""
        data = text.encode()
        room = len(data) + 8
        tokens = (lib.llama_token * room)()
        count = lib.llama_tokenize(self._vocabulary, data, len(data), tokens, room, first, special)
        if count < 0:
            raise EngineError(f"a text of {len(data)} bytes could not be cut into tokens")
        return list(tokens[:count])

    def bytes_of(self, token: int) -> bytes:
        """Return the bytes a token stands for; a character may be spread over several tokens."""
        buffer = ctypes.create_string_buffer(512)
        length = lib.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(length, 0)]

    def ends(self, token: int) -> bool:
        """Say whether a token closes the reply: an end of generation, or any other control token."""
        return bool(
            lib.llama_vocab_is_eog(self._vocabulary, token)
            or lib.llama_vocab_is_control(self._vocabulary, token)
        )

    def render(self, messages: Sequence[tuple[str, str]], answer: bool) -> str:
        """Write (role, content) pairs in the chat template, by the library's code; no file's code runs."""
        chat = (lib.llama_chat_message * len(messages))(
            *(lib.llama_chat_message(role.encode(), content.encode()) for role, content in messages)
        )
        buffer = ctypes.create_string_buffer(_TEXT_BYTES)
        length = lib.llama_chat_apply_template(
            self._template, chat, len(messages), answer, buffer, len(buffer)
        )
        if not 0 <= length < len(buffer):
            raise EngineError(f"{len(messages)} messages could not be written in the chat template")
        return buffer.raw[:length].decode()

    def close(self) -> None:
        """Unmap the file."""
        lib.llama_model_free(self.handle)


def _is_known(template: bytes) -> bool:
    chat = (lib.llama_chat_message * 1)(lib.llama_chat_message(b"user", b"x"))
    return bool(lib.llama_chat_apply_template(template, chat, 1, True, None, 0) > 0)


class Memory:
    """The context: the state of every token read, in sequences that may share their beginnings."""

    def __init__(self, weights: Weights, shape: Shape, abort: Callable[[], bool]) -> None:
        """Allocate it. `abort` is asked many times while a prompt is read. Raises EngineError."""
        params = lib.llama_context_default_params()
        # One sequence beyond those of the book carries states in and out.
        self._carrier = shape.sequences
        params.n_ctx, params.n_seq_max, params.kv_unified = shape.cells, shape.sequences + 1, True
        params.n_batch = params.n_ubatch = SLICE
        params.n_threads, params.n_threads_batch = shape.threads, shape.threads_reading
        params.flash_attn_type = int(shape.flash)
        handle = lib.llama_init_from_model(weights.handle, params)
        if not handle:
            raise EngineError(f"no memory for {shape.cells} tokens; make `cells` smaller or free some RAM")
        self._handle = handle
        self._words = weights.words
        self._width = int(lib.llama_model_n_embd(weights.handle))
        self._abort = lib.ggml_abort_callback(lambda _data: abort())
        self._never = lib.ggml_abort_callback()
        self._batch = lib.llama_batch_init(SLICE, 0, 1)

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

    def read(self, tokens: Sequence[int], *, sequence: int, position: int, deep: bool = False) -> None:
        """Read at most SLICE tokens into a sequence; what follows the last is then in `logits`.

        With `deep` the last token's hidden state is in `hidden` as well. Raises Aborted, with nothing of the
        slice read, and EngineError.
        """
        lib.llama_set_embeddings(self._handle, deep)
        batch = self._batch
        batch.n_tokens = len(tokens)
        for place, token in enumerate(tokens):
            batch.token[place] = token
            batch.pos[place] = position + place
            batch.n_seq_id[place] = 1
            batch.seq_id[place][0] = sequence
            batch.logits[place] = deep or place == len(tokens) - 1  # deep, the library insists on all
        # One token is not worth a call into Python at every node of the graph.
        lib.llama_set_abort_callback(self._handle, self._abort if len(tokens) > 1 else self._never, None)
        outcome = lib.llama_decode(self._handle, batch)
        if outcome == _ABORTED:
            raise Aborted
        if outcome:
            raise EngineError(f"reading {len(tokens)} tokens failed with code {outcome}")

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

    def logits(self) -> NDArray[np.float32]:
        """Return float32[words], the score of each token as the next; valid until the next `read`."""
        pointer = lib.llama_get_logits_ith(self._handle, -1)
        return np.ctypeslib.as_array(pointer, shape=(self._words,))

    def hidden(self) -> NDArray[np.float32]:
        """Return float32[width], the last layer's state at the last token; only after a `deep` read."""
        pointer = lib.llama_get_embeddings_ith(self._handle, -1)
        return np.ctypeslib.as_array(pointer, shape=(self._width,)).copy()

    def close(self) -> None:
        """Give the memory back."""
        lib.llama_batch_free(self._batch)
        lib.llama_free(self._handle)
