"""Transcript: one conversation as lines: both sides, what only staff sees, what is being said. Pure."""

from datetime import datetime, tzinfo

from rich.cells import cell_len

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.tui.flowing import Flowing
from shopbell.tui.rows import Piece, Row, Tone, beside, fit, paragraph, row, under
from shopbell.tui.thread import Entry, Live, Thread, seq_of

_PRIVATE = {"whisper": "whispers", "note": "notes", "verdict": "draft", "asked": "", "stayed": ""}


class Transcript:
    """Draws threads; what stands in the log is wrapped once for each width."""

    def __init__(self, zone: tzinfo | None) -> None:
        """Take the zone in which times are told; None is this machine's own."""
        self._zone = zone
        self._drawn: dict[tuple[int, str], list[Row]] = {}
        self._of = ("", 0)
        self._flowing = Flowing()

    def rows(self, thread: Thread, assistant: str, width: int, mark: int = 0) -> list[Row]:
        """Return the whole thread; the reply whose `seq` is `mark` is marked."""
        if self._of != (thread.conversation, width):
            self._of, self._drawn = (thread.conversation, width), {}
        rows: list[Row] = []
        for entry in thread.entries:
            key = (seq_of(entry), assistant)
            if key not in self._drawn:
                self._drawn[key] = self._entry(entry, assistant, width - 1)
            lead = Piece("▌", "accent") if mark == seq_of(entry) else Piece(" ")
            rows += [(lead, *line) for line in self._drawn[key]]
        rows += [(Piece(" "), *line) for line in self._live(thread.live, assistant, width - 1)]
        if thread.trouble:
            rows += paragraph(thread.trouble, width, "warn", indent=" ")
        return rows

    def _live(self, live: Live | None, assistant: str, width: int) -> list[Row]:
        if live is None:
            return []
        lead = "  ... " + fit(assistant, 10) + " "
        if live.text:
            lines = self._flowing.lines(live.reply, live.text, width - cell_len(lead) - 1)
            return under(lead, "accent", [*lines[:-1], f"{lines[-1]}▌"])
        text = "is thinking"
        if live.place:
            text = f"waits in the queue: place {live.place}, about {live.eta_s:.0f} s"
        return beside(lead, "accent", text, width, "dim")

    def _entry(self, entry: Entry, assistant: str, width: int) -> list[Row]:
        match entry:
            case wire.Said():
                return self._said(entry, width)
            case w.Answered(reply=reply):
                return [
                    *beside(self._lead(reply.at, assistant), "accent", reply.text, width),
                    row(" " * 17, Piece(_under(entry), "dim")),
                ]
            case w.Private():
                what = " ".join(part for part in (entry.name, _PRIVATE[entry.kind]) if part)
                return beside(
                    f"{self._time(entry.at)} (private) {what}: ", "private", entry.text, width, "private"
                )
            case w.Suggested():
                kind = "asks for approval" if entry.ghost else "suggests"
                lead = f"{self._time(entry.at)} (private) {assistant} {kind}: "
                return beside(lead, "private", entry.text, width, "private")
            case _:
                return [_event(entry, width)]

    def _said(self, said: wire.Said, width: int) -> list[Row]:
        if said.who == "notice":
            return beside(f"{self._time(said.at)} · ", "dim", said.text, width, "dim")
        name, tone = ("Customer", "customer") if said.who == "customer" else (said.name or "Staff", "staff")
        tones: dict[str, Tone] = {"customer": "customer", "staff": "staff"}
        return beside(self._lead(said.at, name), tones[tone], said.text, width)

    def _lead(self, at: datetime, name: str) -> str:
        return f"{self._time(at)} {fit(name, 10)} "

    def _time(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%H:%M}"


def _under(entry: w.Answered) -> str:
    reply, count = entry.reply, len(entry.reply.sources)
    parts = [reply.rung, f"{reply.timings.first_word_s:.1f} s to the first word"]
    parts += [f"{count} source{'s' if count > 1 else ''}"] if count else []
    parts += ["stopped here"] if reply.cut else []
    parts += ["did not help"] if entry.failed else []
    return "└ " + " · ".join(parts)


def _event(entry: Entry, width: int) -> Row:
    match entry:
        case wire.FloorChanged(holder="assistant"):
            text = "The assistant answers"
        case wire.FloorChanged(holder="waiting"):
            text = "Waits for a person"
        case wire.FloorChanged(name=name):
            text = f"{name or 'Staff'} answers"
        case wire.Rated(stars=stars) if stars:
            text = f"{stars} of 5 stars"
        case wire.Rated(helpful=helpful):
            text = "Thumb up" if helpful else "Thumb down"
        case _:
            text = "The conversation is over"
    side = max(2, (width - len(text) - 2) // 2)
    return row(Piece("─" * side, "dim"), Piece(f" {text} ", "strong"), Piece("─" * side, "dim"))
