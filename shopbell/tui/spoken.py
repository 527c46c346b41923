"""Spoken: a customer's card and messages in whole sentences, for who hears the console. Pure."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from shopbell.assistant import staffwire as w
from shopbell.assistant.staffwire.letters import FeedbackReport, LetterRow

VISITS = 5
"""Visits that are read out."""


def patron_lines(patron: w.Patron, zone: tzinfo | None) -> list[str]:
    """Return the card, one thing a line."""
    vip = ", of the highest level" if patron.vip else ""
    lines = [f"{patron.name}, {patron.tier or 'no level'}{vip}, number {patron.customer}."]
    lines += [patron.standing] if patron.standing else []
    lines += [f"{name}: {text}." for name, text in _masked(patron) if text]
    lines += [f"{one.name}: {one.amount}{f', {one.note}' if one.note else ''}." for one in patron.purses]
    for told in patron.complaints:
        wants = f" Wants: {told.wanted}." if told.wanted else ""
        lines.append(f"Open complaint of {told.day:%d %B}: {told.text}{wants}")
    lines += [f"Set aside until {one.until.astimezone(zone):%H:%M}: {one.reward}." for one in patron.holds]
    can = [
        f"{one.name}{f' for {one.cost:,} points' if one.cost else ''}" for one in patron.rewards if one.can
    ]
    lines.append(f"Can have: {'; '.join(can)}." if can else "No reward can be had now.")
    lines.append(f"The usual: {', '.join(patron.usual) or 'no habit yet'}.")
    lines += [
        f"Visit of {one.day:%d %B %Y}, {one.amount}: {', '.join(one.things)}."
        for one in patron.visits[:VISITS]
    ]
    agreed = [f"{one.purpose}: {'yes' if one.given else 'no'}" for one in patron.consents]
    return [*lines, f"Agreed to: {', '.join(agreed) or 'nothing'}."]


def _masked(patron: w.Patron) -> list[tuple[str, str]]:
    days = patron.birthday_in
    soon = "" if days is None else " is today" if days == 0 else f", in {days} days"
    return [
        ("Phone", patron.phone),
        ("E-mail", patron.email),
        ("Birthday", patron.birthday and patron.birthday + soon),
    ]


def found_lines(rows: w.CustomerRows) -> list[str]:
    """Return customers that were found, numbered."""
    lines = [f"{len(rows.rows)} found. Say customer and the number." if rows.rows else "Nobody was found."]
    for number, one in enumerate(rows.rows, 1):
        told = ", ".join(part for part in (one.tier, f"{one.points:,} points", one.phone, one.email) if part)
        lines.append(f"{number}. {one.name}: {told}")
    return [*lines, "There are more: say more of the name."] if rows.more else lines


def waiting_lines(
    letters: Sequence[LetterRow] | None, feedback: FeedbackReport, zone: tzinfo | None
) -> Iterator[str]:
    """Return what waits to be released or to be called, numbered; None: messages are not for this reader."""
    if letters is not None:
        many = f"{len(letters)} to release. Say letter and the number."
        yield many if letters else "No message waits."
        for number, one in enumerate(letters, 1):
            yield f"{number}. {one.occasion} for {one.name}, {one.state}. {one.why}"
    many = f"{len(feedback.tasks)} to call. When one was seen to, say done and the number."
    yield many if feedback.tasks else "Nobody is to be called."
    for number, task in enumerate(feedback.tasks, 1):
        who = f"{task.name or 'Nobody known'}, {task.at.astimezone(zone):%-d %B}"
        yield f"{number}. {who}: {task.text} Reach: {task.reach or 'no number is known'}."
    yield from (feedback.nps, feedback.csat)
    for theme in feedback.themes:
        yield f"{theme.count} times, {theme.unhappy} unhappy, {theme.happy} happy: {theme.label}"


def letter_lines(one: LetterRow, zone: tzinfo | None) -> list[str]:
    """Return a message as it would go, one thing a line."""
    way = "by e-mail" if one.way == "email" else "when they sign in"
    facts = ", ".join(f"{name} {value}" for name, value in one.facts.items())
    body = [line for line in one.body.splitlines() if line.strip()]
    return [
        f"{one.occasion} for {one.name}, {way}, until {one.until.astimezone(zone):%-d %B %Y}. {one.may_go}",
        f"Why: {one.why}",
        f"Subject: {one.subject}",
        *body,
        f"End of the message. Looked up: {facts or 'nothing'}.",
        f"Basis: {one.basis or 'none that holds now'}.",
    ]
