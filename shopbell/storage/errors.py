"""What can go wrong where things are kept.

StorageError
|- ArchiveRefused    an office document is no harmless zip file
|- BackupRefused     a backup cannot be made, read or put back
|- DatabaseRefused   the file cannot be opened as the shop needs it
|- SharedWriteLost   the database undid what several writers wrote together
|- WorkerClosed      work was given to a worker that has stopped
"""


class StorageError(Exception):
    """Something about keeping data went wrong; `code` is stable, the message is for the owner."""

    code = "storage"


class ArchiveRefused(StorageError):
    """An office document is damaged, locked, or packed as none would be."""

    code = "storage.archive_refused"


class BackupRefused(StorageError):
    """A backup cannot be made, is damaged, or does not open with the passphrase."""

    code = "storage.backup_refused"


class DatabaseRefused(StorageError):
    """The database cannot be opened with the guarantees the shop relies on."""

    code = "storage.database_refused"


class SharedWriteLost(StorageError):
    """The database undid the transaction that several writers shared; nothing of it was written."""

    code = "storage.shared_write_lost"


class WorkerClosed(StorageError):
    """The worker has been closed and takes no more work."""

    code = "storage.worker_closed"
