"""Random lives of customers, one after another, and an oracle of its own for every message that goes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from shopbell.assistant.outreach import policy
from shopbell.assistant.outreach.judging import Judging
from shopbell.assistant.outreach.letter import Letter, Outcome
from shopbell.assistant.outreach.letters import STRANDED, Ground, Letters
from shopbell.assistant.outreach.occasion import FACTS, Occasion
from shopbell.assistant.outreach.plan import TRIGGERS, Mode, Outreach, Rule, Trigger, Way
from shopbell.assistant.outreach.policy import Ask, Reach, Yes
from shopbell.assistant.outreach.templates import Words
from shopbell.loyalty.casebook import Case, Casebook
from shopbell.loyalty.consents import Consent, record_consent
from shopbell.loyalty.customers import Customer, Customers

T0 = datetime(2026, 1, 1, tzinfo=UTC)
APART = timedelta(days=120)
"""Between the beginnings of two lives: what is left of one is over by then."""
LASTS = 45
"""Days of a life."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = ("Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
HOURS = ("09:00-19:00", "00:00-24:00", "06:00-23:00", "22:00-24:00", "12:00-12:30")
PROFILED = {"win_back", "after_purchase"}
WORDS = Words(subject="Hello", text="Hello {name}.")


def decided(random: Random, steps: int = 12) -> tuple[int, list[str]]:
    """Ask the pure core alone for one customer over and over; what it lets go is kept and held against it."""
    number = random.randrange(7_000)
    zone, hours = ZoneInfo(random.choice(ZONES)), random.choice(HOURS)
    quiet = tuple(random.sample(DAYS, random.randrange(4)))
    rules = Outreach(
        hours=hours,
        quiet_days=quiet,  # type: ignore[arg-type]  # names of days
        at_most=random.randrange(1, 4),
        days=random.choice((7, 30)),
        apart_days=random.choice((0, 1, 3)),
    )
    reached, wrong, now = list[datetime](), list[str](), T0 + timedelta(hours=11 * number)
    opens, closes = hours.split("-")
    for _ in range(steps):
        now += timedelta(minutes=random.randrange(1, 5_000))
        yes = {one: Yes(T0, "1") for one in ("marketing", "profiling") if random.random() < 0.85}
        known = Reach(
            stands=random.random() < 0.95,
            agreed=yes,
            has_address=random.random() < 0.9,
            refused_by_server=random.random() < 0.1,
            reached=tuple(reached),
            complains=random.random() < 0.15,
        )
        trigger = random.choice(TRIGGERS)
        way: Way = random.choice(("email", "visit"))
        until = now + timedelta(minutes=random.randrange(-500, 30_000))
        verdict = policy.decide(Ask(trigger=trigger, way=way, until=until), known, rules, zone, now)
        if not isinstance(verdict, policy.Go):
            continue
        local, by_mail = now.astimezone(zone), way == "email"
        bad = {
            "consent": "marketing" not in yes or (trigger in PROFILED and "profiling" not in yes),
            "basis": not verdict.basis.startswith("consent to marketing of 1 January 2026"),
            "stands": not known.stands,
            "address": by_mail and (known.refused_by_server or not known.has_address),
            "hours": by_mail and not opens <= f"{local:%H:%M}" < closes,
            "day": by_mail and DAYS[local.weekday()] in quiet,
            "complaint": known.complains and trigger != "service_recovery",
            "cap": sum(now - at < timedelta(days=rules.days) for at in reached) >= rules.at_most,
            "apart": any(now - at < timedelta(days=rules.apart_days) for at in reached),
            "over": now > until,
        }
        wrong += [name for name, is_so in bad.items() if is_so]
        reached.append(now)
    return len(reached), wrong


