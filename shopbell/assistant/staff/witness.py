"""Witness: the line in the audit log of what staff did in a conversation, in the transaction of the event."""

from collections.abc import Mapping

from sqlalchemy.engine import Connection

from shopbell.assistant import events as e
from shopbell.assistant.staff.audit import Action, AuditLog
from shopbell.assistant.store import Witness

_LINES: Mapping[type, Action] = {
    e.StaffTook: "floor-taken",
    e.StaffSaid: "staff-said",
    e.StaffLeft: "floor-returned",
    e.Ended: "conversation-ended",
    e.Whispered: "whispered",
    e.Noted: "noted",
    e.Drafted: "draft-asked",
    e.DraftJudged: "draft-judged",
    e.Recognised: "customer-recognised",
}
"""Each of these events names who did it."""


def witness(audit: AuditLog) -> Witness:
    """Return what writes the line; what customers and the house did leaves none."""

    def write(db: Connection, entry: e.Logged) -> None:
        actor, action = done(entry.event)
        if action is not None and actor:
            audit.add(db, actor, action, entry.conversation, _detail(entry.event))

    return write


def done(event: e.Event) -> tuple[str, Action | None]:
    """Return who did what; an empty name when it was nobody of the staff."""
    return getattr(event, "name", ""), _LINES.get(type(event))


def _detail(event: e.Event) -> dict[str, str | int]:
    if isinstance(event, e.Recognised):
        return {"customer": event.customer}
    if not isinstance(event, e.DraftJudged):
        return {}
    told: dict[str, str | int] = {"verdict": event.verdict}
    return {**told, "topic": event.topic} if event.topic else told
