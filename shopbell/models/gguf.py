"""The head of a GGUF file: enough to know that it is one, whole, and what it calls itself.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from pathlib import Path
from typing import BinaryIO

import msgspec

from shopbell.models.errors import AddError

MAGIC = b"GGUF"
VERSIONS = (2, 3)

_STRING, _ARRAY = 8, 9
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of each fixed-width metadata type."""
_SANE = 1 << 24
"""No count or length in a real file's head comes near this."""


class GgufHead(msgspec.Struct, frozen=True):
    """What the head of a GGUF file says."""

    architecture: str
    """`general.architecture`, such as `qwen2`; empty when not said."""
    title: str
    """`general.name`; empty when not said."""
    licence: str
    """`general.license`; empty when not said."""
    tensors: int
    """How many tensors the file holds."""
    least_size: int
    """Bytes a whole file must exceed: the place where its last tensor begins."""


def read_head(path: Path) -> GgufHead:
    """Read the head of a GGUF file; raises AddError when it is not one or is cut short."""
    with path.open("rb") as stream:
        if stream.read(4) != MAGIC:
            raise AddError(f"{path} is not a GGUF file: it does not begin with the letters GGUF")
        try:
            head = _read_fields(stream)
        except (struct.error, UnicodeDecodeError, KeyError, OverflowError) as error:
            raise AddError(
                f"{path} begins like a GGUF file but its head cannot be read: is it whole?"
            ) from error
    if head.tensors == 0:
        raise AddError(f"{path} is a GGUF file without any weights in it")
    if path.stat().st_size <= head.least_size:
        raise AddError(
            f"{path} is cut short: a whole file has more than {head.least_size:,} bytes. Copy it again"
        )
    return head


def _read_fields(stream: BinaryIO) -> GgufHead:
    version, tensors, fields = _unpack(stream, "<IQQ")
    if version not in VERSIONS or max(tensors, fields) > _SANE:
        raise OverflowError
    said: dict[str, str] = {}
    alignment = 32
    for _ in range(fields):
        key = _string(stream)
        (kind,) = _unpack(stream, "<I")
        if key == "general.alignment":
            (alignment,) = _unpack(stream, "<I")
        elif kind == _STRING:
            said[key] = _string(stream)
        else:
            _skip(stream, kind)
    last = max((_tensor_offset(stream) for _ in range(tensors)), default=0)
    data = -(-stream.tell() // max(alignment, 1)) * max(alignment, 1)
    return GgufHead(
        architecture=said.get("general.architecture", ""),
        title=said.get("general.name", ""),
        licence=said.get("general.license", ""),
        tensors=tensors,
        least_size=data + last,
    )


def _unpack(stream: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(form, stream.read(struct.calcsize(form)))


def _string(stream: BinaryIO) -> str:
    (length,) = _unpack(stream, "<Q")
    if length > _SANE:
        raise OverflowError
    return stream.read(length).decode()


def _skip(stream: BinaryIO, kind: int) -> None:
    if kind == _STRING:
        _string(stream)
    elif kind == _ARRAY:
        inner, count = _unpack(stream, "<IQ")
        if count > _SANE:
            raise OverflowError
        if inner in _WIDTHS:
            stream.seek(_WIDTHS[inner] * count, 1)
        else:
            for _ in range(count):
                _skip(stream, inner)
    else:
        stream.seek(_WIDTHS[kind], 1)


def _tensor_offset(stream: BinaryIO) -> int:
    """Read past one tensor's description and return where its data begins, in bytes after the head."""
    _string(stream)
    (dimensions,) = _unpack(stream, "<I")
    if dimensions > _SANE:
        raise OverflowError
    stream.seek(8 * dimensions + 4, 1)
    (offset,) = _unpack(stream, "<Q")
    return offset
