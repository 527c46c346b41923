"""The weights of llama.cpp: a model file, its words and its template.

Beside the memory, nothing else in the house imports the library. Every call blocks, and all must come from
one thread.
"""

import ctypes
import sys
from collections.abc import Sequence
from pathlib import Path

import llama_cpp
from llama_cpp import llama_cpp as lib

from shopbell.assistant.llm.errors import EngineError

LIBRARY = f"llama-cpp-python {llama_cpp.__version__}"

_ERROR_LEVEL = 3
_TEXT_BYTES = 1 << 16


def _log_errors(level: int, text: bytes, _user: object) -> None:
    """Send the library's errors, and nothing else, to standard error: the supervisor keeps the last lines."""
    if level == _ERROR_LEVEL:
        sys.stderr.write(f"llama.cpp: {text.decode(errors='replace').rstrip()}\n")


class Weights:
    """A model file in memory: its words and its chat template."""

    def __init__(self, path: Path, *, plain: bool = False) -> None:
        """Read the file. Raises EngineError when the library cannot.

        `plain` maps the weights as they lie in the file, instead of laying them out as the processor's matrix
        instructions want; mapped and laid out they would be in memory twice.
        """
        self._log = lib.llama_log_callback(_log_errors)
        lib.llama_log_set(self._log, ctypes.c_void_p(0))
        lib.llama_backend_init()
        params = lib.llama_model_default_params()
        params.load_mode = lib.LLAMA_LOAD_MODE_MMAP if plain else lib.LLAMA_LOAD_MODE_NONE
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
