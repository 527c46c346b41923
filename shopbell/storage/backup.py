"""Backup: a consistent copy of the database with files beside it, packed and sealed, and unpacked again.

The copy is made by SQLite itself while the shop goes on; what is packed was checked, and what was written is
read back. Nothing that can be built anew (index, models) is in it. Every call blocks for seconds.
"""

import hashlib
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

import msgspec
from msgspec import Struct

from shopbell.storage.errors import BackupRefused
from shopbell.storage.sealing import SealedReader, SealedWriter

SUFFIX = ".shopbell-backup"
DATABASE = "data/shop.db"
_MANIFEST = "manifest.json"
_PAGES = 1_000
"""Pages copied at a time, so that writers get a turn."""


class Manifest(Struct, frozen=True, kw_only=True):
    """What a backup holds; it comes first in the packed file."""

    made_at: str
    """ISO 8601, in UTC."""
    shop: str
    """The shop's name."""
    version: str
    """Of the program."""
    files: Mapping[str, str]
    """Path in the backup -> SHA-256 in hexadecimal."""


class Made(Struct, frozen=True, kw_only=True):
    """A backup that was written and read back."""

    path: Path
    bytes: int
    digest: str
    """SHA-256 of the sealed file."""
    files: int


class Contents(Struct, frozen=True, kw_only=True):
    """What is to be backed up."""

    database: Path
    files: Mapping[str, Path]
    """Path in the backup -> file."""
    shop: str
    version: str
    made_at: str
    """ISO 8601, in UTC."""


def make_backup(contents: Contents, target: Path, passphrase: str, draw: Callable[[int], bytes]) -> Made:
    """Write a backup, read it back and put it in place; raises `BackupRefused`.

    `target` appears only when all of it was found right; its folder is made.
    """
    growing = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=contents.database.parent) as scratch:
            copy = Path(scratch) / "shop.db"
            copy_database(contents.database, copy)
            _write(contents, copy, growing, passphrase, draw)
        manifest = verify_backup(growing, passphrase)
        digest = _digest(growing)
        growing.replace(target)
    except OSError as fault:
        raise BackupRefused(
            f"{target} cannot be written: {fault.strerror or fault}. Is the disk there, and has it space?"
        ) from fault
    finally:
        growing.unlink(missing_ok=True)
    return Made(path=target, bytes=target.stat().st_size, digest=digest, files=len(manifest.files))


def verify_backup(path: Path, passphrase: str) -> Manifest:
    """Read all of a backup and compare every file with what the manifest says; raises `BackupRefused`."""
    missing = set[str]()
    with _opened(path, passphrase) as (manifest, members):
        missing = set(manifest.files)
        for name, stream in members:
            _check(manifest, name, stream, None)
            missing.discard(name)
    if missing:
        raise BackupRefused(f"{min(missing)} is missing from the backup. Use another one.")
    return manifest


def unpack_backup(path: Path, passphrase: str, folder: Path) -> Manifest:
    """Unpack a backup into an empty folder and check the database in it; raises `BackupRefused`."""
    with _opened(path, passphrase) as (manifest, members):
        for name, stream in members:
            target = folder / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            target.touch(0o600)
            with target.open("wb") as file:
                _check(manifest, name, stream, file)
    check_database(folder / DATABASE)
    return manifest


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as it stands at one moment, while others write; raises `BackupRefused`."""
    target.touch(0o600)
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.execute("PRAGMA busy_timeout = 5000")
            live.backup(copy, pages=_PAGES, sleep=0.005)
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as fault:
        raise BackupRefused(f"The database cannot be copied: {fault}. Run `shopbell doctor`.") from fault
    check_database(target)


def check_database(path: Path) -> None:
    """Raise `BackupRefused` unless the file is a sound database."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            found = db.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as fault:
        raise BackupRefused(f"The database in the backup cannot be read: {fault}.") from fault
    if found is None or found[0] != "ok":
        raise BackupRefused("The database is damaged. Put back an older backup.")


def _write(contents: Contents, copy: Path, path: Path, passphrase: str, draw: Callable[[int], bytes]) -> None:
    files = {DATABASE: copy}
    for number, (name, file) in enumerate(contents.files.items()):  # copied first: somebody may edit them
        files[name] = Path(shutil.copyfile(file, copy.parent / str(number)))
    manifest = Manifest(
        made_at=contents.made_at,
        shop=contents.shop,
        version=contents.version,
        files={name: _digest(file) for name, file in files.items()},
    )
    path.touch(0o600)
    with path.open("wb") as raw:
        sealed = SealedWriter(raw, passphrase, contents.made_at, draw)
        with tarfile.open(fileobj=cast("BinaryIO", sealed), mode="w|gz") as archive:
            with tempfile.NamedTemporaryFile(dir=copy.parent) as note:
                note.write(msgspec.json.encode(manifest))
                note.flush()
                archive.add(note.name, _MANIFEST)
            for name, file in files.items():
                archive.add(file, name, recursive=False)
        sealed.finish()


@contextmanager
def _opened(path: Path, passphrase: str) -> Iterator[tuple[Manifest, Iterator[tuple[str, BinaryIO]]]]:
    """Lend the manifest and the files of a backup, in their order."""
    try:
        with path.open("rb") as raw:
            sealed = SealedReader(raw, passphrase)
            with tarfile.open(fileobj=cast("BinaryIO", sealed), mode="r|gz") as archive:
                yield _manifest(archive), _members(archive)
                sealed.read()  # to the end, or a cut in the last part would not be seen
    except (tarfile.TarError, EOFError) as fault:
        raise BackupRefused("The backup is damaged inside. Use another one.") from fault
    except OSError as fault:
        raise BackupRefused(f"{path} cannot be read: {fault.strerror or fault}.") from fault


def _manifest(archive: tarfile.TarFile) -> Manifest:
    first = archive.next()
    stream = archive.extractfile(first) if first is not None and first.name == _MANIFEST else None
    if stream is None:
        raise BackupRefused("The backup does not begin with its list of files. Use another one.")
    return msgspec.json.decode(stream.read(), type=Manifest)


def _members(archive: tarfile.TarFile) -> Iterator[tuple[str, BinaryIO]]:
    while (member := archive.next()) is not None:
        stream = archive.extractfile(member)
        name = PurePosixPath(member.name)
        if stream is None or name.is_absolute() or ".." in name.parts:
            raise BackupRefused("The backup holds something other than files of its own. Use another one.")
        yield member.name, cast("BinaryIO", stream)


def _check(manifest: Manifest, name: str, stream: BinaryIO, into: BinaryIO | None) -> None:
    digest = hashlib.sha256()
    while piece := stream.read(1 << 20):
        digest.update(piece)
        if into is not None:
            into.write(piece)
    if manifest.files.get(name) != digest.hexdigest():
        raise BackupRefused(f"{name} in the backup is not what was put into it. Use another one.")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def swap_in(fresh: Path, place: Path) -> None:
    """Put a folder in the place of another on the same disk; the other is removed."""
    old = place.with_name(f".{place.name}.{os.getpid()}.old")
    if place.exists():
        place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)
