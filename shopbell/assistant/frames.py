"""From the log to the wire: what a customer may see of an event."""

from shopbell.assistant import events as e
from shopbell.assistant import wire


def frame(entry: e.Logged, presence: wire.Presence) -> wire.ServerFrame | None:
    """Return the customer's view of a logged event, or None when it is not for the customer's eyes."""
    seq, at = entry.seq, entry.at
    match entry.event:
        case e.CustomerSaid(text=text, key=key):
            return wire.Said(seq=seq, who="customer", text=text, at=at, key=key)
        case e.StaffSaid(text=text, name=name):
            return wire.Said(seq=seq, who="staff", text=text, at=at, name=name)
        case e.Noticed(text=text):
            return wire.Said(seq=seq, who="notice", text=text, at=at)
        case e.Replied() as reply:
            return _replied(entry, reply)
        case e.PersonWanted():
            return wire.FloorChanged(seq=seq, holder="waiting", presence=presence)
        case e.StaffTook(name=name):
            return wire.FloorChanged(seq=seq, holder="staff", name=name)
        case e.StaffLeft(waiting=waiting):
            holder: wire.Holder = "waiting" if waiting else "assistant"
            return wire.FloorChanged(seq=seq, holder=holder, presence=presence if waiting else None)
        case e.Rated(reply=reply_id, helpful=helpful):
            return wire.Rated(seq=seq, reply=reply_id, helpful=helpful)
        case e.Starred(stars=stars):
            return wire.Rated(seq=seq, stars=stars)
        case e.Ended():
            return wire.Ended(seq=seq)
        case _:  # what is for staff alone; a test names every event that customers see
            return None


def _replied(entry: e.Logged, reply: e.Replied) -> wire.Replied:
    return wire.Replied(
        seq=entry.seq,
        reply=reply.reply,
        text=reply.text,
        rung=reply.rung,
        at=entry.at,
        sources=reply.sources,
        why=reply.why,
        cut=reply.cut,
        offer_person=reply.offer_person,
        timings=reply.timings,
    )