class Life:
    """One customer, what happens to them, and what the oracle knows."""

    def __init__(self, engine: sa.Engine, random: Random, number: int) -> None:
        self.random, self.engine, self.number = random, engine, number
        self.id = f"c{number}"
        self.rules = self._rules()
        self.zone = ZoneInfo(random.choice(ZONES))
        self.ids = (f"{number:08x}{n:024x}" for n in range(1_000))
        ground = Ground(rules=self.rules, zone=self.zone, secret=b"s", new_id=lambda: next(self.ids))
        self.letters, self.judging = Letters(engine, ground), Judging(engine)
        self.customers = Customers(engine, region="GB", draw=random.randbytes)
        self.yes: dict[str, bool] = {}
        self.reached: list[datetime] = []
        self.bad: set[str] = set()
        self.email, self.open_case, self.went, self.wrong = "", 0, 0, list[str]()
        self.allowed: set[str] = set()
        self.waiting: list[Letter] = []
        self.now = T0 + number * APART
        self._join()

    def _rules(self) -> Outreach:
        random = self.random
        mode: Mode = random.choice(("approve", "auto"))
        way: Way = random.choice(("email", "visit", "either"))
        rule = Rule(mode=mode, way=way)
        return Outreach(
            **dict.fromkeys(TRIGGERS, rule),  # type: ignore[arg-type]  # the names of the fields
            hours=random.choice(HOURS),
            quiet_days=tuple(random.sample(DAYS, random.randrange(4))),  # type: ignore[arg-type]  # names of days
            at_most=random.randrange(1, 4),
            days=random.choice((7, 30)),
            apart_days=random.choice((0, 1, 3)),
        )

    def _join(self) -> None:
        self.email = f"{self.id}@example.com" if self.random.random() < 0.8 else ""
        who = Customer(id=self.id, name="Ann", email=self.email, joined_at=self.now - timedelta(days=1))
        self.customers.create(who)
        for purpose in ("marketing", "profiling"):
            if self.random.random() < 0.9:
                self.say(purpose, given=True)

    def say(self, purpose: str, *, given: bool) -> None:
        self.yes[purpose] = given
        with self.engine.begin() as db:
            consent = Consent(
                customer=self.id, purpose=purpose, given=given, text_version="1", at=self.now, by="customer"
            )
            record_consent(db, consent)

    def live(self, steps: int) -> list[str]:
        """Live through some steps and return what went wrong."""
        deeds: tuple[Callable[[], None], ...] = (
            *(self.occur,) * 5,
            *(self.release,) * 3,
            *(self.send,) * 5,
            *(self.visit,) * 2,
            self.change_mind,
            self.complain,
            self.move,
        )
        begins = self.now
        for after in sorted(self.random.uniform(0, LASTS) for _ in range(steps)):
            self.now = begins + timedelta(days=after)
            self.random.choice(deeds)()
        return self.wrong

    def occur(self) -> None:
        trigger: Trigger = self.random.choice(TRIGGERS)
        facts = {"name": "Ann", **dict.fromkeys(FACTS[trigger], "1")}
        until = self.now + timedelta(days=self.random.choice((1, 10, 40)))
        occasion = Occasion(
            trigger=trigger,
            customer=self.id,
            key=str(self.random.randrange(10**9)),
            facts=facts,
            why="",
            until=until,
        )
        letter = self.letters.add(occasion, WORDS, self.now)
        if letter is not None and letter.state == "released":
            self.allowed.add(letter.id)
        elif letter is not None and letter.state == "waiting":
            self.waiting.append(letter)

    def release(self) -> None:
        for one in self.waiting:
            if one.until >= self.now:
                self.judging.release(one.id, "sam", self.now)
                self.allowed.add(one.id)
        self.waiting = []

    def send(self) -> None:
        while (parcel := self.letters.claim(self.now)) is not None:
            self.check(parcel.letter, parcel.address)
            kind = self.random.choice(("sent", "sent", "sent", "again", "bounced", "unsure", "killed"))
            if kind == "killed":
                self.reached.append(self.now)
                self.letters.strand(self.now + 2 * STRANDED)
                continue
            if kind in {"sent", "unsure"}:
                self.reached.append(self.now)
            if kind == "bounced":
                self.bad.add(parcel.address)
            self.letters.settle(parcel, Outcome(kind=kind, code=0, words=kind), self.now)  # type: ignore[arg-type]

    def visit(self) -> None:
        letter = self.letters.note_for(self.id, self.now)
        if letter is not None:
            self.check(letter, "")
            self.reached.append(self.now)

    def change_mind(self) -> None:
        self.say(self.random.choice(("marketing", "profiling")), given=self.random.random() < 0.6)

    def complain(self) -> None:
        book = Casebook(self.engine)
        if self.open_case:
            book.close(self.open_case, "sam", self.now)
            self.open_case = 0
        else:
            key = f"{self.id}:{self.now.timestamp()}"
            case = Case(key=key, kind="complaint", customer=self.id, conversation="t", at=self.now)
            self.open_case = book.add(case)

    def move(self) -> None:
        self.email = "" if self.email else f"{self.id}-{self.random.randrange(9)}@example.com"
        self.customers.update(
            Customer(id=self.id, name="Ann", email=self.email, joined_at=self.now - timedelta(days=1))
        )

    def check(self, letter: Letter, address: str) -> None:
        """Hold a message that goes against what is known here; nothing of the product's is asked."""
        self.went += 1
        rules, local = self.rules, self.now.astimezone(self.zone)
        since = self.now - timedelta(days=rules.days)
        opens, closes = rules.hours.split("-")
        by_mail = letter.way == "email"
        profiled = letter.trigger in PROFILED
        wrong = {
            "another's": letter.customer != self.id,
            "no consent": not self.yes.get("marketing"),
            "no consent to profiling": profiled and not self.yes.get("profiling"),
            "no basis": "consent to marketing of" not in letter.basis,
            "cap": sum(at > since for at in self.reached) >= rules.at_most,
            "too close": any(self.now - at < timedelta(days=rules.apart_days) for at in self.reached),
            "hours": by_mail and not opens <= f"{local:%H:%M}" < closes,
            "quiet day": by_mail and DAYS[local.weekday()] in rules.quiet_days,
            "complaint": bool(self.open_case) and letter.trigger != "service_recovery",
            "not released": letter.id not in self.allowed,
            "held out": letter.arm == "held",
            "no address": by_mail and address != self.email,
            "bad address": by_mail and address in self.bad,
            "over": self.now > letter.until,
        }
        self.wrong += [
            f"{self.id} {self.now} {letter.trigger}: {name}" for name, is_so in wrong.items() if is_so
        ]


def run(engine: sa.Engine, seed: int, lives: int, steps: int = 24) -> tuple[int, list[str]]:
    """Live through so many lives; return how many messages went and what was wrong with them."""
    random, went, wrong = Random(seed), 0, list[str]()
    for number in range(lives):
        life = Life(engine, random, number)
        wrong += life.live(steps)
        went += life.went
    return went, wrong
