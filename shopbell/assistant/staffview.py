"""From the log to the console: what staff sees of an event, which is everything."""

from shopbell.assistant import events as e
from shopbell.assistant import staffwire, wire
from shopbell.assistant.frames import frame

_VERDICTS = {
    "accepted": "said as drafted",
    "edited": "said after editing",
    "rejected": "not said",
    "lapsed": "nobody judged it in time",
}


def staff_frame(entry: e.Logged, presence: wire.Presence) -> staffwire.Shown | None:
    """Return the console's view of a logged event; None for one that shows nothing."""
    match entry.event:
        case e.Whispered(name=name, text=text):
            return _private(entry, "whisper", name, text)
        case e.Noted(name=name, text=text):
            return _private(entry, "note", name, text)
        case e.DraftJudged(name=name, verdict=verdict, draft=draft_id):
            return _private(entry, "verdict", name, _VERDICTS[verdict], draft_id)
        case e.StaffAsked():
            return _private(entry, "asked", "", "asked whether somebody is still there")
        case e.StaffStayed():
            return _private(entry, "stayed", "", "is still there")
        case e.Drafted() as draft:
            return staffwire.Suggested(
                seq=entry.seq,
                draft=draft.draft,
                text=draft.text,
                rung=draft.rung,
                sources=draft.sources,
                at=entry.at,
                ghost=draft.ghost,
                topic=draft.topic,
                until=draft.until,
            )
    return shown(frame(entry, presence), entry.event)


def shown(seen: wire.ServerFrame | None, event: e.Event | None = None) -> staffwire.Shown | None:
    """Return a customer's frame as staff sees it, with what stands behind a reply."""
    if isinstance(seen, wire.Replied):
        if isinstance(event, e.Replied):
            return staffwire.Answered(
                reply=seen, trace=event.trace, subject=event.subject, failed=event.failed
            )
        return staffwire.Answered(reply=seen)
    return None if isinstance(seen, wire.Welcome | wire.Checking | wire.Identity) else seen


def _private(
    entry: e.Logged, kind: staffwire.PrivateKind, name: str, text: str, draft: str = ""
) -> staffwire.Private:
    return staffwire.Private(seq=entry.seq, kind=kind, name=name, text=text, at=entry.at, draft=draft)
