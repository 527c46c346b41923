"""Plain: the words of marked-up text, as a customer may read and hear them."""

import re
from collections.abc import Iterable

from markdown_it.tree import SyntaxTreeNode
from selectolax.lexbor import LexborHTMLParser, LexborNode

from shopbell.knowledge.errors import FileRefused

_SPOKEN_SCHEMES = ("http://", "https://", "mailto:", "tel:")
HIDDEN_TAGS = ("script", "style", "noscript", "template", "iframe", "object", "svg", "head", "nav")
_HIDDEN_INLINE = re.compile(r"<\s*(/?)\s*(script|style)\b", re.IGNORECASE)
_BREAK = re.compile(r"<\s*br\b", re.IGNORECASE)
MAX_DEPTH = 1_000
"""Elements that may stand in each other."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_UNCLOSED = (
    "area base br col dd dt embed hr img input li link meta option p path source tbody td tfoot th thead tr "
    "track wbr"
)
_SELF_CLOSING = frozenset(_UNCLOSED.split())
"""Tags that are never closed, or need not be."""
_LINE_BREAK = "\ue000"
_OWN_LINES = (
    "address article aside blockquote dd details div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 "
    "header li main ol p pre section summary table td th tr ul"
)
_BLOCKS = frozenset(_OWN_LINES.split())


def block_text(node: SyntaxTreeNode) -> str:
    """Return the words of a Markdown block: lists as lines with hyphens, tables as `column: cell`."""
    match node.type:
        case "paragraph" | "heading":
            return inline_text(node.children[0]) if node.children else ""
        case "bullet_list" | "ordered_list":
            return "\n".join(_items(node))
        case "fence" | "code_block":
            return node.content.strip()
        case "table":
            return "\n".join(_rows(node))
        case "html_block":
            return html_text(node.content)
        case "hr":
            return ""
        case _:
            return "\n\n".join(filter(None, map(block_text, node.children)))


def inline_text(node: SyntaxTreeNode) -> str:
    """Return the words of a Markdown line: links with their address, pictures by their description."""
    text, hidden = [], False
    for child in node.children:
        if child.type == "html_inline":
            if found := _HIDDEN_INLINE.match(child.content):
                hidden = not found[1]
            text.append("\n" if _BREAK.match(child.content) else "")
        elif not hidden:
            text.append(_span(child))
    return _tidy("".join(text))


def html_text(source: str) -> str:
    """Return the words of a piece of HTML; scripts and styles are dropped."""
    body = parse_html(source).body
    return _flat(body) if body else ""


def parse_html(source: str) -> LexborHTMLParser:
    """Parse HTML without what is not for reading; line breaks are marked so that they survive.

    Raises `FileRefused` for elements nested without end: the parser's time grows with their square.
    """
    if _depth(source) > MAX_DEPTH:
        raise FileRefused(
            f"Its elements stand {MAX_DEPTH} deep in each other. Save only the text of the page."
        )
    tree = LexborHTMLParser(source)
    tree.strip_tags(list(HIDDEN_TAGS), recursive=True)
    for rest in tree.css("br"):
        rest.replace_with(_LINE_BREAK)
    return tree


def element_text(node: LexborNode) -> str:
    """Return the words of one HTML element: lists as lines with hyphens, tables as `column: cell`."""
    if node.tag in {"ul", "ol"}:
        items = [item for item in node.iter() if item.tag == "li"]
        marks = (
            [f"{number}. " for number in range(1, len(items) + 1)]
            if node.tag == "ol"
            else ["- "] * len(items)
        )
        return "\n".join(mark + _flat(item) for mark, item in zip(marks, items, strict=True))
    if node.tag == "table":
        rows = [[_flat(cell) for cell in row.css("th, td")] for row in node.css("tr")]
        return "\n".join(table_lines(rows, has_head=bool(node.css_first("th"))))
    return _flat(node)


def table_lines(rows: list[list[str]], *, has_head: bool) -> list[str]:
    """Return each row as a line of its own that can be understood alone."""
    if not has_head or len(rows) < 2:  # noqa: PLR2004 - a head and something under it
        return [", ".join(filter(None, row)) for row in rows]
    head = rows[0]
    return [
        "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(head, row, strict=False) if cell)
        for row in rows[1:]
    ]


def _depth(source: str) -> int:
    """Return how deep elements may be nested at most, were every one left open to the end."""
    depth = deepest = 0
    for match in _TAG.finditer(source):
        if match[2].lower() not in _SELF_CLOSING:
            depth = max(0, depth + (-1 if match[1] else 1))
            deepest = max(deepest, depth)
    return deepest


def has_blocks(node: LexborNode) -> bool:
    """Say whether an HTML element holds others that stand in lines of their own."""
    return any(map(is_block, node.iter()))


def is_block(node: LexborNode) -> bool:
    """Say whether an HTML element stands in lines of its own."""
    return node.tag in _BLOCKS


def _span(node: SyntaxTreeNode) -> str:
    match node.type:
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "image":
            return node.content
        case "link":
            return _link(inline_text(node), str(node.attrs.get("href", "")))
        case "text" | "code_inline":
            return node.content
        case _:
            return _untidied(node.children)


def _untidied(nodes: Iterable[SyntaxTreeNode]) -> str:
    return "".join(map(_span, nodes))


def _link(words: str, address: str) -> str:
    bare = address.removeprefix("mailto:").removeprefix("tel:")
    if not address.lower().startswith(_SPOKEN_SCHEMES) or bare in words:
        return words
    return f"{words} ({bare})"


def _items(node: SyntaxTreeNode) -> Iterable[str]:
    start = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, start=start):
        mark = f"{number}. " if node.type == "ordered_list" else "- "
        words = "\n".join(filter(None, map(block_text, item.children)))
        yield mark + words.replace("\n", "\n  ")


def _rows(node: SyntaxTreeNode) -> list[str]:
    rows = [
        [inline_text(cell.children[0]) if cell.children else "" for cell in row.children]
        for part in node.children
        for row in part.children
    ]
    return table_lines(rows, has_head=True)


def raw_text(node: LexborNode) -> str:
    """Return the words of an HTML node with their spaces, for `flat_text`."""
    return node.text(separator=" " if has_blocks(node) else "")


def flat_text(raw: str) -> str:
    """Return words of HTML with single spaces, in one line but for explicit breaks."""
    return _tidy(" ".join(raw.split()).replace(_LINE_BREAK, "\n"))


def _flat(node: LexborNode) -> str:
    return flat_text(raw_text(node))


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r" ([.,;:!?)])(?=\s|$)", r"\1", "\n".join(filter(None, lines)))
