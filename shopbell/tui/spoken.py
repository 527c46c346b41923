"""Spoken: a customer's card in whole sentences, for who hears the console. Pure."""

from datetime import tzinfo

from shopbell.assistant import staffwire as w

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
