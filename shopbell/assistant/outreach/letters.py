"""Letters: the one outbox of all messages the shop writes first. Every call blocks.

At most once: a letter is marked `sending` on the disk before the mail server hears of it. If the program is
killed then, nobody can know whether the server took it, so it becomes `unsure` and is never sent again: a
message too few is better than the same one twice. Permission is asked in the transaction that marks it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Engine, Row

from shopbell.assistant.outreach.holdout import draw
from shopbell.assistant.outreach.letter import RULE, Letter, Outcome, Parcel
from shopbell.assistant.outreach.occasion import Occasion, campaign_of
from shopbell.assistant.outreach.plan import Outreach
from shopbell.assistant.outreach.policy import Ask, Go, Never, Reach, Verdict, decide, way_of
from shopbell.assistant.outreach.reaches import Reaches
from shopbell.assistant.outreach.tables import State, letter_table, try_table
from shopbell.assistant.outreach.templates import Words, fill
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.members import also_known_as, resolve
from shopbell.loyalty.registry import unstamp
from shopbell.loyalty.webhooks import wait
from shopbell.storage.database import reading
from shopbell.storage.sharing import writing

MOST_ATTEMPTS = 8
"""Tries at a server that does not take it for now: with the waits of webhooks, most of a day."""
STRANDED = timedelta(minutes=5)
"""A letter that is `sending` for longer was left behind by a program that was stopped."""
_table = letter_table.c


class Ground(Struct, frozen=True, kw_only=True):
    """What letters are decided by."""

    rules: Outreach
    zone: ZoneInfo
    secret: bytes
    """For the hold-out, and to hide addresses."""
    new_id: Callable[[], str]
    """Unguessable."""
    jitter: Callable[[], float] = lambda: 0.5
    """In [0, 1): spreads the next tries."""


class Letters:
    """The outbox."""

    def __init__(self, engine: Engine, ground: Ground) -> None:
        self._engine = engine
        self._ground = ground
        self._reaches = Reaches(ground.secret)

    # --- drafting ------------------------------------------------------------------------------------------

    def add(self, occasion: Occasion, words: Words, now: datetime) -> Letter | None:
        """Draw who gets it and keep the draft; None where the occasion was used, or nothing may be sent."""
        with writing(self._engine) as db:
            if db.execute(sa.select(_table.id).where(_table.occasion == occasion.name)).first():
                return None
            reach, _ = self._reaches.of(db, occasion.customer)
            way = way_of(self._ground.rules.rule(occasion.trigger).way, reach)
            ask = Ask(trigger=occasion.trigger, way=way, until=occasion.until)
            if isinstance(self._decide(ask, reach, now), Never):
                return None
            letter = self._drafted(occasion, words, ask, now)
            db.execute(letter_table.insert().values(occasion=occasion.name, address="", **_values(letter)))
        return letter

    def _drafted(self, occasion: Occasion, words: Words, ask: Ask, now: datetime) -> Letter:
        rules, campaign = self._ground.rules, campaign_of(occasion, now)
        share = rules.share_held(occasion.trigger)
        arm = draw(self._ground.secret, campaign, occasion.customer, share)
        auto = rules.rule(occasion.trigger).mode == "auto"
        state: State = "held" if arm == "held" else "released" if auto else "waiting"
        done = Words(subject="", text="") if arm == "held" else fill(words, occasion.facts)
        return Letter(
            id=self._ground.new_id(),
            trigger=occasion.trigger,
            campaign=campaign,
            customer=occasion.customer,
            arm=arm,
            state=state,
            way=ask.way,
            subject=done.subject,
            body=done.text,
            template="" if arm == "held" else f"{words.subject}\n{words.text}",
            facts={} if arm == "held" else occasion.facts,
            why=occasion.why,
            drawn_at=now,
            until=occasion.until,
            due_at=now,
            attempts=0,
            basis="",
            decided_by=RULE if state == "released" else "",
            outcome="",
            reached_at=None,
        )

    # --- sending -------------------------------------------------------------------------------------------

    def claim(self, now: datetime) -> Parcel | None:
        """Take the next e-mail that may go now, marked `sending` on the disk; None when there is none."""
        with writing(self._engine) as db:
            due = (_table.state == "released") & (_table.way == "email") & (_table.due_at <= stamp(now))
            query = sa.select(letter_table).where(due).order_by(_table.due_at, _table.id).with_for_update()
            for row in db.execute(query.limit(100)).all():
                letter = _letter(row)
                reach, address = self._reaches.of(db, letter.customer)
                verdict = self._decide(_ask(letter), reach, now)
                if self._take(db, letter, verdict, "sending", now, address):
                    return Parcel(letter=self._get(db, letter.id) or letter, address=address)
        return None

    def note_for(self, customer: str, now: datetime) -> Letter | None:
        """Take the note to show a customer who just signed in; None when there is none."""
        with writing(self._engine) as db:
            names = also_known_as(db, resolve(db, customer))
            mine = _table.customer.in_(names) & (_table.state == "released") & (_table.way == "visit")
            query = sa.select(letter_table).where(mine).order_by(_table.drawn_at).with_for_update()
            for row in db.execute(query).all():
                letter = _letter(row)
                reach, _ = self._reaches.of(db, customer)
                if self._take(db, letter, self._decide(_ask(letter), reach, now), "shown", now):
                    return self._get(db, letter.id)
        return None

    def settle(self, parcel: Parcel, outcome: Outcome, now: datetime) -> State:
        """Log a try and say what became of the letter."""
        letter, attempts = parcel.letter, parcel.letter.attempts + 1
        state: State = "sent"
        if outcome.kind != "sent":
            last = attempts >= MOST_ATTEMPTS
            state = "failed" if last else "released" if outcome.kind == "again" else outcome.kind
            state = outcome.kind if outcome.kind in {"bounced", "unsure"} else state
        values: dict[str, str | int | None] = {
            "state": state,
            "attempts": attempts,
            "outcome": outcome.words[:200],
        }
        if state == "released":
            due = now + wait(attempts, self._ground.jitter())
            values |= {"due_at": stamp(due), "reached_at": None, "basis": ""}
        elif state in {"bounced", "failed"}:
            values["reached_at"] = None
        ours = (_table.id == letter.id) & (_table.state == "sending")
        with writing(self._engine) as db:
            said = {"at": stamp(now), "code": outcome.code, "words": outcome.words[:200]}
            db.execute(try_table.insert().values(letter=letter.id, **said))
            db.execute(letter_table.update().where(ours).values(values))
        return state

    def strand(self, now: datetime) -> int:
        """Mark what a stopped program left on its way as `unsure`; return how many."""
        left = (_table.state == "sending") & (_table.reached_at < stamp(now - STRANDED))
        words = "The program stopped while it was being sent. It may have arrived; it is not sent again."
        with writing(self._engine) as db:
            done = db.execute(letter_table.update().where(left).values(state="unsure", outcome=words))
        return done.rowcount

    # --- inside --------------------------------------------------------------------------------------------

    def _decide(self, ask: Ask, reach: Reach, now: datetime) -> Verdict:
        return decide(ask, reach, self._ground.rules, self._ground.zone, now)

    def _take(
        self,
        db: sa.Connection,
        letter: Letter,
        verdict: Verdict,
        state: State,
        now: datetime,
        address: str = "",
    ) -> bool:
        values: Mapping[str, object]
        if isinstance(verdict, Go):
            hidden = self._reaches.hidden(address) if address else ""
            values = {"state": state, "basis": verdict.basis, "reached_at": stamp(now), "address": hidden}
        elif isinstance(verdict, Never):
            values = {"state": "stopped", "outcome": f"Not sent: {verdict.why}."}
        else:
            values = {"due_at": stamp(verdict.until), "outcome": f"Waits: {verdict.why}."}
        db.execute(letter_table.update().where(_table.id == letter.id).values(dict(values)))
        return isinstance(verdict, Go)

    def _get(self, db: sa.Connection, ident: str) -> Letter | None:
        row = db.execute(sa.select(letter_table).where(_table.id == ident)).one_or_none()
        return None if row is None else _letter(row)

    def verdict(self, letter: Letter, now: datetime) -> Verdict:
        """Say whether a letter might go at `now`, and change nothing."""
        with reading(self._engine) as db:
            reach, _ = self._reaches.of(db, letter.customer)
        return self._decide(_ask(letter), reach, now)

    def get(self, ident: str) -> Letter | None:
        """Return a letter; None when there is none."""
        with reading(self._engine) as db:
            return self._get(db, ident)


def _ask(letter: Letter) -> Ask:
    return Ask(trigger=letter.trigger, way=letter.way, until=letter.until)


def _values(letter: Letter) -> dict[str, object]:
    found: dict[str, object] = msgspec.structs.asdict(letter)
    times = {name: stamp(value) for name, value in found.items() if isinstance(value, datetime)}
    return found | times | {"facts": msgspec.json.encode(letter.facts).decode()}


def read_letter(row: Row[tuple[object, ...]]) -> Letter:
    """Return a row of the table as a letter."""
    found = {name: getattr(row, name) for name in Letter.__struct_fields__}
    for name in ("drawn_at", "until", "due_at", "reached_at"):
        found[name] = unstamp(found[name]) if found[name] else None
    found["facts"] = msgspec.json.decode(str(found["facts"]), type=dict[str, str])
    return Letter(**found)


_letter = read_letter
