"""Expiry: facts that hold only until a day retire themselves, and are announced beforehand."""

from collections.abc import Iterable
from datetime import date

from shopbell.knowledge.passage import Passage
from shopbell.knowledge.problem import Problem, Severity

WITHIN_DAYS = 14
"""Days before its end from which a fact is announced."""


def expiring_passages(
    passages: Iterable[Passage], today: date, within_days: int = WITHIN_DAYS
) -> tuple[Passage, ...]:
    """Return the passages whose last day is today or within so many days, the first to end first."""
    ending = [
        (passage.valid_until, passage)
        for passage in passages
        if passage.valid_until is not None and 0 <= (passage.valid_until - today).days <= within_days
    ]
    return tuple(passage for _, passage in sorted(ending, key=lambda pair: (pair[0], pair[1].id)))


def expiring(passages: Iterable[Passage], today: date, within_days: int = WITHIN_DAYS) -> tuple[Problem, ...]:
    """Announce the facts that end soon."""
    return tuple(
        _problem(
            passage, f'"{passage.title}" is given only until {passage.valid_until}. Renew it or let it go.'
        )
        for passage in expiring_passages(passages, today, within_days)
    )


def expired(passages: Iterable[Passage], today: date) -> tuple[Problem, ...]:
    """Name the facts that have ended and are not given any more."""
    return tuple(
        _problem(
            passage, f'"{passage.title}" ended on {passage.valid_until} and is not given any more. Remove it.'
        )
        for passage in passages
        if passage.valid_until is not None and passage.valid_until < today
    )


def _problem(passage: Passage, message: str) -> Problem:
    path, _, line = passage.source.rpartition(":")
    return Problem(severity=Severity.NOTICE, path=path, line=int(line), message=message)
