"""A conversation as plain text, for the customer to keep. Pure."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from shopbell.assistant import wire


def transcript(frames: Iterable[wire.ServerFrame], *, shop: str, assistant: str, zone: ZoneInfo) -> str:
    """Return what was said, by whom and when (in the shop's time), one message a paragraph."""
    parts = [f"Conversation with {shop}\nTimes are {zone.key}."]
    told = list(frames)
    # A spoken reply that was cut off comes twice; what was heard of it counts.
    last = {frame.reply: frame.seq for frame in told if isinstance(frame, wire.Replied) and frame.reply}
    for frame in told:
        match frame:
            case wire.Said(who="notice", text=text, at=at):
                parts.append(f"[{_clock(at, zone)}] — {text}")
            case wire.Said(text=text, at=at) as said:
                parts.append(f"[{_clock(at, zone)}] {_speaker(said)}: {text}")
            case wire.Replied() as reply if last.get(reply.reply, reply.seq) == reply.seq:
                parts.append(_replied(reply, assistant, zone))
            case wire.Ended():
                parts.append("— The conversation was ended.")
            case _:
                continue
    return "\n\n".join(parts) + "\n"


def _speaker(said: wire.Said) -> str:
    return "You" if said.who == "customer" else f"{said.name or 'Staff'} (staff)"


def _replied(reply: wire.Replied, assistant: str, zone: ZoneInfo) -> str:
    stopped = " [stopped]" if reply.cut else ""
    line = f"[{_clock(reply.at, zone)}] {assistant} (AI): {reply.text}{stopped}"
    titles = ", ".join(source.title for source in reply.sources)
    return f"{line}\n    Source: {titles}" if titles else line


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
