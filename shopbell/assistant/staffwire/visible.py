"""Visible: control characters in what customers wrote become symbols that no terminal obeys. Pure."""

import re

_KEPT = frozenset("\n\t")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")
_HIDDEN = frozenset({0xAD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0})
_RANGES = (
    range(0x80, 0xA0),  # C1 controls: some terminals take one for ESC and a letter
    range(0x180B, 0x1810),
    range(0x200B, 0x2010),  # zero width, left-to-right and right-to-left marks
    range(0x2028, 0x202F),  # line and paragraph separators, embeddings and overrides
    range(0x2060, 0x2070),  # joiners, isolates, deprecated format characters
    range(0xFFF9, 0xFFFC),
    range(0xE0000, 0xE0080),  # tags: text that nobody sees
)
_SHORT = {"b": 0x08, "f": 0x0C, "r": 0x0D}
"""JSON's short escapes of controls that are not kept."""


def _symbol(code: int) -> str:
    if code < 0x20:  # noqa: PLR2004 - the end of the C0 controls
        return chr(0x2400 + code)
    if code == 0x7F:  # noqa: PLR2004 - DEL
        return "␡"
    return f"⟨{code:04X}⟩"


_TABLE: dict[int, str] = {
    code: _symbol(code)
    for code in (*range(0x20), 0x7F, *_HIDDEN, *(code for codes in _RANGES for code in codes))
    if chr(code) not in _KEPT
}


def visible(text: str) -> str:
    """Return the text with every control, bidirectional and invisible character as a symbol.

    Line ends and tabs stay; ESC becomes ␛, the right-to-left override ⟨202E⟩. Nothing else changes.
    """
    return text.translate(_TABLE)


def visible_json(body: bytes) -> bytes:
    """Return JSON in which every text is as `visible` would make it; the structure stays the same."""
    text = _ESCAPE.sub(_unescaped, body.decode())
    return text.translate(_RAW).encode()


_RAW = {code: symbol for code, symbol in _TABLE.items() if code >= 0x20}  # noqa: PLR2004 - JSON escapes those below


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else _SHORT.get(found[0][1], -1)
    return _TABLE.get(code, found[0])
