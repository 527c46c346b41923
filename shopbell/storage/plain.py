"""Plain text out of files somebody else wrote: one encoding, one line end, nothing invisible."""

import unicodedata

from msgspec import Struct

_INVISIBLE = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0xFEFF, 0xAD))
"""Marks that reorder or hide text without being seen."""


class Decoded(Struct, frozen=True):
    """A text and the encoding it was found in."""

    text: str
    encoding: str
    """`utf-8`, `utf-16` or `cp1252`."""


def decode(data: bytes) -> Decoded:
    """Read UTF-8 with or without a mark, UTF-16 with one, or else the Windows code page.

    Raises `UnicodeDecodeError`, with the first byte that fits none of them.
    """
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return Decoded(data.decode("utf-16"), "utf-16")
        return Decoded(data.decode("utf-8-sig"), "utf-8")
    except UnicodeDecodeError:
        return Decoded(data.decode("cp1252"), "cp1252")


def clean(text: str) -> str:
    """Return `text` as NFC with plain line ends, without control and invisible characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_INVISIBLE)
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) != "Cc")
