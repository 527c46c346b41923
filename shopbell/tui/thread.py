"""Thread: one watched conversation, as a pure fold of what its stream tells."""

from bisect import bisect_left

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire

Entry = wire.Said | w.Answered | wire.FloorChanged | wire.Rated | wire.Ended | w.Private | w.Suggested
"""What stays: everything that has a `seq`."""


class Live(Struct, frozen=True):
    """A reply that is being given."""

    reply: str
    text: str = ""
    place: int = 0
    """Its place in the queue; 0 when it does not wait."""
    eta_s: float = 0.0
    """Seconds it will probably wait."""


class Thread(Struct, frozen=True):
    """One conversation: what was said, and what is being said."""

    conversation: str
    entries: tuple[Entry, ...] = ()
    seq: int = 0
    """The last one seen: watch again from here."""
    live: Live | None = None
    current: bool = False
    """All of the log is here."""
    trouble: str = ""
    """Why nothing more comes."""


def seq_of(entry: Entry) -> int:
    """Return where an entry stands in the log."""
    return entry.reply.seq if isinstance(entry, w.Answered) else entry.seq


def tell(thread: Thread, frame: w.Shown) -> Thread:
    """Return the thread after one frame; a frame that comes twice changes nothing."""
    match frame:
        case wire.Current():
            return replace(thread, current=True, trouble="")
        case wire.Trouble(text=text):
            return replace(thread, live=None, current=False, trouble=text)
        case wire.Replying(reply=reply):
            return replace(thread, live=Live(reply))
        case wire.Waiting(reply=reply, place=place, eta_s=eta_s):
            return replace(thread, live=replace(_live(thread, reply), place=place, eta_s=eta_s))
        case wire.Delta(reply=reply, text=text):
            live = _live(thread, reply)
            return replace(thread, live=replace(live, text=live.text + text, place=0))
        case _:
            return _kept(thread, frame)


def _live(thread: Thread, reply: str) -> Live:
    if thread.live is not None and thread.live.reply == reply:
        return thread.live
    return Live(reply)


def _kept(thread: Thread, entry: Entry) -> Thread:
    seq, live = seq_of(entry), thread.live
    if live is not None and isinstance(entry, w.Answered) and entry.reply.reply == live.reply:
        live = None
    if isinstance(entry, wire.Ended) or (isinstance(entry, wire.FloorChanged) and entry.holder == "staff"):
        live = None
    entries = thread.entries
    if seq > thread.seq:
        entries = (*entries, entry)
    else:
        at = bisect_left(entries, seq, key=seq_of)
        if at == len(entries) or seq_of(entries[at]) != seq:
            entries = (*entries[:at], entry, *entries[at:])
    return replace(thread, entries=entries, seq=max(seq, thread.seq), live=live)


def open_draft(thread: Thread) -> w.Suggested | None:
    """Return what is to be judged: the reply that waits longest for approval, else the newest suggestion.

    A suggestion goes stale with the next words of either side of the counter; what waits for approval is
    over with its own verdict, or when a person takes over.
    """
    ghosts: dict[str, w.Suggested] = {}
    suggestion: w.Suggested | None = None
    for entry in thread.entries:
        match entry:
            case w.Suggested(ghost=True):
                ghosts[entry.draft] = entry
            case w.Suggested():
                suggestion = entry
            case w.Private(kind="verdict", draft=draft):
                ghosts.pop(draft, None)
                suggestion = None
            case wire.FloorChanged(holder="staff") | wire.Ended():
                ghosts.clear()
            case wire.Said(who="staff") | w.Answered():
                suggestion = None
            case _:
                pass
    return next(iter(ghosts.values()), suggestion)


def answers(thread: Thread) -> tuple[w.Answered, ...]:
    """Return the assistant's replies, the oldest first."""
    return tuple(entry for entry in thread.entries if isinstance(entry, w.Answered))
