"""Markup: elements of HTML and SVG with everything in them escaped. Pure."""

import html
from collections.abc import Iterable

Markup = str
"""Text that is markup already; every other text goes through `text`."""
_VOID = frozenset({"line", "rect", "circle", "path", "polyline", "polygon"})


def text(words: str) -> Markup:
    """Return words as they may stand in markup."""
    return html.escape(words, quote=True)


def el(name: str, *inside: Markup, **attributes: str | float) -> Markup:
    """Return an element; `aria_label` becomes `aria-label`, `class_` `class`; numbers are kept short."""
    given = "".join(f' {_name(key)}="{text(_value(value))}"' for key, value in attributes.items())
    if name in _VOID and not inside:
        return f"<{name}{given}/>"
    return f"<{name}{given}>{''.join(inside)}</{name}>"


def joined(parts: Iterable[Markup]) -> Markup:
    """Return markup one after the other."""
    return "".join(parts)


def _name(key: str) -> str:
    return "viewBox" if key == "view_box" else key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
