"""Messages and feedback as the console is told of them."""

from datetime import UTC, datetime, timedelta

import msgspec

from shopbell.assistant.staffwire.letters import FeedbackReport, LetterRow, LetterRows, TaskRow, ThemeRow

NOW = datetime(2026, 11, 21, 10, 24, tzinfo=UTC)
BIRTHDAY = LetterRow(
    id="a1" * 16,
    occasion="Birthday",
    customer="c0042",
    name="Niamh Fennmere",
    way="email",
    state="waiting",
    subject="Happy birthday, Niamh",
    body="Dear Niamh,\n\ntoday, 21 November, is yours. All of us wish you a good one.\n\n"
    "If you happen to come by, say hello: we would like to say it in person too.\n\nWarm wishes",
    facts={"name": "Niamh", "birthday": "21 November"},
    why="Birthday today.",
    basis="consent to marketing of 3 March 2026 (words 2026-11)",
    may_go="At once.",
    drawn_at=NOW,
    until=NOW + timedelta(hours=13),
    decided_by="",
    outcome="",
)
LETTERS = LetterRows(
    letters=(
        BIRTHDAY,
        msgspec.structs.replace(
            BIRTHDAY,
            id="b2" * 16,
            occasion="Win-back",
            name="Tom Alderwick",
            subject="Hello from Lantern Street",
            why="Came every 8 days, last on 2 October 2026: 50 days ago.",
            may_go="From 23 November, 09:00 on: quiet hours.",
        ),
        msgspec.structs.replace(
            BIRTHDAY,
            id="c3" * 16,
            occasion="Reward near",
            name="Ida Quist",
            state="sent",
            may_go="",
            why="12 points to a free drink.",
            outcome="Taken by the mail server.",
            decided_by="Anna",
        ),
        msgspec.structs.replace(
            BIRTHDAY,
            id="d4" * 16,
            occasion="Welcome",
            name="Per Holt",
            state="bounced",
            may_go="",
            why="Joined on 14 November 2026.",
            outcome="The address was refused (550, for good).",
        ),
    ),
    sends_mail=True,
)
FEEDBACK = FeedbackReport(
    tasks=(
        TaskRow(
            number=7,
            kind="call-back",
            customer="c0042",
            name="Niamh Fennmere",
            at=NOW - timedelta(days=1),
            text="Gave 2 of 5: “The coffee was cold again.”",
            reach="***123",
            conversation="5e18aa90",
        ),
    ),
    themes=(
        ThemeRow(label="The coffee was cold.", count=9, unhappy=8, happy=0, conversations=("5e18aa90",)),
        ThemeRow(label="So friendly, and quick.", count=6, unhappy=0, happy=6, conversations=("77d0bb12",)),
    ),
    days=90,
    nps="NPS: 7 of the 20 answers that are needed to say anything.",
    csat="82 % gave four or five stars (72 to 89 %), from 84.",
)
ANSWERS: dict[str, msgspec.Struct] = {
    "letters": LETTERS,
    "letters/release": BIRTHDAY,
    "letters/edit": BIRTHDAY,
    "letters/refuse": BIRTHDAY,
    "feedback": FEEDBACK,
}
