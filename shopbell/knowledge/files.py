"""The files of a shop's folder, read with suspicion."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from shopbell.knowledge.errors import FileRefused, ShopMissing
from shopbell.knowledge.problem import Notes, Problem
from shopbell.storage import plain

MAX_BYTES = 20_000_000
"""Bytes of one file at most."""
MAX_TEXT = 1_000_000
"""Characters of text taken from one file at most: some 2,000 passages."""
MAX_FILES = 2_000
"""Files in one shop at most."""
SUFFIXES = frozenset({".md", ".markdown", ".csv", ".xlsx", ".html", ".htm", ".pdf", ".docx"})
"""What can be read."""

CATALOGUE = "catalogue.csv"
GOLDEN = "golden.csv"
WORDINGS = "wordings.csv"

_LEFT_BY_EDITORS = ("~", ".tmp", ".bak", ".swp", ".part", ".crdownload")


class SourceFile(Struct, frozen=True):
    """One file as it was when read."""

    path: str
    """Relative to the shop's folder, with forward slashes."""
    data: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


class Gathered(Struct, frozen=True):
    """The shop's files at one moment."""

    files: tuple[SourceFile, ...]
    refused: frozenset[str]
    """Paths that are there but were not read: what they said before still counts."""
    problems: tuple[Problem, ...]


def gather(folder: Path) -> Gathered:
    """Read `faq/` and `catalogue.csv` of a shop's folder.

    Raises `ShopMissing` when the folder is not there.
    """
    if not folder.is_dir():
        raise ShopMissing(folder)
    files: list[SourceFile] = []
    refused: set[str] = set()
    problems: list[Problem] = []
    for path in _candidates(folder):
        name = _name(path.relative_to(folder))
        notes = Notes(name)
        try:
            if (data := _read(path, folder)) is not None:
                files.append(SourceFile(path=name, data=data))
        except FileRefused as fault:
            notes.error(0, str(fault))
            refused.add(name)
        problems.extend(notes.problems)
    problems.extend(_about_folder(folder, len(files)))
    return Gathered(tuple(files), frozenset(refused), tuple(problems))


def read_one(folder: Path, name: str) -> SourceFile | None:
    """Read one named file of the shop; None when it is not there. Raises `FileRefused`."""
    path = folder / name
    if not path.is_symlink() and not path.exists():
        return None
    data = _read(path, folder)
    return None if data is None else SourceFile(path=name, data=data)


def decode(file: SourceFile, notes: Notes) -> str:
    """Return the text of a file as NFC with plain line ends and nothing invisible in it.

    UTF-8 is expected; UTF-16 with a mark and the Windows code page are read too, the latter with a notice.
    Raises `FileRefused` for what is no text or too much of it.
    """
    text = _decoded(file.data, notes)
    if "\0" in text:
        raise FileRefused("This is not a text file. Save it again as text in UTF-8.")
    if len(text) > MAX_TEXT:
        raise FileRefused(f"It holds more than {MAX_TEXT:,} characters. Split it into several files.")
    return plain.clean(text)


def _decoded(data: bytes, notes: Notes) -> str:
    try:
        decoded = plain.decode(data)
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        raise FileRefused(
            f"The letters cannot be read from line {line} on. Save the file as UTF-8."
        ) from None
    if decoded.encoding == "cp1252":
        notes.notice(
            0, "Read as Windows text (cp1252), since it is not UTF-8. Save it as UTF-8 to be sure of é, £, €."
        )
    return decoded.text


def _candidates(folder: Path) -> Iterator[Path]:
    """Yield what should be read, in a fixed order."""
    yield from (folder / name for name in (CATALOGUE, WORDINGS) if os.path.lexists(folder / name))
    for root, folders, names in os.walk(folder / "faq"):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked = [name for name in folders if (Path(root) / name).is_symlink()]
        yield from (Path(root) / name for name in sorted((*names, *linked)) if not _is_leftover(name))


def _is_leftover(name: str) -> bool:
    return name.startswith((".", "~$", "#")) or name.endswith(_LEFT_BY_EDITORS)


def _name(path: Path) -> str:
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def _read(path: Path, folder: Path) -> bytes | None:
    """Return the content, None when it vanished meanwhile; raises `FileRefused`."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise FileRefused(
            "This link leads out of the shop's folder and is not followed. Copy the file itself here."
        )
    if "\ufffd" in _name(path):
        raise FileRefused("The file's name cannot be read. Rename it with ordinary letters.")
    if path.is_dir():
        raise FileRefused("Linked folders are not followed. Copy the folder itself here.")
    if path.suffix.lower() not in SUFFIXES:
        raise FileRefused(f"Files of this kind are not read. Use one of: {', '.join(sorted(SUFFIXES))}.")
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123 - a pipe must not block
            return _content(file.fileno())
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise FileRefused(
            f"It cannot be read: {fault.strerror or fault}. Check the file's rights."
        ) from fault


def _content(file: int) -> bytes:
    about = os.fstat(file)
    if not stat.S_ISREG(about.st_mode):
        raise FileRefused("This is not an ordinary file. Remove it from the shop's folder.")
    if about.st_size > MAX_BYTES:
        raise FileRefused(
            f"It is larger than {MAX_BYTES // 1_000_000} MB. Split it, or leave the pictures out."
        )
    data = bytearray()
    while len(data) <= MAX_BYTES and (piece := os.read(file, 1 << 20)):
        data += piece
    if len(data) > MAX_BYTES:
        raise FileRefused(
            f"It is larger than {MAX_BYTES // 1_000_000} MB. Split it, or leave the pictures out."
        )
    return bytes(data)


def _about_folder(folder: Path, files: int) -> tuple[Problem, ...]:
    notes = Notes("faq")
    if not (folder / "faq").is_dir():
        notes.error(
            0,
            "The folder faq is missing, so the shop has no answers. Create it and put Markdown files there.",
        )
    if files > MAX_FILES:
        notes.warning(0, f"There are more than {MAX_FILES} files; starting and editing will be slow.")
    return notes.problems
