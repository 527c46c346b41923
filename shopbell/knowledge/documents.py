"""Documents of other programs: web pages, PDF and DOCX."""

import io
import re
from collections.abc import Iterator

import docx
import pypdf
from docx.table import Table
from docx.text.paragraph import Paragraph
from pypdf.errors import PyPdfError
from selectolax.lexbor import LexborNode

from shopbell.knowledge.archive import check_archive
from shopbell.knowledge.entry import Entry
from shopbell.knowledge.errors import FileRefused
from shopbell.knowledge.files import MAX_TEXT
from shopbell.knowledge.outline import Outline
from shopbell.knowledge.plain import (
    element_text,
    flat_text,
    has_blocks,
    is_block,
    parse_html,
    raw_text,
    table_lines,
)
from shopbell.knowledge.problem import Notes
from shopbell.storage.plain import clean

MAX_PAGES = 300
"""Pages of a PDF at most."""
MAX_QUESTION = 160
"""Letters of a line that may be a question in a PDF."""
MAX_NODES = 200_000
"""Elements of a web page at most."""

_HEADINGS = frozenset({"h1", "h2", "h3"})
_WHOLE = _HEADINGS | {"ul", "ol", "table"}
_BULLET = re.compile(r"[-•*▪◦–]\s|\d+[.)]\s")


def read_html(text: str, notes: Notes, *, stem: str) -> tuple[Entry, ...]:
    """Read a web page: h1 is the topic, h2 and h3 questions or headings; scripts are dropped."""
    outline, finder = Outline(notes, stem=stem), _LineFinder(text)
    for tag, words in _blocks(parse_html(text).body):
        line = finder.line_of(words)
        if tag == "h1":
            outline.topic(words, line)
        elif tag in _HEADINGS:
            outline.heading(words, line)
        else:
            outline.text(words, line)
    return outline.entries()


def read_docx(data: bytes, notes: Notes, *, stem: str) -> tuple[Entry, ...]:
    """Read a DOCX: heading 1 is the topic, heading 2 and 3 are questions or headings.

    Lines are paragraphs counted from 1. Raises `FileRefused`.
    """
    check_archive(data, holds="word/document.xml")
    outline, letters = Outline(notes, stem=stem), 0
    for line, block in enumerate(docx.Document(io.BytesIO(data)).iter_inner_content(), start=1):
        words = _docx_words(block)
        letters += len(words)
        if letters > MAX_TEXT:
            raise FileRefused(
                f"It holds more than {MAX_TEXT:,} characters. Split it into several files.", line
            )
        style = _style(block)
        if words and style in {"Title", "Heading1"}:
            outline.topic(words, line)
        elif words and style in {"Heading2", "Heading3"}:
            outline.heading(words, line)
        else:
            outline.text(words, line)
    return outline.entries()


def read_pdf(data: bytes, notes: Notes, *, stem: str) -> tuple[Entry, ...]:
    """Read a PDF: a line that ends in a question mark is a question, what follows up to the next its answer.

    Lines are pages counted from 1. Raises `FileRefused` for what is locked, broken or too long.
    """
    outline = Outline(notes, stem=stem)
    try:
        for page, words, is_question in _pdf_blocks(data):
            if is_question:
                outline.heading(words, page)
            else:
                outline.text(words, page)
    except (PyPdfError, RecursionError) as fault:
        raise FileRefused(
            "The PDF is damaged. Save it again, or put the text into a Markdown file."
        ) from fault
    entries = outline.entries()
    if not entries:
        raise FileRefused(
            "The PDF holds no text, perhaps only pictures of pages. Type the answers into a Markdown file."
        )
    return entries


class _LineFinder:
    """Finds where words stand in a source; each search goes on where the last ended."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._line = 1

    def line_of(self, words: str) -> int:
        for start in (
            words[:20].partition("\n")[0],
            words.split(" ", maxsplit=1)[0],
        ):  # markup may stand between
            if start and (found := self._source.find(start, self._at)) >= 0:
                self._line += self._source.count("\n", self._at, found)
                self._at = found
                break
        return self._line


def _blocks(body: LexborNode | None) -> Iterator[tuple[str, str]]:
    """Yield the tag and the words of each block; loose words between blocks are a block too."""
    waiting: list[LexborNode | str] = [body] if body is not None else []
    seen = 0
    while waiting:
        node = waiting.pop()
        if (seen := seen + 1) > MAX_NODES:
            raise FileRefused(f"The page has more than {MAX_NODES:,} elements. Save only its text.")
        if isinstance(node, str):
            yield "", clean(flat_text(node)).strip()
        elif node.tag in _WHOLE or not has_blocks(node):
            yield node.tag or "", clean(element_text(node)).strip()
        else:
            waiting.extend(reversed(_runs(node)))


def _runs(node: LexborNode) -> list[LexborNode | str]:
    """Return the blocks of a node, and the words between two blocks as one string."""
    runs: list[LexborNode | str] = []
    for child in node.iter(include_text=True):
        if is_block(child):
            runs.append(child)
        elif runs and isinstance(runs[-1], str):
            runs[-1] = runs[-1] + raw_text(child)
        else:
            runs.append(raw_text(child))
    return runs


def _docx_words(block: Paragraph | Table) -> str:
    if isinstance(block, Table):
        rows = [[clean(cell.text).strip() for cell in row.cells] for row in block.rows]
        return "\n".join(table_lines(rows, has_head=True))
    words = clean(block.text).strip()
    return f"- {words}" if words and _style(block).startswith("List") else words


def _style(block: Paragraph | Table) -> str:
    if isinstance(block, Table) or block.style is None:
        return ""
    name = block.style.name or ""
    return (
        name.replace(" ", "") if name.startswith(("Heading", "Title", "List")) else str(block.style.style_id)
    )


def _pdf_blocks(data: bytes) -> Iterator[tuple[int, str, bool]]:
    """Yield page, words and whether they are a question."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise FileRefused("The PDF is locked with a password. Save it again without one.")
    if len(reader.pages) > MAX_PAGES:
        raise FileRefused(f"The PDF has more than {MAX_PAGES} pages. Take out what customers ask about.")
    letters = 0
    for page, content in enumerate(reader.pages, start=1):
        text = clean(content.extract_text())
        letters += len(text)
        if letters > MAX_TEXT:
            raise FileRefused(
                f"It holds more than {MAX_TEXT:,} characters. Split it into several files.", page
            )
        for words in _joined(text):
            yield page, words, words.endswith("?") and len(words) <= MAX_QUESTION


def _joined(text: str) -> Iterator[str]:
    """Join the lines of a page to paragraphs; questions, bullets and empty lines end one."""
    paragraph = ""
    for raw in text.split("\n"):
        line = raw.strip()
        if not line or line.endswith("?") or _BULLET.match(line):
            if paragraph:
                yield paragraph
            paragraph = ""
        if line.endswith("?"):
            yield line
        elif paragraph.endswith("-") and line[:1].islower():
            paragraph = paragraph[:-1] + line
        else:
            paragraph = f"{paragraph} {line}".strip()
    if paragraph:
        yield paragraph
