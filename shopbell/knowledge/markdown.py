"""Markdown: the shop's own question files, and any other text with headings."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from msgspec import Struct

from shopbell.knowledge.attributes import Attributes, take_attributes
from shopbell.knowledge.entry import Entry
from shopbell.knowledge.errors import FileRefused
from shopbell.knowledge.passage import Kind
from shopbell.knowledge.plain import block_text, inline_text
from shopbell.knowledge.problem import Notes

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_ANCHOR = re.compile(r"\s*\{#([^}]*)\}\s*$")
_ANCHOR_NAME = re.compile(r"[\w.-]+")


class _Section(Struct):
    """A heading with the blocks under it."""

    title: str
    line: int
    anchor: str
    blocks: list[SyntaxTreeNode]


def read_markdown(text: str, notes: Notes, *, stem: str) -> tuple[Entry, ...]:
    """Read `## Question? {#anchor}` sections with their attribute lines and answers.

    A section whose heading is no question, has no anchor and no attribute lines is running text.
    `stem` is the title of text before any heading. Raises `FileRefused` when the head of the file is broken.
    """
    topic, start = _front_matter(text, notes)
    body = "\n" * text.count("\n", 0, start) + text[start:]
    tree = SyntaxTreeNode(_parser().parse(body))
    entries = []
    for section in _sections(tree, notes):
        if isinstance(section, str):
            topic = topic or section
        elif (entry := _entry(section, topic, stem, notes)) is not None:
            entries.append(entry)
    return tuple(entries)


def _parser() -> MarkdownIt:
    # HTML is parsed as HTML so that it can be left out of the words, not to be shown.
    return MarkdownIt("commonmark", {"html": True}).enable("table")


def _front_matter(text: str, notes: Notes) -> tuple[str, int]:
    """Return the topic of the `---` head and where the body starts."""
    if not re.match(r"---[ \t]*\n", text):
        return "", 0
    if (found := _FRONT.match(text)) is None:
        raise FileRefused("The head of the file is not closed. End it with a line of three hyphens: ---", 1)
    topic = ""
    for number, line in enumerate(found[1].splitlines(), start=2):
        name, colon, value = line.partition(":")
        if name.strip().lower() == "topic" and colon:
            topic = value.strip().strip("\"'")
        elif line.strip():
            notes.error(
                number, f'"{line.strip()[:60]}" is not known here. The head of a file holds only: topic: ...'
            )
    return topic, found.end()


def _sections(tree: SyntaxTreeNode, notes: Notes) -> Iterator[_Section | str]:
    """Yield the sections in order, and the text of a main heading as a string."""
    section = _Section(title="", line=1, anchor="", blocks=[])
    for node in tree.children:
        if node.type != "heading" or node.tag not in {"h1", "h2"}:
            if not section.blocks and not section.title:
                section.line = _line(node)
            section.blocks.append(node)
            continue
        yield section
        title, anchor = _heading(node, notes)
        if node.tag == "h1":
            yield title
        section = _Section(
            title=title if node.tag == "h2" else "", line=_line(node), anchor=anchor, blocks=[]
        )
    yield section


def _heading(node: SyntaxTreeNode, notes: Notes) -> tuple[str, str]:
    raw = node.children[0].content if node.children else ""
    anchor = ""
    if found := _ANCHOR.search(raw):
        anchor, raw = found[1].lstrip("#"), raw[: found.start()]
        if not _ANCHOR_NAME.fullmatch(anchor):
            notes.error(
                _line(node), f'The anchor "{anchor[:40]}" may hold only letters, digits, hyphens and dots.'
            )
            anchor = ""
    return _inline(raw), anchor


def _entry(section: _Section, topic: str, stem: str, notes: Notes) -> Entry | None:
    try:
        attributes, rest = _attributes(section)
    except ValueError as fault:
        notes.error(section.line, f'"{section.title}" is left out: {fault}')
        return None
    answer = "\n\n".join(part for part in (rest, *map(block_text, section.blocks)) if part)
    if not answer:
        if section.title:
            notes.warning(section.line, f'"{section.title}" has no answer under it and is left out.')
        return None
    is_question = section.title.endswith("?") or bool(section.anchor) or attributes is not None
    about = attributes or Attributes()
    return Entry(
        title=section.title or topic or stem,
        text=answer,
        line=section.line,
        anchor=section.anchor,
        kind=Kind.FAQ if is_question and section.title else Kind.DOCUMENT,
        also_asked=about.also_asked,
        topic=topic,
        valid_from=about.valid_from,
        valid_until=about.valid_until,
    )


def _attributes(section: _Section) -> tuple[Attributes | None, str]:
    """Take the attribute lines off the first paragraph; return them and what is left of it."""
    first = section.blocks[0] if section.title and section.blocks else None
    if first is None or first.type != "paragraph":
        return None, ""
    section.blocks.pop(0)
    lines = first.children[0].content.split("\n")
    attributes, taken = take_attributes(lines, _line(first))
    return attributes, _inline("\n".join(lines[taken:]))


def _inline(text: str) -> str:
    return inline_text(SyntaxTreeNode(_parser().parseInline(text)).children[0]) if text.strip() else ""


def _line(node: SyntaxTreeNode) -> int:
    return node.map[0] + 1 if node.map else 1
