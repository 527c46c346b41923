"""Judging: what staff does with drafts: reads, changes, releases, refuses. Every call blocks."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shopbell.assistant.outreach.errors import LetterRefused, NoSuchLetter
from shopbell.assistant.outreach.letter import Letter
from shopbell.assistant.outreach.letters import read_letter
from shopbell.assistant.outreach.lint import foreign_numbers, invented_dates
from shopbell.assistant.outreach.tables import State, letter_table
from shopbell.assistant.outreach.templates import Words
from shopbell.loyalty.errors import NoSuchCustomer
from shopbell.loyalty.members import also_known_as, resolve
from shopbell.storage.database import reading
from shopbell.storage.sharing import writing

_table = letter_table.c
OPEN: tuple[State, ...] = ("waiting", "released")


class Judging:
    """The drafts of the outbox, as staff decides on them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def letters(self, *states: State, limit: int = 200) -> tuple[Letter, ...]:
        """Return messages in these states, or in any, the newest first."""
        query = sa.select(letter_table).order_by(_table.drawn_at.desc(), _table.id).limit(limit)
        if states:
            query = query.where(_table.state.in_(states))
        with reading(self._engine) as db:
            return tuple(read_letter(row) for row in db.execute(query))

    def count(self) -> int:
        """Return how many wait for a person."""
        query = sa.select(sa.func.count()).where(_table.state == "waiting")
        with reading(self._engine) as db:
            return int(db.execute(query).scalar() or 0)

    def of(self, ident: str) -> Letter:
        """Return a message by its id or the beginning of it; raises NoSuchLetter."""
        query = sa.select(letter_table).where(_table.id.startswith(ident, autoescape=True)).limit(2)
        with reading(self._engine) as db:
            found = db.execute(query).all() if ident else []
        if len(found) != 1:
            many = "Several messages begin with" if found else "There is no message"
            raise NoSuchLetter(f"{many} {ident[:40]!r}. `shopbell outreach list` shows them all.")
        return read_letter(found[0])

    def edit(self, ident: str, words: Words) -> Letter:
        """Change the words of a draft; raises LetterRefused when they may not be sent."""
        letter = self.of(ident)
        check(letter, words)
        self._change(letter, ("waiting",), subject=" ".join(words.subject.split()), body=words.text.strip())
        return self.of(letter.id)

    def release(self, ident: str, by: str, now: datetime) -> Letter:
        """Let a draft go as soon as it may; raises LetterRefused when it is not waiting."""
        letter = self.of(ident)
        if letter.until < now:
            raise LetterRefused("The day of this message is over. Refuse it.")
        self._change(letter, ("waiting",), state="released", decided_by=by)
        return self.of(letter.id)

    def refuse(self, ident: str, by: str, why: str) -> Letter:
        """Never send a message; raises LetterRefused when it is over already."""
        letter = self.of(ident)
        outcome = f"Refused: {why}" if why else "Refused."
        self._change(letter, OPEN, state="refused", decided_by=by, outcome=outcome[:200])
        return self.of(letter.id)

    def stop(self, customer: str, why: str) -> int:
        """Stop all that was to be sent to a customer; return how many."""
        with writing(self._engine) as db:
            try:
                names = also_known_as(db, resolve(db, customer))
            except NoSuchCustomer:
                names = (customer,)
            mine = _table.customer.in_(names) & _table.state.in_(OPEN)
            return db.execute(
                letter_table.update().where(mine).values(state="stopped", outcome=why[:200])
            ).rowcount

    def _change(self, letter: Letter, states: tuple[State, ...], **values: str) -> None:
        ours = (_table.id == letter.id) & _table.state.in_(states)
        with writing(self._engine) as db:
            if db.execute(letter_table.update().where(ours).values(values)).rowcount != 1:
                raise LetterRefused(
                    f"This message is {letter.state} and cannot be changed like that. Load the list again."
                )


def check(letter: Letter, words: Words) -> None:
    """Raise LetterRefused when changed words press, blame, or name a number that nobody looked up."""
    whole = f"{words.subject}\n{words.text}"
    if not words.subject.strip() or not words.text.strip():
        raise LetterRefused("A message has a subject and a text. Fill both in.")
    for fault in invented_dates(whole, letter.facts):
        raise LetterRefused(f"“{fault.words}”: {fault.advice}")
    for number in foreign_numbers(whole, letter.facts, letter.template):
        facts = ", ".join(f"{name} {value}" for name, value in sorted(letter.facts.items()))
        raise LetterRefused(f"“{number}” stands in no fact of this message ({facts}). Take it out.")
