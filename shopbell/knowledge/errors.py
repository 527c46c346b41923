"""What can go wrong in the knowledge room.

KnowledgeError
├── EmbedderMissing      the embedding model's files are not there
├── BadRow               a line of an evaluation file is not of the form expected
├── ShopMissing          the folder of the shop is not there
└── FileRefused          a file of the shop cannot be used
"""

from pathlib import Path
from typing import ClassVar


class KnowledgeError(Exception):
    """Something the reader of the message can act on; `code` is stable and machine-read."""

    code: ClassVar[str] = "knowledge"


class EmbedderMissing(KnowledgeError):
    """The embedding model's files are not there."""

    code = "embedder-missing"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is missing: search needs the embedding model. "
            "Fetch it with `shopbell models fetch`, or copy it there with `shopbell models add FILE`.",
        )


class BadRow(KnowledgeError):
    """A line of an evaluation file is not of the form expected."""

    code = "bad-row"

    def __init__(self, path: Path, line: int, fault: str) -> None:
        super().__init__(f"{path}:{line}: {fault}")


class ShopMissing(KnowledgeError):
    """The shop's folder is not there."""

    code = "shop-missing"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"There is no shop at {folder}. Name its folder, or make one with `shopbell init FOLDER`."
        )


class FileRefused(KnowledgeError):
    """A file of the shop cannot be used; the message says why and what to do, the caller knows which file."""

    code = "file-refused"

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line
        """Line, row, page or paragraph; 0 for the whole file."""
