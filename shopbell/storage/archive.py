"""Archives: XLSX and DOCX are zip files, and are weighed before anything is unpacked."""

import io
import zipfile

from shopbell.storage.errors import ArchiveRefused

MAX_PARTS = 2_000
"""Files inside one document at most."""
MAX_UNPACKED = 64_000_000
"""Bytes of all parts together at most."""
MAX_RATIO = 200
"""Times a large part may be smaller packed; honest XML reaches about 30."""
_LARGE = 1_000_000
"""Bytes below which the ratio says nothing."""

_DECLARATIONS = tuple(
    mark.encode(code) for mark in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
)


def check_archive(data: bytes, *, holds: str) -> None:
    """Raise `ArchiveRefused` unless `data` is a harmless zip file with a part named `holds`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_sizes(archive.infolist())
            if holds not in archive.namelist():
                raise ArchiveRefused(
                    "This is not the kind of document its name says. Save it again from your office."
                )
            for part in archive.infolist():
                _check_markup(part.filename, archive.read(part))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as fault:
        # zipfile raises RuntimeError for encrypted parts and NotImplementedError for rare packings
        raise ArchiveRefused(
            "The document is damaged or locked with a password. Save it again without one."
        ) from fault


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise ArchiveRefused("The document unpacks to far more than a shop would write, and is not opened.")
    for part in parts:
        if part.file_size > _LARGE and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise ArchiveRefused(
                f"The part {part.filename[:60]} is packed suspiciously small, and is not opened."
            )


def _check_markup(name: str, content: bytes) -> None:
    if name.lower().endswith((".xml", ".rels")) and any(mark in content for mark in _DECLARATIONS):
        raise ArchiveRefused(
            f"The part {name[:60]} declares entities, which office documents never do. Not opened."
        )
