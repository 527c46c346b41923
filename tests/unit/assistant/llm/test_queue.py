"""The fair queue."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shopbell.assistant.errors import Overdue
from shopbell.assistant.llm.queue import RIDE_S, FairQueue, Ticket

LIMIT = 12


def ticket(number: int, conversation: str, *, deadline: float = 1e9, judgement: bool = False) -> Ticket:
    return Ticket(
        number=number, conversation=conversation, expected_s=2.0, deadline=deadline, judgement=judgement
    )


def filled(*conversations: str) -> FairQueue:
    queue = FairQueue(LIMIT)
    for number, conversation in enumerate(conversations):
        queue.add(ticket(number, conversation), now=0.0, busy_s=())
    return queue


def taken(queue: FairQueue) -> list[int]:
    numbers = []
    while (one := queue.take(0.0)) is not None:
        numbers.append(one.number)
    return numbers


def test_conversations_take_turns() -> None:
    """One conversation's many questions do not keep another waiting for all of them."""
    assert taken(filled("a", "a", "a", "b", "c", "b")) == [0, 3, 4, 1, 5, 2]


def test_the_order_shown_is_the_order_taken() -> None:
    """Going through the queue gives what taking will give."""
    queue = filled("a", "a", "b", "c", "c", "c")
    assert [one.number for one in queue] == taken(queue)


def test_places_count_the_job_at_work() -> None:
    """Whoever waits is told of the jobs ahead, the running one among them, and of the seconds."""
    places = filled("a", "b").places((1.5,))
    assert [(place.place, place.eta_s) for place in places.values()] == [(1, 1.5), (2, 3.5)]
    assert [place.place for place in filled("a", "b").places(()).values()] == [0, 1]


def test_several_at_once_leave_less_to_wait_for() -> None:
    """With two jobs at work at once, the first to end makes room; a free place means no wait."""
    queue = FairQueue(LIMIT, at_once=2)
    for number, conversation in enumerate("abc"):
        queue.add(ticket(number, conversation), now=0.0, busy_s=())
    busy = queue.places((4.0, 1.0)).values()
    assert [(place.place, place.eta_s) for place in busy] == [(1, 1.0), (2, 3.0), (3, 4.0)]
    free = queue.places((4.0,)).values()
    assert [(place.place, place.eta_s) for place in free] == [(0, 0.0), (1, 2.0), (2, 4.0)]


def test_a_conversation_at_work_waits_for_itself() -> None:
    """Whoever is served already is passed by, and keeps the place in the round."""
    queue = filled("a", "b", "a")
    first = queue.take(0.0, besides=("a",))
    assert first is not None
    assert first.conversation == "b"
    assert queue.take(0.0, besides=("a",)) is None
    assert taken(queue) == [0, 2]


def test_a_full_queue_says_so_at_once() -> None:
    """Past the limit a job is refused, not kept waiting."""
    queue = filled(*"abcdefghijkl")
    with pytest.raises(Overdue, match="12 questions are waiting"):
        queue.add(ticket(99, "z"), now=0.0, busy_s=())
    assert len(queue) == LIMIT


def test_a_hopeless_deadline_is_refused_at_once() -> None:
    """A job whose turn would come after its deadline does not wait for that."""
    queue = filled("a", "b")
    with pytest.raises(Overdue, match="too late"):
        queue.add(ticket(9, "c", deadline=4.0), now=0.0, busy_s=(1.0,))
    assert [one.number for one in queue] == [0, 1]
    queue.add(ticket(9, "c", deadline=6.0), now=0.0, busy_s=(1.0,))


def test_a_removed_ticket_is_gone() -> None:
    """Whoever leaves frees the place at once, wherever it was."""
    queue = filled("a", "a", "b")
    removed = queue.remove(1)
    assert removed is not None
    assert removed.number == 1
    assert queue.remove(1) is None
    assert taken(queue) == [0, 2]


def test_a_reply_rides_with_its_judgement() -> None:
    """The reply that follows a judgement goes before the others, once and only soon."""
    queue = FairQueue(LIMIT)
    queue.add(ticket(1, "a", judgement=True), now=0.0, busy_s=())
    queue.add(ticket(2, "b"), now=0.0, busy_s=())
    queue.take(0.0)
    queue.add(ticket(3, "a"), now=0.1, busy_s=())
    queue.add(ticket(4, "a"), now=0.1, busy_s=())
    assert taken(queue) == [3, 2, 4]


def test_a_late_reply_does_not_ride() -> None:
    """A ride is lost when the reply comes late."""
    queue = FairQueue(LIMIT)
    queue.add(ticket(1, "a", judgement=True), now=0.0, busy_s=())
    queue.take(0.0)
    queue.add(ticket(2, "b"), now=0.0, busy_s=())
    queue.add(ticket(3, "a"), now=RIDE_S + 0.1, busy_s=())
    assert taken(queue) == [2, 3]


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=LIMIT))
def test_nobody_is_passed_twice_by_the_same(conversations: list[str]) -> None:
    """Before a conversation's next turn, every other has at most one."""
    order = taken(filled(*conversations))
    for name in set(conversations):
        since: Counter[str] = Counter()
        left = conversations.count(name)
        for number in order:
            if conversations[number] == name:
                since.clear()
                left -= 1
                continue
            since[conversations[number]] += 1
            assert not left or since[conversations[number]] == 1


class Queueing(RuleBasedStateMachine):
    """Any order of coming, being taken and leaving."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = FairQueue(LIMIT)
        self.waiting: dict[int, str] = {}
        self.passed: dict[int, Counter[str]] = {}
        self.number = 0
        self.now = 0.0

    @rule(conversation=st.sampled_from("abcd"), judgement=st.booleans())
    def come(self, conversation: str, judgement: bool) -> None:
        self.number += 1
        try:
            self.queue.add(ticket(self.number, conversation, judgement=judgement), now=self.now, busy_s=())
        except Overdue:
            assert len(self.waiting) == LIMIT
            return
        self.waiting[self.number] = conversation
        if conversation not in [c for n, c in self.waiting.items() if n != self.number]:
            self.passed[self.number] = Counter()

    @rule()
    @precondition(lambda self: self.waiting)
    def take(self) -> None:
        one = self.queue.take(self.now)
        assert one is not None
        assert self.waiting.pop(one.number) == one.conversation
        self.passed.pop(one.number, None)
        for number, counted in self.passed.items():
            if self.waiting[number] == one.conversation:
                counted.clear()  # its conversation has had a turn just now
            else:
                counted[one.conversation] += 1

    @rule(data=st.data())
    @precondition(lambda self: self.waiting)
    def leave(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.waiting)))
        assert self.queue.remove(number) is not None
        del self.waiting[number]
        self.passed.pop(number, None)

    @rule(seconds=st.floats(0, 5))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def nothing_is_lost_and_nothing_doubled(self) -> None:
        numbers = [one.number for one in self.queue]
        assert sorted(numbers) == sorted(self.waiting)
        assert len(self.queue) == len(numbers) <= LIMIT
        assert list(self.queue.places(())) == numbers

    @invariant()
    def nobody_starves(self) -> None:
        """Let a lone ticket be passed by another conversation at most twice: a turn and a ride."""
        for number, counted in self.passed.items():
            alone = list(self.waiting.values()).count(self.waiting[number]) == 1
            assert not alone or all(times <= 2 for times in counted.values())


TestQueueing = Queueing.TestCase
