"""Patron: the counter card as lines, each with the key by which it is picked, or none. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

from msgspec import Struct

from shopbell.assistant import staffwire as w
from shopbell.tui.rows import Piece, Row, Tone, beside, fit, paragraph, row
from shopbell.tui.state import tag

Line = tuple[Row, str]
"""A row and its key."""
_LEAD = 12
_SECRETS: Mapping[w.Secret, str] = {"phone": "Phone", "email": "E-mail", "birthday": "Birthday"}


class Sight(Struct, frozen=True):
    """What the card is shown with."""

    width: int
    zone: tzinfo | None
    shown: Mapping[w.Secret, str] = {}
    """What was revealed of this customer since the card was opened."""
    handed: w.HoldRow | None = None
    """The reward that was handed out last and can still be undone."""
    talking: w.Card | None = None
    """The conversation on the screen before."""


def card_lines(patron: w.Patron, sight: Sight) -> list[Line]:
    """Return what can be acted on: who it is, what they have, complaints, rewards."""
    return [
        *_head(patron, sight),
        *_secrets(patron, sight),
        *_purses(patron, sight.width),
        *_complaints(patron, sight.width),
        *_rewards(patron, sight),
        *_merges(patron, sight.width),
    ]


def beside_lines(patron: w.Patron, width: int) -> list[Line]:
    """Return what is only to be read: visits, the usual order, consents."""
    usual = ", ".join(patron.usual) or "no habit yet"
    rows = [row(), row(Piece(" The usual", "strong")), *paragraph(usual, width, indent="  ")]
    rows += [row(), row(Piece(" Last visits", "strong"), Piece("" if patron.visits else "  none", "dim"))]
    for visit in patron.visits[:10]:
        lead = f"  {visit.day:%d %b %y}  {visit.amount:>8}  "
        rows += beside(lead, "dim", ", ".join(visit.things), width)
    rows += [row(), row(Piece(" Agreed to", "strong"), Piece("" if patron.consents else "  nothing", "dim"))]
    for consent in patron.consents:
        word = Piece("  yes  ", "good") if consent.given else Piece("  no   ", "warn")
        rows.append(row(word, consent.purpose, Piece(f"  since {consent.day:%d %b %y}", "dim")))
    return [(line, "") for line in rows]


def found_lines(rows: w.CustomerRows, width: int) -> list[Line]:
    """Return customers that were found."""
    if not rows.rows:
        return _still(paragraph("Nobody was found. Try a part of the name, or the last four digits.", width))
    lines: list[Line] = []
    for one in rows.rows:
        last = f"{one.last_visit:%d %b %y}" if one.last_visit else "no visit"
        cells = (fit(one.name, max(14, width - 56)), f"{one.tier[:10]:<10}", f"{one.points:>6,} p")
        tail = Piece(f"  {fit(one.phone, 7)} {fit(one.email, 9)} {last}", "dim")
        lines.append((row(" ", Piece("  ".join(cells)), tail), f"customer:{one.customer}"))
    if rows.more:
        lines += _still(paragraph("There are more. Say more of the name.", width, "dim", indent=" "))
    return lines


def request_lines(requests: w.Requests, me: str, width: int, zone: tzinfo | None) -> list[Line]:
    """Return what waits for a second person."""
    lines = _still([row(Piece(" Goodwill that waits for a second person", "strong")), row()])
    if not requests.requests:
        lines += _still(paragraph("Nothing waits.", width, "dim", indent=" "))
    for one in requests.requests:
        own = "  you asked: somebody else decides" if one.by == me else ""
        lead = f" {one.points:>6,} points  "
        lines.append(
            (
                row(Piece(lead, "accent"), Piece(one.name, "strong"), Piece(own, "dim")),
                f"request:{one.request}",
            )
        )
        who = f"{one.by}, {one.at.astimezone(zone):%d %b %H:%M}: {one.reason}"
        lines += _still(paragraph(who, width - 2, indent="  "))
    return lines


def preview_text(preview: w.MergePreview) -> str:
    """Return what joining two records would bring, as a question."""
    joined = "\n".join(f"  {one.name}: {one.amount}" for one in preview.joined)
    ends = f"\nConsents that end: {', '.join(preview.withdrawn)}." if preview.withdrawn else ""
    return (
        f"Join {_named(preview.source)}\ninto {_named(preview.target)}?\n\n"
        f"The one record would have\n{joined}\n“{preview.standing}”{ends}\n\n"
        "It can be undone on the card of the one that remains."
    )


def _named(one: w.CustomerRow) -> str:
    told = " ".join(part for part in (one.phone, one.email) if part)
    return f"{one.name} ({one.customer}, {one.points:,} points{', ' if told else ''}{told})"


def _head(patron: w.Patron, sight: Sight) -> list[Line]:
    star = Piece(" ★", "accent") if patron.vip else Piece("")
    since = f"  member since {patron.member_since:%d %b %Y}" if patron.member_since else ""
    rows = [
        row(
            Piece(f" {patron.name}", "strong"),
            Piece(f"  {patron.tier}", "accent"),
            star,
            Piece(f"  {patron.customer}{since}", "dim"),
        ),
        *(paragraph(f"“{patron.standing}”", sight.width - 1, "dim", indent=" ") if patron.standing else []),
    ]
    card = sight.talking
    if card is not None and card.customer == patron.customer:
        rows.append(row(Piece(f" In conversation {tag(card.conversation)} ({card.known})", "good")))
    if sight.handed is not None:
        until = f"{sight.handed.until.astimezone(sight.zone):%H:%M}"
        text = f"Handed out to {sight.handed.name}: {sight.handed.reward}. Until {until}, u takes it back."
        rows += paragraph(text, sight.width - 1, "good", indent=" ")
    return _still([*rows, row()])


def _secrets(patron: w.Patron, sight: Sight) -> list[Line]:
    lines: list[Line] = []
    for field, label in _SECRETS.items():
        masked: str = getattr(patron, field)
        text = sight.shown.get(field) or masked or "not known"
        note = _birthday(patron.birthday_in) if field == "birthday" else ""
        ask = "" if field in sight.shown or not masked else "   Enter shows it"
        line = row(Piece(f" {label:<{_LEAD}}", "dim"), text, Piece(note, "accent"), Piece(ask, "dim"))
        lines.append((line, f"secret:{field}" if masked else ""))
    return lines


def _birthday(days: int | None) -> str:
    if days is None or days > 14:  # noqa: PLR2004 - two weeks
        return ""
    return "  today!" if days == 0 else "  tomorrow" if days == 1 else f"  in {days} days"


def _purses(patron: w.Patron, width: int) -> list[Line]:
    rows: list[Row] = []
    for purse in patron.purses:
        note = f"  ({purse.note})" if purse.note else ""
        rows += beside(f" {fit(purse.name, _LEAD)}", "dim", purse.amount + note, width)
    return _still(rows)


def _complaints(patron: w.Patron, width: int) -> list[Line]:
    lines: list[Line] = []
    for one in patron.complaints:
        wants = f" Wants: {one.wanted}" if one.wanted else ""
        first, *rest = beside(f" Complaint {one.day:%d %b}  ", "urgent", one.text + wants, width)
        lines += [(first, f"complaint:{one.number}"), *_still(rest)]
    return [*_still([row()]), *lines] if lines else []


def _rewards(patron: w.Patron, sight: Sight) -> list[Line]:
    none = Piece("" if patron.holds or patron.rewards else "  none", "dim")
    lines = _still([row(), row(Piece(" Rewards", "strong"), none)])
    for held in patron.holds:
        until = f"{held.until.astimezone(sight.zone):%H:%M}"
        text = f"{held.reward}: set aside until {until}"
        lines.append(
            (row(Piece("  ◆ ", "accent"), text, Piece("   Enter hands it out", "dim")), f"hold:{held.hold}")
        )
    for one in patron.rewards:
        cost = f"{one.cost:,} points" if one.cost else "given"
        tone: Tone = "" if one.can else "dim"
        lead = row(
            "  ", Piece(fit(one.name, max(16, min(40, sight.width - 30))), tone), Piece(f" {cost}", "dim")
        )
        lines.append((lead, f"reward:{one.reward}" if one.can else ""))
    return lines


def _merges(patron: w.Patron, width: int) -> list[Line]:
    if not patron.merges:
        return []
    lines = _still([row(), row(Piece(" Joined to this record", "strong"))])
    for one in patron.merges:
        text = fit(f"{one.name} ({one.source}), {one.day:%d %b %y} by {one.by}", max(20, width - 24))
        lines.append((row("  ", text, Piece(" Enter parts them", "dim")), f"merge:{one.merge}"))
    return lines


def _still(rows: Iterable[Row]) -> list[Line]:
    return [(line, "") for line in rows]


def undoable(held: w.HoldRow | None, now: datetime) -> w.HoldRow | None:
    """Return the reward that was handed out, as long as it can be undone."""
    return held if held is not None and held.state == "redeemed" and now < held.until else None
