"""Forms of `/api/staff/audit`: what somebody did, and whether the log of it holds."""

from msgspec import Struct


class AuditRow(Struct, frozen=True, kw_only=True):
    """Something that somebody did."""

    seq: int
    at: str
    """ISO 8601, in UTC."""
    actor: str
    action: str
    target: str = ""
    detail: str = ""


class AuditPage(Struct, frozen=True, kw_only=True):
    """Entries of the audit log, newest first."""

    rows: tuple[AuditRow, ...]


class AuditProof(Struct, frozen=True, kw_only=True):
    """Whether the chain of the audit log holds."""

    holds: bool
    entries: int
    text: str
