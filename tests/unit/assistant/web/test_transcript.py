"""The transcript a customer keeps."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shopbell.assistant import wire
from shopbell.assistant.web.transcript import transcript

AT = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)


def test_a_transcript_names_who_said_what_and_when() -> None:
    """Customer, assistant and staff are told apart, with the shop's own time and the sources."""
    frames: list[wire.ServerFrame] = [
        wire.Said(seq=1, who="customer", text="Open on Sunday?", at=AT),
        wire.Replied(
            seq=2,
            reply="r",
            text="From 09:00.",
            rung="faq",
            at=AT,
            cut=True,
            sources=(wire.Source(id="1", title="Opening hours", text="..."),),
        ),
        wire.FloorChanged(seq=3, holder="staff", name="Sam"),
        wire.Said(seq=4, who="notice", text="Sam has joined.", at=AT),
        wire.Said(seq=5, who="staff", text="Hello!", at=AT, name="Sam"),
        wire.Ended(seq=6),
        wire.Current(seq=6),
    ]
    text = transcript(frames, shop="Lantern Street", assistant="Wick", zone=ZoneInfo("Europe/London"))
    assert text.split("\n\n") == [
        "Conversation with Lantern Street\nTimes are Europe/London.",
        "[2026-07-01 10:30] You: Open on Sunday?",
        "[2026-07-01 10:30] Wick (AI): From 09:00. [stopped]\n    Source: Opening hours",
        "[2026-07-01 10:30] — Sam has joined.",
        "[2026-07-01 10:30] Sam (staff): Hello!",
        "— The conversation was ended.\n",
    ]
