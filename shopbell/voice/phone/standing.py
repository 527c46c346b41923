"""How the line stands, as the server last noted it for other programs: a small file in the shop's data."""

from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from shopbell.voice.phone.registrar import Standing

FILE = "phone.json"


class Noted(Struct, frozen=True, kw_only=True):
    """A standing, and since when."""

    standing: Standing
    at: datetime


def note_standing(folder: Path, standing: Standing, now: datetime) -> None:
    """Keep it."""
    path = folder / FILE
    fresh = path.with_suffix(".part")
    fresh.write_bytes(msgspec.json.encode(Noted(standing=standing, at=now)))
    fresh.replace(path)


def noted(folder: Path) -> Noted | None:
    """Return what was kept; None when nothing was, or it cannot be read."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Noted)
    except (OSError, msgspec.DecodeError):
        return None
