"""Helping: how many the assistant reached and helped, whom it handed over, and how long they waited. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from shopbell.assistant.insight.counting import ORDER, Case, Counted, Kind, Saying, tallied
from shopbell.assistant.insight.talks import LASTING, SOON, Talk

REASONS = {
    "asked": "asked for one",
    "nothing-found": "nothing was found",
    "failed-turns": "two answers failed",
    "erase": "data to be erased",
    "frustration": "sounded angry",
    "topic": "a topic you listed",
    "valued": "a valued customer",
    "rejected": "a draft was rejected",
    "unchecked": "a draft nobody checked",
}
"""What the codes of hand-over mean."""
_REACH = Kind(
    id="reach",
    title="Reach",
    group="assistant",
    definition="Conversations in which the assistant gave at least one answer, over all in which a "
    'customer said something. A greeting is no answer, nor is "I do not know".',
)
_RESOLUTION = Kind(
    id="resolution",
    title="Resolved without a person",
    group="assistant",
    definition="Conversations the assistant answered, with no person wanted, no thumb down, no 1 to 3 "
    "stars and a last answer that did not fail, over all it answered. Confirmed: a thumb up, 4 or 5 "
    "stars, or a goodbye. Assumed: nobody said. Taken back when the customer returned within 24 hours; a "
    "conversation younger than that is not counted yet.",
    note="Only customers who are known, or who go on in the same chat, can be seen to return.",
)
_DURABLE = Kind(
    id="durable",
    title="Still resolved after 7 days",
    group="assistant",
    definition="Of the conversations that were resolved and are at least 7 days old, those whose "
    "customer did not return within 7 days. Only customers who were known are counted: of others nobody "
    "can tell.",
)
_HANDOVER = Kind(
    id="handover",
    title="Handed to a person",
    group="assistant",
    definition="Conversations in which a person was wanted, over all in which a customer said "
    "something. The parts are the reason given first, as shares of all conversations.",
)
_WAITING = Kind(
    id="waiting",
    title="Waiting for a person",
    group="people",
    unit="seconds",
    definition="Seconds from the wish for a person until one took over, of the wishes that were served: "
    "the median. Beside it the 95th percentile.",
    method=ORDER,
    counted="wishes served",
)
_UNSERVED = Kind(
    id="unserved",
    title="Wishes for a person nobody served",
    group="people",
    definition="Conversations in which a person was wanted and none came, over those in which one was "
    "wanted.",
)
_LATENCY = Kind(
    id="latency",
    title="Seconds to the first word",
    group="assistant",
    unit="seconds",
    definition="From the end of what the customer said to the first word of the reply, by the step of "
    "the ladder that answered: median, and the 95th percentile, which takes 60 replies.",
    method=ORDER,
    counted="replies",
)
_COVERAGE = Kind(
    id="coverage",
    title="Questions answered",
    group="assistant",
    definition="Replies that answered something, over all replies but greetings. The parts are topics: "
    "what was "
    'asked about, and of it what stayed with the assistant and was not handed over. "Nothing found" is '
    "what had no topic.",
    counted="replies",
)


def helping(talks: Sequence[Talk], saying: Saying, now: datetime) -> Iterable[Counted]:
    """Return the figures of the assistant's work; `now` tells which conversations are old enough."""
    spoke = [talk for talk in talks if talk.spoke]
    yield _REACH.rate(saying, [_case(t, t.answered, ("answered", "not answered"), t.channel) for t in spoke])
    yield _resolution(spoke, saying, now)
    yield _durable(spoke, saying, now)
    yield _handover(spoke, saying)
    yield _waiting(spoke, saying)
    wanted = [talk for talk in spoke if talk.wanted]
    yield _UNSERVED.rate(
        saying, [_case(t, t.unserved > 0, ("nobody came", "a person came"), t.channel) for t in wanted]
    )
    yield _latency(spoke, saying)
    yield _coverage(spoke, saying)


