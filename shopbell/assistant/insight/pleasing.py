"""Pleasing: what customers said of the assistant, of the staff, and of the shop. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import fmean

from msgspec import Struct

from shopbell.assistant.insight.counting import STUDENT, Case, Counted, Kind, Saying
from shopbell.assistant.insight.talks import Talk
from shopbell.assistant.staffwire.figures import FigureRow

PROMOTER, DETRACTOR = 9, 6
"""From which score on somebody would recommend the shop, and up to which they would not (Reichheld, 2003)."""
HAPPY = 4
"""Stars from which on somebody is satisfied."""
_CSAT = Kind(
    id="csat",
    title="Satisfied with the conversation",
    group="people",
    definition="Conversations with 4 or 5 stars, over those with stars. The parts put the assistant "
    "beside the staff: a conversation is the staff's when a person said something in it.",
    note="Whoever gives stars is not everybody; and staff get the hard cases, so the two are not a contest.",
)
_STARS = Kind(
    id="stars",
    title="Stars",
    group="people",
    unit="stars",
    definition="The mean of the stars given, 1 to 5, by who answered.",
    method=STUDENT,
)
_NPS = Kind(
    id="nps",
    title="Would recommend the shop (NPS)",
    group="people",
    unit="score",
    definition="Share of 9 and 10 less share of 0 to 6, of the answers in the last 90 days to whether "
    "somebody would recommend the shop. Nobody is asked more than once in 90 days; the last answer of "
    "each counts.",
    method="Student's t interval of +1, 0 and -1, 95 %",
    counted="customers",
)


class Score(Struct, frozen=True, kw_only=True):
    """What one customer answered."""

    customer: str
    """Id; empty: nobody was known."""
    name: str = ""
    conversation: str = ""
    at: datetime
    score: int


def pleasing(talks: Sequence[Talk], nps: Sequence[Score], saying: Saying) -> Iterable[Counted]:
    """Return the figures of satisfaction; `nps` holds the answers of 90 days, oldest first."""
    rated = [talk for talk in talks if talk.stars]
    yield _CSAT.rate(saying, [Case(_starred(talk), talk.stars >= HAPPY) for talk in rated])
    parts = [
        saying.mean(who, [float(talk.stars) for talk in rated if _who(talk) == who], "stars")
        for who in ("assistant", "staff")
    ]
    whole = saying.mean("", [float(talk.stars) for talk in rated], "stars")
    yield _STARS.of(whole, parts if rated else (), (_starred(talk) for talk in rated))
    yield _recommending(nps, saying)


def recommending(scores: Iterable[int]) -> float:
    """Return the net promoter score, from -100 to 100; raises StatisticsError for none."""
    return 100 * fmean(_vote(score) for score in scores)


def _recommending(nps: Sequence[Score], saying: Saying) -> Counted:
    last = {one.customer or one.conversation: one for one in nps}.values()
    votes = [float(_vote(one.score)) for one in last]
    rows = (
        FigureRow(
            kind="customer" if one.customer else "conversation",
            id=one.customer or one.conversation,
            name=one.name,
            at=one.at.isoformat(timespec="minutes"),
            outcome=f"{one.score} of 10",
        )
        for one in last
    )
    return _NPS.of(saying.mean("", votes, "score", times=100), (), rows)


def _vote(score: int) -> int:
    return 1 if score >= PROMOTER else -1 if score <= DETRACTOR else 0


def _who(talk: Talk) -> str:
    return "staff" if talk.staffed else "assistant"


def _starred(talk: Talk) -> FigureRow:
    return talk.row(f"{talk.stars} of 5", _who(talk))
