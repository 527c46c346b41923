"""From the log to the wire: what a customer may see of an event."""

from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.known import Known

CUT_OFF = "It was stopped here; this much of it was heard."
CLOSED = "(What stood here is yours alone. Sign in to see it again.)"


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
        case e.CutOff(reply=reply_id, text=text, rung=rung):
            return wire.Replied(seq=seq, reply=reply_id, text=text, rung=rung, at=at, cut=True, why=CUT_OFF)
        case e.Drafted(ghost=True, draft=reply_id, until=until):
            return wire.Checking(seq=seq, reply=reply_id, until=until)
        case e.PersonWanted() | e.StaffTook() | e.StaffLeft() as moved:
            return _floor(seq, moved, presence)
        case e.Rated(reply=reply_id, helpful=helpful):
            return wire.Rated(seq=seq, reply=reply_id, helpful=helpful)
        case e.Starred(stars=stars):
            return wire.Rated(seq=seq, stars=stars)
        case e.Recognised(customer=customer, level=level) if level != "claimed":
            # What is only claimed is not shown: it would tell which numbers are known here.
            return wire.Identity(seq=seq, level=level if customer else "anonymous")
        case e.Ended():
            return wire.Ended(seq=seq)
        case _:  # what is for staff alone; a test names every event that customers see
            return None


def closed_to(known: Known | None, entry: e.Logged) -> e.Logged:
    """Return the entry as whoever is known here may see it: a private reply is its own customer's alone."""
    event = entry.event
    if not isinstance(event, e.Replied) or not event.private:
        return entry
    if known is not None and known.is_verified and known.customer == event.private:
        return entry
    return replace(entry, event=replace(event, text=CLOSED, why="", sources=(), trace=()))


def _floor(
    seq: int, moved: e.PersonWanted | e.StaffTook | e.StaffLeft, presence: wire.Presence
) -> wire.FloorChanged:
    match moved:
        case e.StaffTook(name=name):
            return wire.FloorChanged(seq=seq, holder="staff", name=name)
        case e.StaffLeft(waiting=False):
            return wire.FloorChanged(seq=seq, holder="assistant")
        case _:
            return wire.FloorChanged(seq=seq, holder="waiting", presence=presence)


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
        ends=reply.ends,
        private=bool(reply.private),
        timings=reply.timings,
    )
