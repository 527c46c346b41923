import os
import time
from pathlib import Path

import pytest

from shopbell.knowledge.errors import FileRefused, ShopMissing
from shopbell.knowledge.files import MAX_BYTES, SourceFile, decode, gather
from shopbell.knowledge.problem import Notes, Severity


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "faq").mkdir(parents=True)
    return folder


def put(shop: Path, name: str, data: bytes = b"x") -> Path:
    path = shop / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_files_come_in_a_fixed_order(shop: Path) -> None:
    """The catalogue first, then everything under faq by name; leftovers of editors are passed over."""
    for name in ("faq/b.md", "faq/a.md", "catalogue.csv", "faq/more/c.md", "shop.toml", "faq/.hidden.md"):
        put(shop, name)
    for name in (
        "faq/a.md~",
        "faq/.a.md.swp",
        "faq/~$x.docx",
        "faq/x.docx.tmp",
        "faq/#a.md#",
        "faq/.git/d.md",
    ):
        put(shop, name)
    gathered = gather(shop)
    assert [file.path for file in gathered.files] == [
        "catalogue.csv",
        "faq/a.md",
        "faq/b.md",
        "faq/more/c.md",
    ]
    assert gathered.problems == ()


def test_files_that_cannot_be_used_are_refused_quickly_and_named(shop: Path, tmp_path: Path) -> None:
    """Links out, huge files, pipes, linked folders, unknown kinds: each is named, none awaited."""
    put(tmp_path, "secret.md", b"## Q?\nprivate")
    (shop / "faq/link.md").symlink_to(tmp_path / "secret.md")
    (shop / "faq/folder.md").symlink_to(shop / "faq")
    (shop / "faq/dangling.md").symlink_to(shop / "faq/nowhere.md")
    os.truncate(put(shop, "faq/huge.md"), 1_000_000_000)
    os.mkfifo(shop / "faq/pipe.md")
    put(shop, "faq/photo.png")
    os.close(os.open(os.fsencode(shop / "faq") + b"/\xff.md", os.O_CREAT))
    start = time.process_time()
    gathered = gather(shop)
    assert time.process_time() - start < 0.5
    told = {problem.path: problem.message for problem in gathered.problems}
    assert gathered.files == ()
    assert "leads out" in told["faq/link.md"]
    assert "not followed" in told["faq/folder.md"]
    assert f"larger than {MAX_BYTES // 1_000_000} MB" in told["faq/huge.md"]
    assert "not an ordinary file" in told["faq/pipe.md"]
    assert "Files of this kind" in told["faq/photo.png"]
    assert "name cannot be read" in told["faq/\ufffd.md"]
    assert set(told) == gathered.refused


def test_a_link_inside_the_shop_is_followed(shop: Path) -> None:
    """A link to another file of the same shop is as good as the file."""
    put(shop, "texts/a.md", b"inside")
    (shop / "faq/a.md").symlink_to(shop / "texts/a.md")
    assert gather(shop).files == (SourceFile(path="faq/a.md", data=b"inside"),)


def test_a_shop_that_is_not_there(tmp_path: Path) -> None:
    """A missing folder is an error, a missing faq folder a problem."""
    with pytest.raises(ShopMissing, match="no shop at"):
        gather(tmp_path / "none")
    assert "folder faq is missing" in gather(tmp_path).problems[0].message


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("é £\n".encode(), "é £\n"),
        ("é £".encode("utf-8-sig"), "é £"),
        ("é £".encode("utf-16"), "é £"),
        (b"a\r\nb\rc", "a\nb\nc"),
        ("e\u0301".encode(), "é"),
        ("a\u202eb\u200bc\x07d\ufeffe".encode(), "abcde"),
    ],
)
def test_text_is_read_whatever_wrote_it(data: bytes, text: str) -> None:
    """Marks, line ends, accents and invisible letters are evened out without a word."""
    notes = Notes("a.md")
    assert decode(SourceFile(path="a.md", data=data), notes) == text
    assert notes.problems == ()


def test_windows_text_is_read_with_a_notice() -> None:
    """Bytes that are no UTF-8 are taken for the Windows code page, and the owner is told."""
    notes = Notes("a.md")
    assert decode(SourceFile(path="a.md", data=b"caf\xe9 \x80"), notes) == "café €"
    assert [problem.severity for problem in notes.problems] == [Severity.NOTICE]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"one\ntwo \x81\x8d", "from line 2 on"),
        (b"a\0b", "not a text file"),
        (b"x" * 1_000_001, "more than 1,000,000 characters"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, words: str) -> None:
    """The message says where, and what to do."""
    with pytest.raises(FileRefused, match=words):
        decode(SourceFile(path="a.md", data=data), Notes("a.md"))
