"""Witness: the line in the audit log of what was done in a conversation, in the transaction of the event.

By staff; by the assistant, once a customer had said yes; and what a customer wrote as a call of a program,
which nothing carries out.
"""

from collections.abc import Mapping

from sqlalchemy.engine import Connection

from shopbell.assistant import events as e
from shopbell.assistant.staff.audit import Action, AuditLog
from shopbell.assistant.store import Witness
from shopbell.assistant.toolcalls import shape

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
ASSISTANT, CUSTOMER = "assistant", "customer"
"""Who did what no member of staff did."""


def witness(audit: AuditLog) -> Witness:
    """Return what writes the line; other things that customers and the house do leave none."""

    def write(db: Connection, entry: e.Logged) -> None:
        actor, action = done(entry.event)
        if action is not None and actor:
            audit.add(db, actor, action, entry.conversation, _detail(entry.event))

    return write


def done(event: e.Event) -> tuple[str, Action | None]:
    """Return who did what; an empty name when it is nothing that is written down."""
    if isinstance(event, e.Did):
        return ASSISTANT, "deed-done" if event.outcome == "done" else "deed-refused"
    if isinstance(event, e.CustomerSaid):
        return CUSTOMER, "call-ignored" if shape(event.text) else None
    return getattr(event, "name", ""), _LINES.get(type(event))


def _detail(event: e.Event) -> dict[str, str | int]:
    if isinstance(event, e.Recognised):
        return {"customer": event.customer}
    if isinstance(event, e.Did):
        return {"flow": event.flow}
    if isinstance(event, e.CustomerSaid):
        return {"shape": shape(event.text)}
    if not isinstance(event, e.DraftJudged):
        return {}
    told: dict[str, str | int] = {"verdict": event.verdict}
    return {**told, "topic": event.topic} if event.topic else told
