"""Traces: a search through the raw bytes of a folder for words, however a program may have written them.

UTF-8 and UTF-16 in capitals and small letters, base64 at each of its three offsets, and all of that again
inside gzip and zip files.
"""

import base64
import gzip
import io
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

_CHUNK = 4_000_000
_OVERLAP = 4_096
"""Bytes two chunks share: more than any needle has."""
_MOST_UNPACKED = 512_000_000
_GZIP = b"\x1f\x8b\x08"


class Trace(Struct, frozen=True, kw_only=True):
    """A file in which something was found."""

    path: str
    """Relative to the folder."""
    hits: int


class Search:
    """Looks for words in bytes."""

    def __init__(self, words: Sequence[str]) -> None:
        """Take the words; each should be long enough to be nobody else's."""
        forms = [form for word in words if word for form in _forms(word)]
        self._forms = (
            re.compile(b"|".join(sorted(forms, key=lambda form: (-len(bytes(form)), form))))
            if forms
            else None
        )

    def folder(self, folder: Path, *, leave_out: Sequence[Path] = ()) -> tuple[Trace, ...]:
        """Return the files below `folder` in which a word stands, in their contents or their names."""
        found = []
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not any(path.is_relative_to(other) for other in leave_out):
                hits = self.file(path) + self.bytes(path.name.encode())
                if hits:
                    found.append(Trace(path=str(path.relative_to(folder)), hits=hits))
        return tuple(found)

    def file(self, path: Path) -> int:
        """Return how often a word stands in a file, in its packed parts too."""
        hits, tail = 0, b""
        with path.open("rb") as file:
            head = file.read(4)
            file.seek(0)
            while chunk := file.read(_CHUNK):
                hits += self.bytes(tail + chunk) - self.bytes(tail)
                tail = chunk[-_OVERLAP:]
        if head.startswith(b"PK\x03\x04"):
            hits += self._zip(path)
        return hits + self._gzip(path)

    def bytes(self, content: bytes) -> int:
        """Return how often a word stands in these bytes."""
        return sum(1 for _ in self._forms.finditer(content)) if self._forms is not None else 0

    def _zip(self, path: Path) -> int:
        try:
            with zipfile.ZipFile(path) as archive:
                small = [part for part in archive.infolist() if part.file_size < _MOST_UNPACKED]
                return sum(self.bytes(archive.read(part)) for part in small)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
            return 0  # no archive, or one that nobody here can open

    def _gzip(self, path: Path) -> int:
        """Look into whatever in the file unpacks as gzip, wherever it begins."""
        content = path.read_bytes() if path.stat().st_size < _MOST_UNPACKED else b""
        hits, start = 0, content.find(_GZIP)
        while start >= 0:
            try:
                with gzip.GzipFile(fileobj=io.BytesIO(content[start:])) as packed:
                    hits += self.bytes(packed.read(_MOST_UNPACKED))
            except (OSError, EOFError, zlib.error):
                pass  # the three bytes stood there by chance, or the rest is not gzip
            start = content.find(_GZIP, start + 1)
        return hits


def search_apart(words: Sequence[str], folder: Path) -> tuple[Trace, ...]:
    """Search a folder in a process of its own.

    Closing a database's file gives up all locks that a process has on it: who reads its bytes must not be who
    has it open. The words go by a pipe, where nobody sees them.
    """
    told = msgspec.json.encode((tuple(words), str(folder)))
    command = [sys.executable, "-m", "shopbell.assistant.privacy.traces"]
    done = subprocess.run(command, input=told, capture_output=True, check=True)
    return msgspec.json.decode(done.stdout, type=tuple[Trace, ...])


def _forms(word: str) -> Iterator[bytes]:
    for spelling in {word, word.lower(), word.upper()}:
        utf8 = spelling.encode()
        for shift in range(3):
            # whatever stands before and behind, these letters of base64 are the same
            packed = base64.b64encode(bytes(shift) + utf8).rstrip(b"=")
            skip = -(-shift * 8 // 6)
            sure = packed[skip : len(packed) - (1 if (shift + len(utf8)) % 3 else 0)]
            if len(sure) >= 6:  # noqa: PLR2004 - shorter ones stand in any file
                yield re.escape(sure)
                yield re.escape(sure.replace(b"+", b"-").replace(b"/", b"_"))
    for code in ("utf-8", "utf-16-le", "utf-16-be"):
        yield _any_case(word, code)


def _any_case(word: str, code: str) -> bytes:
    def letter(one: str) -> bytes:
        both = {re.escape(form.encode(code)) for form in (one.lower(), one.upper(), one)}
        return b"(?:" + b"|".join(sorted(both)) + b")"

    return b"".join(map(letter, word))


def main() -> None:
    """Answer one `search_apart`."""
    words, folder = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[tuple[str, ...], str])
    sys.stdout.buffer.write(msgspec.json.encode(Search(words).folder(Path(folder))))


if __name__ == "__main__":
    main()
