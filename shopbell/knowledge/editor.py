"""The editor: entries that staff write go into the shop's own Markdown files, where the owner sees them."""

import csv
import io
import os
import re
from collections.abc import Collection
from datetime import date
from pathlib import Path

from msgspec import Struct

from shopbell.knowledge.errors import FileRefused
from shopbell.knowledge.files import GOLDEN, SourceFile
from shopbell.knowledge.markdown import read_markdown
from shopbell.knowledge.problem import Notes
from shopbell.storage.plain import clean

FILE = "answers"
"""File stem of entries without a topic."""
_SLUG = re.compile(r"[^a-z0-9]+")
_INLINE = re.compile(r"([\\`*_\[\]<&])")
_BLOCK = re.compile(r"^(\s*)(#|>|=|-{3}|~{3}|\|)", re.MULTILINE)
_FORMULA = "=+-@\t\r "
"""A cell that begins with one of these is a formula to some programs."""
_UNTIL = re.compile(r"^\s*([*_])valid until:.*\1\s*$", re.IGNORECASE)


class NewEntry(Struct, frozen=True, kw_only=True):
    """A question with its answer, as staff wrote it."""

    question: str
    answer: str
    topic: str = ""
    also_asked: tuple[str, ...] = ()
    test: str = ""
    """The wording of a customer that must find it."""


class Written(Struct, frozen=True, kw_only=True):
    """An entry as it goes into the shop's folder."""

    id: str
    path: str
    """Inside the shop's folder."""
    markdown: str
    """The section."""
    head: str
    """What a new file begins with."""


def written(entry: NewEntry, known: Collection[str]) -> Written:
    """Return the entry as Markdown with an id that is not in `known`.

    Raises `FileRefused` when nothing of it would be read back as it was written.
    """
    topic = _line(entry.topic)
    stem = f"{FILE}-{_slug(topic)}" if topic else FILE
    name = _free(stem, _slug(_line(entry.question)) or "question", known)
    title = _INLINE.sub(r"\\\1", _line(entry.question).replace("{", "(").replace("}", ")"))
    asked = [text for text in (_plain(text) for text in (*entry.also_asked, entry.test)) if text]
    asked = list(dict.fromkeys(text for text in asked if text != _plain(entry.question)))
    lines = f"*Also asked: {'; '.join(asked)}*\n" if asked else ""
    answer = _BLOCK.sub(r"\1\\\2", _INLINE.sub(r"\\\1", clean(entry.answer).strip()))
    made = Written(
        id=f"{stem}#{name}",
        path=f"faq/{stem}.md",
        markdown=f"## {title} {{#{name}}}\n{lines}\n{answer}\n",
        head=f"---\ntopic: {topic}\n---\n" if topic else "",
    )
    _prove(made, name)
    return made


def publish(folder: Path, made: Written, test: str) -> None:
    """Add the entry to its file, and the customer's wording to golden.csv. Raises `FileRefused`."""
    path = folder / made.path
    before = _text(path) if path.exists() else made.head
    _replace(path, f"{before.rstrip()}\n\n{made.markdown}".lstrip())
    if wording := _cell(test):
        golden = folder / GOLDEN
        text = _text(golden) if golden.exists() else "question,expect,note\n"
        row = io.StringIO()
        csv.writer(row, lineterminator="\n").writerow([wording, made.id, "asked by a customer"])
        _replace(golden, f"{text.rstrip()}\n{row.getvalue()}")


def retire(folder: Path, source: str, last_day: date) -> None:
    """Let the entry at `source` (path and line of its heading) end on `last_day`. Raises `FileRefused`."""
    name, _, line = source.rpartition(":")
    path = folder / name
    if path.suffix.lower() not in {".md", ".markdown"}:
        raise FileRefused(f"{name} is no Markdown file. Take the entry out of it by hand.")
    lines = _text(path).splitlines()
    at = int(line) - 1
    if not 0 <= at < len(lines) or not lines[at].startswith("#"):
        raise FileRefused(f"{name} was changed meanwhile. Try again in a moment.")
    ending = f"*Valid until: {last_day.isoformat()}*"
    for place in range(at + 1, min(at + 5, len(lines))):
        if _UNTIL.match(lines[place]):
            lines[place] = ending
            break
    else:
        lines.insert(at + 1, ending)
    _replace(path, "\n".join(lines) + "\n")


def _prove(made: Written, name: str) -> None:
    notes = Notes(made.path)
    entries = read_markdown(made.head + made.markdown, notes, stem=FILE)
    if len(entries) != 1 or entries[0].anchor != name or not entries[0].text.strip():
        raise FileRefused("This cannot be written as one question with one answer. Use plainer text.")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise FileRefused(f"{path.name} cannot be edited: it is not UTF-8, or not readable.") from fault


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(exist_ok=True)
        with part.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as fault:
        raise FileRefused(f"{path.name} cannot be written: {fault.strerror}. Check its rights.") from fault


def _free(stem: str, slug: str, known: Collection[str]) -> str:
    name, number = slug, 2
    while f"{stem}#{name}" in known:
        name, number = f"{slug}-{number}", number + 1
    return name


def _slug(text: str) -> str:
    return _SLUG.sub("-", text.lower()).strip("-")[:40].strip("-")


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[*_;\\`<>]", " ", _line(text)).split())


def _cell(text: str) -> str:
    return _line(text).lstrip(_FORMULA)


def as_file(made: Written) -> SourceFile:
    """Return the entry as if it stood alone in a file, to be read without being written."""
    return SourceFile(path=made.path, data=(made.head + made.markdown).encode())
