"""Random logs of one conversation, such as a shop could have kept."""

from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import strategies as st

from shopbell.assistant import events as e
from shopbell.assistant.flows.task import Redeem, Task
from shopbell.assistant.wire import Source, Timings

START = datetime(2026, 11, 21, 10, 24, tzinfo=UTC)
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)
sources = st.builds(Source, id=texts, title=texts, text=texts, source=texts)
timings = st.builds(Timings, search_s=st.floats(0, 9), total_s=st.floats(0, 99))
replies = st.builds(
    e.Replied,
    reply=texts,
    answers=st.lists(st.integers(1, 40), max_size=4).map(tuple),
    text=texts,
    rung=st.sampled_from(["rule", "flow", "faq", "model", "person"]),
    subject=texts,
    sources=st.lists(sources, max_size=2).map(tuple),
    why=texts,
    trace=st.lists(texts, max_size=2).map(tuple),
    failed=st.booleans(),
    cut=st.booleans(),
    offer_person=st.booleans(),
    ends=st.booleans(),
    timings=timings,
)
tasks = st.builds(
    Task,
    flow=texts,
    asking=texts,
    question=texts,
    since=st.just(START),
    key=texts,
    slots=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    deed=st.none() | st.builds(Redeem, reward=texts, name=texts, cost=st.integers(0, 500)),
    customer=st.sampled_from(["", "ann"]),
)
EVENTS: dict[type, st.SearchStrategy[e.Event]] = {
    e.Opened: st.builds(e.Opened, channel=texts),
    e.CustomerSaid: st.builds(e.CustomerSaid, text=texts, key=texts),
    e.Replied: replies,
    e.CutOff: st.builds(
        e.CutOff,
        reply=texts,
        text=texts,
        rung=st.sampled_from(["rule", "flow", "faq", "model", "person"]),
    ),
    e.PersonWanted: st.builds(e.PersonWanted, reason=st.sampled_from(get_args(e.Reason))),
    e.Noticed: st.builds(e.Noticed, text=texts),
    e.StaffTook: st.builds(e.StaffTook, name=texts),
    e.StaffSaid: st.builds(e.StaffSaid, name=texts, text=texts),
    e.StaffLeft: st.builds(e.StaffLeft, why=st.sampled_from(["done", "idle"]), waiting=st.booleans()),
    e.StaffAsked: st.builds(e.StaffAsked),
    e.StaffStayed: st.builds(e.StaffStayed),
    e.Whispered: st.builds(e.Whispered, name=texts, text=texts),
    e.Noted: st.builds(e.Noted, name=texts, text=texts),
    e.Drafted: st.builds(
        e.Drafted,
        draft=texts,
        text=texts,
        rung=st.sampled_from(["rule", "flow", "faq", "model", "person"]),
        sources=st.lists(sources, max_size=1).map(tuple),
        answers=st.lists(st.integers(1, 40), max_size=3).map(tuple),
        topic=st.sampled_from(["", "returns"]),
        ghost=st.booleans(),
        until=st.none() | st.just(START + timedelta(minutes=1)),
    ),
    e.DraftJudged: st.builds(
        e.DraftJudged,
        draft=texts,
        verdict=st.sampled_from(["accepted", "edited", "rejected", "lapsed"]),
        name=texts,
    ),
    e.Recognised: st.builds(
        e.Recognised,
        customer=st.sampled_from(["", "ann"]),
        level=st.sampled_from(["claimed", "verified", "vouched"]),
    ),
    e.Tasked: st.builds(e.Tasked, task=st.none() | tasks),
    e.Did: st.builds(e.Did, flow=texts, key=texts),
    e.Rated: st.builds(e.Rated, reply=texts, helpful=st.booleans()),
    e.Starred: st.builds(e.Starred, stars=st.integers(1, 5), comment=texts),
    e.Ended: st.builds(e.Ended),
}
"""One strategy for each class of the union; a test holds that none is missing."""
any_event = st.one_of(*EVENTS.values())


@st.composite
def logs(draw: st.DrawFn, max_size: int = 25) -> list[e.Logged]:
    """Draw the entries of one conversation: numbers grow with gaps, as others talk meanwhile."""
    entries: list[e.Logged] = []
    seq = 0
    for event in draw(st.lists(any_event, max_size=max_size)):
        seq += draw(st.integers(1, 3))
        entries.append(e.Logged(seq=seq, conversation="c", at=START + timedelta(seconds=seq), event=event))
    return entries
