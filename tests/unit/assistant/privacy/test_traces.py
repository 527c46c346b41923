"""Traces: a word is found however it was written."""

import base64
import gzip
import io
import zipfile
from pathlib import Path

import pytest

from shopbell.assistant.privacy.traces import Search

WORD = "Zelda Quillfeather"


@pytest.mark.parametrize("code", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("spelling", [WORD, WORD.upper(), WORD.lower()])
def test_a_word_is_found_in_each_encoding(tmp_path: Path, code: str, spelling: str) -> None:
    """UTF-8 and UTF-16 in both orders, in capitals and small letters."""
    (tmp_path / "a").write_bytes(b"\x00\x01" + spelling.encode(code) + b"\xff")
    assert [trace.path for trace in Search([WORD]).folder(tmp_path)] == ["a"]


@pytest.mark.parametrize("before", range(4))
def test_a_word_is_found_in_base64_at_each_offset(tmp_path: Path, before: int) -> None:
    """Wherever in the packed text the word begins."""
    (tmp_path / "a").write_bytes(base64.b64encode(b"x" * before + WORD.encode() + b"yz"))
    assert Search([WORD]).folder(tmp_path)


def test_a_word_is_found_in_gzip_and_zip(tmp_path: Path) -> None:
    """Packed files are opened, wherever in the file the packed part begins."""
    (tmp_path / "a").write_bytes(b"head" + gzip.compress(WORD.encode() * 3))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", f"<name>{WORD}</name>")
    (tmp_path / "b.xlsx").write_bytes(packed.getvalue())
    (tmp_path / "c").write_bytes(b"nobody here" + gzip.compress(b"nor here"))
    assert [trace.path for trace in Search([WORD]).folder(tmp_path)] == ["a", "b.xlsx"]


def test_a_word_over_the_edge_of_two_chunks_is_found(tmp_path: Path) -> None:
    """A large file is read in chunks that overlap."""
    (tmp_path / "a").write_bytes(b"." * (4_000_000 - 5) + WORD.encode() + b"." * 100)
    found = Search([WORD]).folder(tmp_path)
    assert [trace.hits for trace in found] == [1]
