"""Problems: what the owner should know about the shop's files, and where."""

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How much a problem matters."""

    ERROR = "error"
    """Something is not published, or only its old version is."""
    WARNING = "warning"
    """It is published but customers may get a wrong or old answer."""
    NOTICE = "notice"
    """Good to know; nothing need be done."""


class Problem(Struct, frozen=True, kw_only=True):
    """One thing about one place in the shop's files."""

    severity: Severity
    path: str
    """Path inside the shop's folder."""
    line: int
    """Line of a text, row of a table, page of a PDF, paragraph of a DOCX; from 1. 0: the whole file."""
    message: str
    """What is wrong and what to do, in words for the owner."""

    @property
    def place(self) -> str:
        """Path and line as `faq/returns.md:12`."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class Notes:
    """Collects the problems of one file while it is read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._problems: list[Problem] = []

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that was noted, in order."""
        return tuple(self._problems)

    def error(self, line: int, message: str) -> None:
        """Note that something is left out."""
        self._note(Severity.ERROR, line, message)

    def warning(self, line: int, message: str) -> None:
        """Note that something published may mislead."""
        self._note(Severity.WARNING, line, message)

    def notice(self, line: int, message: str) -> None:
        """Note something the owner may like to know."""
        self._note(Severity.NOTICE, line, message)

    def _note(self, severity: Severity, line: int, message: str) -> None:
        self._problems.append(Problem(severity=severity, path=self.path, line=line, message=message))
