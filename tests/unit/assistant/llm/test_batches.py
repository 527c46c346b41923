"""Who is read for in the next batch."""

from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant.llm.batches import AGING, Share, Standing, choose, longest_wait

ROOM = 32


def reading(left: int, *, waited: int = 0, spare: bool = False) -> Standing:
    return Standing(left=left, waited=waited, spare=spare)


WRITING = Standing(left=1, writing=True)


def test_everyone_who_writes_is_in_every_batch() -> None:
    """Words keep coming to all, whatever is read beside them."""
    assert choose([WRITING, reading(500), WRITING], room=ROOM) == (Share(1, ROOM), Share(0, 1), Share(2, 1))


def test_the_shortest_question_goes_first() -> None:
    """Who has the least left to read is not held up by who has much."""
    assert choose([reading(500), reading(20)], room=ROOM) == (Share(1, 20),)
    assert choose([reading(40), reading(40)], room=ROOM) == (Share(0, ROOM),)


def test_a_second_question_is_read_beside_the_first_where_it_ends_there() -> None:
    """A part of it would hold up the first, and be no sooner over itself."""
    assert choose([reading(20), reading(12)], room=ROOM) == (Share(1, 12), Share(0, 20))
    assert choose([reading(20), reading(14)], room=ROOM) == (Share(1, 14),)


def test_who_was_passed_by_often_goes_first() -> None:
    """A long prompt has its turn, however many short ones come."""
    assert choose([reading(100, waited=100 // AGING + 1), reading(3)], room=ROOM)[0].place == 0


def test_what_can_wait_waits() -> None:
    """Reading ahead has a part only in batches where nobody else has."""
    assert choose([reading(50, spare=True), WRITING], room=ROOM) == (Share(1, 1),)
    assert choose([reading(50, spare=True)], room=ROOM) == (Share(0, ROOM),)


def test_nobody_is_no_batch() -> None:
    """With nothing to do there is nothing to read."""
    assert choose([], room=ROOM) == ()


@given(
    st.integers(1, 600),
    st.lists(st.integers(1, 600), max_size=5),
    st.lists(st.lists(st.integers(1, 64), max_size=3), max_size=80),
    st.integers(1, 64),
)
def test_nobody_waits_longer_than_is_promised(
    mine: int, there: list[int], coming: list[list[int]], room: int
) -> None:
    """Whoever comes and goes, no reader is passed by for more batches than `longest_wait` says."""
    most = 6
    lefts, waits, own = [mine, *there], [0] * (1 + len(there)), True
    for arrivals in [*coming, *[[64, 1]] * 100]:
        fresh = arrivals[: most - len(lefts)]
        lefts += fresh
        waits += [0] * len(fresh)
        shares = choose([reading(left, waited=w) for left, w in zip(lefts, waits, strict=True)], room=room)
        assert sum(share.count for share in shares) <= room
        waits = [wait + 1 for wait in waits]
        for share in shares:
            lefts[share.place] -= share.count
            waits[share.place] = 0
        if own and not lefts[0]:
            own = False
        assert longest_wait(mine, others=most - 1) <= mine / 16 + most
        assert not own or waits[0] <= longest_wait(mine, others=most - 1)
        kept = [place for place, left in enumerate(lefts) if left or (own and place == 0)]
        lefts, waits = [lefts[place] for place in kept], [waits[place] for place in kept]
        if not own:
            return