def _case(talk: Talk, hit: bool, words: tuple[str, str], part: str = "") -> Case:
    return Case(talk.row(words[0] if hit else words[1], part), hit)


def _resolution(talks: Sequence[Talk], saying: Saying, now: datetime) -> Counted:
    old = [talk for talk in talks if talk.answered and now - talk.last >= SOON]
    outcomes = [_outcome(talk) for talk in old]
    found = Counter(outcomes)
    hits = found["confirmed"] + found["assumed"]
    parts = [saying.share(label, found[label], len(old)) for label in ("confirmed", "assumed", "taken back")]
    return _RESOLUTION.of(
        saying.share("", hits, len(old)),
        parts if len(old) >= saying.few else (),
        (talk.row(outcome, outcome) for talk, outcome in zip(old, outcomes, strict=True)),
    )


def _outcome(talk: Talk) -> str:
    if not talk.settled:
        return "not resolved"
    return "taken back" if talk.came_back(SOON) else talk.settled


def _durable(talks: Sequence[Talk], saying: Saying, now: datetime) -> Counted:
    old = [t for t in talks if t.settled and t.customer and now - t.last >= LASTING and not t.came_back(SOON)]
    return _DURABLE.rate(
        saying, [_case(t, not t.came_back(LASTING), ("stayed away", "came back"), t.settled) for t in old]
    )


def _handover(talks: Sequence[Talk], saying: Saying) -> Counted:
    reasons = Counter(REASONS.get(talk.wanted, talk.wanted) for talk in talks if talk.wanted)
    rows = (
        talk.row("a person" if talk.wanted else "no person", REASONS.get(talk.wanted, talk.wanted))
        for talk in talks
    )
    parts = tallied(saying, reasons, len(talks)) if len(talks) >= saying.few else ()
    return _HANDOVER.of(saying.share("", reasons.total(), len(talks)), parts, rows)


def _waiting(talks: Sequence[Talk], saying: Saying) -> Counted:
    waits = [(talk, seconds) for talk in talks for seconds in talk.waits]
    values = [seconds for _, seconds in waits]
    whole = saying.quantile("", values, 50)
    rows = (talk.row(f"waited {seconds:.0f} s", talk.channel) for talk, seconds in waits)
    return _WAITING.of(whole, (saying.quantile("95 of 100", values, 95),) if values else (), rows)


def _latency(talks: Sequence[Talk], saying: Saying) -> Counted:
    replies = [(talk, one) for talk in talks for one in talk.answers]
    rungs: dict[str, list[float]] = {}
    for _, one in replies:
        rungs.setdefault(one.rung, []).append(one.first_word_s)
    parts = [
        saying.quantile(f"{rung}, {name}", rungs[rung], percent)
        for rung in sorted(rungs)
        for name, percent in (("median", 50.0), ("95 of 100", 95.0))
    ]
    rows = (talk.row(f"{one.first_word_s:.2f} s", one.rung) for talk, one in replies)
    return _LATENCY.of(saying.quantile("", [one.first_word_s for _, one in replies], 50), parts, rows)


def _coverage(talks: Sequence[Talk], saying: Saying) -> Counted:
    cases = [
        Case(talk.row("answered" if ok else "no answer", one.topic or "nothing found"), ok)
        for talk in talks
        for one in talk.answers
        if one.rung != "rule"
        for ok in (not one.failed,)
    ]
    asked = Counter(case.row.part for case in cases)
    handed = Counter(talk.topic or "nothing found" for talk in talks if talk.wanted)
    parts = [
        saying.share(topic, max(0, count - handed[topic]), count)
        for topic, count in sorted(asked.items(), key=lambda pair: (-pair[1], pair[0]))
        if topic != "nothing found"
    ]
    whole = saying.share("", sum(case.hit for case in cases), len(cases))
    return _COVERAGE.of(whole, parts, (case.row for case in cases))
