import io
import zipfile

import pytest

from shopbell.storage.archive import check_archive
from shopbell.storage.errors import ArchiveRefused


def packed(**parts: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_an_honest_document_passes() -> None:
    """A zip file with the needed part and modest sizes is opened."""
    check_archive(packed(need=b"<a/>"), holds="need")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (packed(need=b"", bomb=b"\0" * 30_000_000), "suspiciously small"),
        (packed(other=b""), "not the kind of document"),
        (b"PK\x03\x04", "damaged"),
    ],
)
def test_bombs_and_ruins_are_refused(data: bytes, words: str) -> None:
    """They are told by their index, before anything is unpacked."""
    with pytest.raises(ArchiveRefused, match=words):
        check_archive(data, holds="need")
