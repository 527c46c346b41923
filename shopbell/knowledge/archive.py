"""Archives of the shop's folder: the check of the storage room, with this room's error."""

from shopbell.knowledge.errors import FileRefused
from shopbell.storage import archive
from shopbell.storage.errors import ArchiveRefused


def check_archive(data: bytes, *, holds: str) -> None:
    """Raise `FileRefused` unless `data` is a harmless zip file with a part named `holds`."""
    try:
        archive.check_archive(data, holds=holds)
    except ArchiveRefused as fault:
        raise FileRefused(str(fault)) from fault
