"""Tool calls: whether a message is written as a call of a program, a query or a command to one. Pure.

The assistant has no tools that words could call; such a message is noted in the audit log and is words only.
"""

import re
from typing import Literal

Shape = Literal["", "json", "markup", "query", "call"]

_SHAPES: tuple[tuple[Shape, re.Pattern[str]], ...] = (
    (
        "markup",
        re.compile(r"<[/|]?\s*(tool|function|invoke|system|im_start)|\[/?(inst|tool|system)", re.IGNORECASE),
    ),
    (
        "json",
        re.compile(
            r"[{\[]\s*\\*[\"']?[\w$.-]+\\*[\"']?\s*[:,]|\\*[\"'](tool|function|arguments)\\*[\"']\s*:"
        ),
    ),
    (
        "query",
        re.compile(
            r"\b(select\s+(\*|[\w\s]+,[\w\s,]+)\s+from|select\b.{1,200}\bfrom\b.{1,100}\bwhere|insert\s+into|update\s+\w+\s+set|delete\s+from|(drop|alter)\s+table|"
            r"union\s+(all\s+)?select)\b|'\s*or\s+'?1'?\s*=",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
    ("call", re.compile(r"\b\w+\([^()\n]*[=,\"'][^()\n]*\)|\b\w+_\w+\(")),
)


def shape(text: str) -> Shape:
    """Return what kind of call the words look like; empty for what people write."""
    return next((name for name, pattern in _SHAPES if pattern.search(text)), "")
