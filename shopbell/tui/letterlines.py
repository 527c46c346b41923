"""Lines of the letters screen: lists and the message under the cursor. Pure."""

from collections.abc import Iterator
from datetime import tzinfo

from msgspec import Struct

from shopbell.assistant.staffwire.letters import FeedbackReport, LetterRow, LetterRows, TaskRow, ThemeRow
from shopbell.tui.rows import Piece, Row, Tone, fit, paragraph, row

Line = tuple[Row, str]
"""A row and its key; empty: it cannot be picked."""
OPEN = ("waiting", "released", "sending")
"""States of a message that has yet to go."""
_TONES: dict[str, Tone] = {
    "waiting": "warn",
    "released": "accent",
    "sent": "good",
    "shown": "good",
    "bounced": "urgent",
    "unsure": "urgent",
    "failed": "urgent",
}
_MOST_OVER = 20


class Shelf(Struct, frozen=True):
    """What the server told; no letters for who may not read them."""

    letters: LetterRows | None
    feedback: FeedbackReport

    def letter(self, key: str) -> LetterRow | None:
        """Return the letter a key stands for."""
        kind, _, name = key.partition(":")
        rows = self.letters.letters if self.letters is not None and kind == "letter" else ()
        return next((one for one in rows if one.id == name), None)


def listing(shelf: Shelf | None, trouble: str, width: int) -> list[Line]:
    """Return the lines of the list."""
    if shelf is None:
        tone: Tone = "warn" if trouble else "dim"
        return [(line, "") for line in paragraph(trouble or "One moment ...", width, tone, indent=" ")]
    lines = [(line, "") for line in paragraph(trouble, width, "warn", indent=" ")] if trouble else []
    if shelf.letters is not None:
        lines += _letters(shelf.letters, width)
    tasks, said = shelf.feedback.tasks, shelf.feedback
    lines += [_title("To call or to see to", len(tasks), "Nobody.")]
    for task in tasks:
        who = fit(task.name or "nobody known", 18)
        lines.append(
            (row(Piece(f"  {who} ", "customer"), fit(task.text, max(10, width - 24))), f"task:{task.number}")
        )
    lines += [
        (row(), ""),
        _title(f"What customers spoke of in {said.days} days", len(said.themes), "Nothing yet."),
    ]
    lines += [
        (line, "") for text in (said.nps, said.csat) for line in paragraph(text, width, "dim", indent="  ")
    ]
    for number, theme in enumerate(said.themes):
        lead = f"{theme.count:>4} x  "
        mood = f"  {theme.unhappy} unhappy, {theme.happy} happy"
        text = fit(theme.label, max(10, width - len(lead) - len(mood) - 1))
        lines.append((row(Piece(lead, "accent"), text, Piece(mood, "dim")), f"theme:{number}"))
    return lines


def _letters(found: LetterRows, width: int) -> Iterator[Line]:
    waiting = [one for one in found.letters if one.state in OPEN]
    over = [one for one in found.letters if one.state not in OPEN][:_MOST_OVER]
    for title, rows, none in (
        ("Messages to release", waiting, "None waits."),
        ("Lately", over, "None went yet."),
    ):
        yield _title(title, len(rows), none)
        for one in rows:
            lead = row(
                Piece(f"  {fit(one.state, 9)}", _TONES.get(one.state, "dim")),
                fit(one.occasion, 18),
                fit(one.name, 16),
            )
            yield row(*lead, " ", Piece(fit(one.why, max(10, width - 48)), "dim")), f"letter:{one.id}"
        yield row(), ""


def about(shelf: Shelf | None, key: str, width: int, zone: tzinfo | None) -> list[Row]:
    """Return what is said of the line under the cursor."""
    if shelf is None:
        return []
    letter = shelf.letter(key)
    if letter is not None:
        return _letter(letter, width, zone)
    kind, _, name = key.partition(":")
    if kind == "task":
        return [
            line for task in shelf.feedback.tasks if str(task.number) == name for line in _task(task, width)
        ]
    if kind == "theme" and int(name) < len(shelf.feedback.themes):
        return _theme(shelf.feedback.themes[int(name)], width)
    return []


def _letter(one: LetterRow, width: int, zone: tzinfo | None) -> list[Row]:
    way = "By e-mail" if one.way == "email" else "When the customer signs in"
    lines = [row(Piece(f"{way}, until {one.until.astimezone(zone):%-d %B %Y}", "strong"))]
    lines += paragraph(one.may_go or one.outcome or one.state, width, "warn" if one.may_go else "dim")
    lines += [*paragraph(one.why, width, "dim"), row(), *paragraph(one.subject, width, "strong"), row()]
    lines += paragraph(one.body, width)
    facts = ", ".join(f"{name} {value}" for name, value in one.facts.items())
    lines += [row(), *paragraph(f"Looked up: {facts}", width, "dim")]
    basis = one.basis or "none that holds now"
    return [*lines, *paragraph(f"Basis: {basis}", width, "dim")]


def _task(task: TaskRow, width: int) -> list[Row]:
    reach = f"Reach: {task.reach}" if task.reach else "No number is known."
    lines = [row(Piece(task.name or "Nobody known", "strong")), *paragraph(task.text, width)]
    talk = f"Conversation {task.conversation[:8]}, {task.at:%-d %B %Y}"
    return [*lines, *paragraph(reach, width, "accent"), *paragraph(talk, width, "dim")]


def _theme(theme: ThemeRow, width: int) -> list[Row]:
    talks = ", ".join(name[:8] for name in theme.conversations)
    lines = paragraph(f"“{theme.label}”", width)
    return [*lines, *paragraph(f"In the conversations {talks}", width, "dim")]


def _title(text: str, count: int, none: str) -> Line:
    tail = Piece(f"  {count}", "accent") if count else Piece(f"  {none}", "dim")
    return row(Piece(f" {text}", "strong"), tail), ""
