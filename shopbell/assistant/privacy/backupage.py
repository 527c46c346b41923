"""How old the last backup is, in a sentence."""

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.doctor import Finding
from shopbell.assistant.privacy.backups import DATABASE, last_backup
from shopbell.storage.database import open_database

OLD_DAYS = 7
"""Days after which the owner is reminded."""


class BackupAge(Struct, frozen=True, kw_only=True):
    """The age of the last backup."""

    text: str
    old: bool
    """It is time for another."""


def backup_age(engine: sa.Engine, now: datetime) -> BackupAge:
    """Say when the shop was backed up last."""
    at = last_backup(engine)
    if at is None:
        return BackupAge(
            text="Never backed up. Run `shopbell backup FOLDER`, best to another disk.", old=True
        )
    days = max(0, (now - at).days)
    ago = "today" if days == 0 else "1 day ago" if days == 1 else f"{days} days ago"
    if days > OLD_DAYS:
        return BackupAge(text=f"The last backup was made {ago}. Run `shopbell backup FOLDER`.", old=True)
    return BackupAge(text=f"The last backup was made {ago}.", old=False)


def backup_finding(folder: Path, now: datetime) -> Finding:
    """Say for `doctor` when the shop whose data lies in `folder` was backed up last."""
    engine = open_database(folder / DATABASE)
    try:
        age = backup_age(engine, now)
    finally:
        engine.dispose()
    return Finding("backup", "warn" if age.old else "ok", age.text)
