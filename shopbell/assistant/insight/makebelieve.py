"""Make-believe: conversations nobody held, so that no figure of the demo is empty. Pure.

The same seed gives the same conversations. Their ids begin with `demo-`, and the figures say so.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from random import Random

from msgspec import Struct

from shopbell.assistant import events as e
from shopbell.assistant.insight.talks import MADE_UP
from shopbell.assistant.wire import Rung, Timings

KNOWN_DAYS, STRANGER_DAYS = 175, 28
"""How far back conversations of customers who were known, and of others, go: older ones are not kept."""
_SHARE = 0.3
"""Of the customers who ever talk with the assistant."""
_STRANGERS = 150
_CHANNELS = ("web", "kiosk", "phone")
_STAFF = ("Robin", "Noor")
_TOPICS: tuple[tuple[str, str, str, float], ...] = (
    ("hours", "When do you close today?", "We close at half past five today.", 0.97),
    ("delivery", "Do you deliver?", "We deliver in town, every weekday afternoon.", 0.9),
    ("returns", "Can I bring something back?", "Yes, within thirty days, with the receipt.", 0.82),
    ("gift-cards", "Do you have gift cards?", "Yes, at the counter, for any amount.", 0.92),
    ("loyalty", "How many points do I have?", "I have looked it up for you.", 0.95),
    ("allergens", "Is there nut in it?", "The list at the counter names every allergen.", 0.86),
    ("repair", "Can you repair my grinder?", "We look at it on Thursdays.", 0.5),
    ("events", "Is there a class this month?", "There is one on the last Saturday.", 0.88),
)
"""Topic, what is asked, what is answered, and how often that is an answer."""
_RUNGS: tuple[tuple[Rung, float, float], ...] = (
    ("flow", 0.22, 0.04),
    ("faq", 0.5, 0.08),
    ("model", 0.28, 1.3),
)
"""Step of the ladder, how often it answers, and the usual seconds to the first word."""
_REASONS: tuple[e.Reason, ...] = ("asked", "asked", "nothing-found", "failed-turns", "frustration")


class Story(Struct, frozen=True, kw_only=True):
    """One made-up conversation."""

    id: str
    channel: str
    customer: str
    past: tuple[tuple[datetime, e.Event], ...]


class Vote(Struct, frozen=True, kw_only=True):
    """Whether somebody would recommend the shop."""

    customer: str
    conversation: str
    at: datetime
    score: int


def stories(
    seed: int, bought: Mapping[str, Sequence[datetime]], now: datetime, zone: tzinfo
) -> tuple[tuple[Story, ...], tuple[Vote, ...]]:
    """Return conversations up to `now`, and votes; `bought` holds when each customer bought, in order."""
    random = Random(f"talks/{seed}")  # noqa: S311 - it must be the same again
    talkers = [who for who in sorted(bought) if bought[who] and random.random() < _SHARE]
    numbers = iter(range(1, 1_000_000))
    told = [
        _story(random, f"{MADE_UP}{seed}-{next(numbers):04d}", at.astimezone(UTC), who)
        for who in talkers
        for at in _times(random, bought[who], now)
    ]
    for _ in range(_STRANGERS):
        at = (now - timedelta(days=random.uniform(0.1, STRANGER_DAYS))).astimezone(zone)
        open_at = at.replace(hour=random.choice(range(8, 18)), minute=random.randrange(60))
        if open_at < now:
            told.append(_story(random, f"{MADE_UP}{seed}-{next(numbers):04d}", open_at.astimezone(UTC), ""))
    return tuple(sorted(told, key=lambda one: one.past[0][0])), tuple(_votes(random, told, now))


def _times(random: Random, bought: Sequence[datetime], now: datetime) -> Iterator[datetime]:
    """Yield when somebody talks: mostly some hours before they buy."""
    near = [at for at in bought if now - at < timedelta(days=KNOWN_DAYS)]
    for at in random.sample(near, min(len(near), random.choice((1, 1, 2, 3, 4)))):
        talk = at - timedelta(hours=random.uniform(0.3, 5))
        if talk < now - timedelta(hours=1):
            yield talk
            if random.random() < 0.05:  # noqa: PLR2004 - one in twenty asks again soon
                yield min(talk + timedelta(hours=random.uniform(2, 20)), now - timedelta(minutes=30))


def _story(random: Random, ident: str, at: datetime, customer: str) -> Story:
    channel = random.choices(_CHANNELS, (6, 3, 1))[0]
    hand = _Hand(random, at)
    hand.put(e.Opened(channel=channel))
    if customer:
        hand.put(e.Recognised(customer=customer, level="verified", how="card"), 8)
    failed = False
    for turn in range(random.choices((1, 2, 3), (5, 3, 2))[0]):
        failed = _turn(random, hand, f"{ident}-{turn}")
    if random.random() < (0.6 if failed else 0.07):
        _person(random, hand, failed=failed)
    elif random.random() < 0.4:  # noqa: PLR2004 - two in five say how it was
        stars = random.choices((1, 2, 3), (2, 2, 3))[0] if failed else random.choices((3, 4, 5), (1, 4, 7))[0]
        hand.put(e.Starred(stars=stars), 20)
    hand.put(e.Ended(), 30)
    return Story(id=ident, channel=channel, customer=customer, past=tuple(hand.past))


class _Hand:
    """Writes events down, one after the other."""

    def __init__(self, random: Random, at: datetime) -> None:
        self._random = random
        self._at = at
        self.past: list[tuple[datetime, e.Event]] = []

    def put(self, event: e.Event, seconds: float = 0.0) -> None:
        self._at += timedelta(seconds=seconds * self._random.uniform(0.5, 1.5))
        self.past.append((self._at, event))


def _turn(random: Random, hand: _Hand, reply: str) -> bool:
    """Ask and answer; True when there was no answer."""
    topic, question, answer, good = random.choices(_TOPICS, (5, 3, 2, 2, 4, 2, 1.5, 2))[0]
    rung, _, usual = random.choices(_RUNGS, [share for _, share, _ in _RUNGS])[0]
    failed = random.random() > good
    hand.put(e.CustomerSaid(text=question, key=reply), 12)
    words = random.lognormvariate(0, 0.5) * usual
    hand.put(
        e.Replied(
            reply=reply,
            answers=(),
            text="I do not know that. Shall I get someone?" if failed else answer,
            rung="person" if failed else rung,
            subject="" if failed else f"{topic}#made-up",
            failed=failed,
            timings=Timings(first_word_s=words, total_s=words * 2.5),
        ),
        max(1.0, words),
    )
    if random.random() < 0.12:  # noqa: PLR2004 - one reply in eight gets a thumb
        hand.put(e.Rated(reply=reply, helpful=not failed and random.random() < 0.9), 5)  # noqa: PLR2004
    return failed


def _person(random: Random, hand: _Hand, *, failed: bool) -> None:
    reason: e.Reason = random.choice(_REASONS[2:]) if failed else random.choice(_REASONS)
    hand.put(e.PersonWanted(reason=reason), 5)
    if random.random() < 0.12:  # noqa: PLR2004 - one in eight is not served
        return
    name = random.choice(_STAFF)
    hand.put(e.StaffTook(name=name), 55 * random.lognormvariate(0, 0.6))
    hand.put(e.StaffSaid(name=name, text="I have seen to it for you."), 40)
    hand.put(e.StaffLeft(name=name), 30)
    if random.random() < 0.6:  # noqa: PLR2004 - who spoke with a person answers more often
        hand.put(e.Starred(stars=random.choices((2, 3, 4, 5), (1, 1, 4, 6))[0]), 20)


def _votes(random: Random, told: Sequence[Story], now: datetime) -> Iterator[Vote]:
    """Yield one vote of some of those who talked in the last 90 days."""
    seen: set[str] = set()
    for story in told:
        at = story.past[-1][0]
        if not story.customer or story.customer in seen or now - at > timedelta(days=KNOWN_DAYS):
            continue
        if random.random() < 0.6:  # noqa: PLR2004 - three in five answer
            seen.add(story.customer)
            score = random.choices(range(11), (0, 0, 1, 1, 1, 2, 3, 7, 10, 12, 11))[0]
            yield Vote(customer=story.customer, conversation=story.id, at=at, score=score)
