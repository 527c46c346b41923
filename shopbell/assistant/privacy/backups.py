"""Backups of a shop: its records, its keys and its own files in one sealed file, and all of it put back."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from msgspec import Struct

from shopbell import __version__
from shopbell.assistant.privacy import erased
from shopbell.assistant.privacy.certificate import Certificate
from shopbell.assistant.privacy.erasure import CERTIFICATES, Place, erase_again
from shopbell.assistant.privacy.tables import backup_made
from shopbell.assistant.staff.audit import AuditLog
from shopbell.storage.backup import SUFFIX, Contents, Made, make_backup, swap_in, unpack_backup
from shopbell.storage.database import open_database, reading
from shopbell.storage.errors import BackupRefused

DATABASE = "shop.db"
_KEPT = ("club.key", erased.FILE, f"{CERTIFICATES}/*.txt")
"""Files of the data folder that cannot be built anew."""
_LEFT_OUT = (".git", "__pycache__", ".venv")


class Restored(Struct, frozen=True, kw_only=True):
    """What was put back."""

    made_at: str
    shop: str
    files: int
    again: tuple[Certificate, ...]
    """People who had been erased since and were erased again."""


def backup(place: Place, name: str, into: Path, passphrase: str, now: datetime, *, by: str) -> Made:
    """Back up a shop into a folder; `place.shop` is the shop's own folder. Raises `BackupRefused`."""
    slug = "".join(letter if letter.isalnum() else "-" for letter in name.lower()).strip("-") or "shop"
    target = into / f"{slug}-{now.astimezone(UTC):%Y%m%d-%H%M%S}{SUFFIX}"
    if target.exists():
        raise BackupRefused(f"{target} is there already. Try again in a second.")
    at = now.astimezone(UTC).isoformat(timespec="seconds")
    contents = Contents(
        database=place.folder / DATABASE,
        files=dict(_files(place)),
        shop=name,
        version=__version__,
        made_at=at,
    )
    made = make_backup(contents, target, passphrase, place.draw)
    with place.engine.begin() as db:
        values = {"at": at, "file": str(target.resolve()), "digest": made.digest, "bytes": made.bytes}
        db.execute(backup_made.insert().values(values))
        AuditLog(place.engine, lambda: now).add(db, by, "backup-made", target.name)
    share_list(place)
    return made


def expire(into: Path, now: datetime, keep: timedelta) -> tuple[Path, ...]:
    """Remove backups in a folder that are older than `keep`; the newest of them all stays."""
    found = sorted(into.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime)
    old = [path for path in found[:-1] if now.timestamp() - path.stat().st_mtime > keep.total_seconds()]
    for path in old:
        path.unlink()
    return tuple(old)


def last_backup(engine: sa.Engine) -> datetime | None:
    """Return when the shop was backed up last."""
    with reading(engine) as db:
        at = db.execute(sa.select(sa.func.max(backup_made.c.at))).scalar()
    return None if at is None else datetime.fromisoformat(at)


def share_list(place: Place) -> None:
    """Put the list of erased people beside the backups that are at hand, so that they forget them again."""
    with reading(place.engine) as db:
        folders = {Path(file).parent for file in db.execute(sa.select(backup_made.c.file)).scalars()}
        listed = erased.listed(db)
    for folder in folders:
        if listed and folder.is_dir() and os.access(folder, os.W_OK):
            erased.keep(folder / erased.FILE, listed)


def restore(
    path: Path,
    passphrase: str,
    folder: Path,
    shop: Path | None,
    now: datetime,
    *,
    draw: Callable[[int], bytes],
    by: str,
) -> Restored:
    """Put a backup in the place of the shop's data in `folder`, and of its own files in `shop` unless None.

    Who was erased since the backup was made is erased again before anything is put in place.
    Raises `BackupRefused`; then everything is as it was.
    """
    if in_use(folder / DATABASE):
        raise BackupRefused("The shop is open: its server runs. Stop it, then try again.")
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=folder.parent) as scratch:
        fresh = Path(scratch)
        manifest = unpack_backup(path, passphrase, fresh)
        data = fresh / "data"
        for known in (folder / erased.FILE, path.parent / erased.FILE):
            erased.keep(data / erased.FILE, erased.read(known))
        engine = open_database(data / DATABASE)
        try:
            again = erase_again(Place(engine=engine, folder=data, draw=draw), now, by=by)
        finally:
            engine.dispose()
        if shop is not None:
            (fresh / "shop").mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".restore-", dir=shop.resolve().parent) as beside:
                swap_in(Path(shutil.copytree(fresh / "shop", Path(beside) / "shop")), shop.resolve())
        swap_in(data, folder)
    return Restored(made_at=manifest.made_at, shop=manifest.shop, files=len(manifest.files), again=again)


def in_use(path: Path, processes: Path = Path("/proc")) -> bool:
    """Say whether another process of this user holds a file open; where that cannot be seen, False."""
    wanted = str(path.resolve())
    return any(_holds(process, wanted) for process in processes.glob("[0-9]*") if _other(process))


def _other(process: Path) -> bool:
    return process.name != str(os.getpid())


def _holds(process: Path, wanted: str) -> bool:
    try:
        return any(_leads_to(each, wanted) for each in (process / "fd").iterdir())
    except OSError:
        return False  # it has ended, or belongs to somebody else


def _leads_to(descriptor: Path, wanted: str) -> bool:
    try:
        return str(descriptor.readlink()) == wanted
    except OSError:
        return False  # closed since it was listed: the others are to be looked at all the same


def _files(place: Place) -> Iterator[tuple[str, Path]]:
    for pattern in _KEPT:
        for path in sorted(place.folder.glob(pattern)):
            yield f"data/{path.relative_to(place.folder)}", path
    if place.shop is not None:
        for path in sorted(place.shop.rglob("*")):
            relative = path.relative_to(place.shop)
            if path.is_file() and not path.is_symlink() and not set(relative.parts) & set(_LEFT_OUT):
                yield f"shop/{relative}", path
