import asyncio

from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.conversation import Conversation
from shopbell.assistant.room import BACKLOG, Live, Lost, Room
from tests.fakes.clock import others, run
from tests.fakes.log import START


class Idle:
    """Counts how often a room said that nobody is left."""

    def __init__(self) -> None:
        self.told = 0

    def __call__(self, room: Room) -> None:
        self.told += 1


def new_room() -> tuple[Room, Idle]:
    idle = Idle()
    return Room(Conversation(id="c"), idle), idle


def delta(text: str) -> wire.Delta:
    return wire.Delta(reply="r", text=text)


def logged(seq: int) -> e.Logged:
    return e.Logged(seq=seq, conversation="c", at=START, event=e.Noticed(text=str(seq)))


def test_a_room_is_idle_only_when_nobody_is_left() -> None:
    """Holders, followers and work each keep the room; the last to go tells."""

    async def scene() -> None:
        room, idle = new_room()
        gate = asyncio.Event()
        with room.held():
            with room.subscribed():
                task = room.own(gate.wait())
            assert idle.told == 0
        assert idle.told == 0
        gate.set()
        await task
        await asyncio.sleep(0)
        assert idle.told == 1

    run(scene())


def test_a_follower_that_lags_too_far_is_let_go() -> None:
    """Its queue is emptied, it is told once, and the others lose nothing."""

    async def scene() -> None:
        room, _ = new_room()
        with room.subscribed() as slow, room.subscribed() as quick:
            got = []
            for number in range(BACKLOG + 10):
                room.publish(logged(number))
                got.append(quick.get_nowait())
            assert slow.qsize() == 1
            assert isinstance(slow.get_nowait(), Lost)
            assert [item.seq for item in got if isinstance(item, e.Logged)] == list(range(BACKLOG + 10))
            room.publish(logged(1))
            assert slow.empty()

    run(scene())


def test_a_follower_lags_as_far_as_allowed_without_loss() -> None:
    """Up to the limit everything waits in order."""

    async def scene() -> None:
        room, _ = new_room()
        with room.subscribed() as queue:
            for number in range(BACKLOG):
                room.publish(logged(number))
            items = room.catch_up(queue)
        assert [item.seq for item in items if isinstance(item, e.Logged)] == list(range(BACKLOG))

    run(scene())


@given(st.lists(st.text(min_size=1, max_size=5), max_size=8), st.integers(0, 8))
def test_a_latecomer_gets_the_running_words_once(pieces: list[str], joined: int) -> None:
    """Catching up gives the words so far as one piece, and the pieces that waited are not given again."""

    async def scene() -> None:
        room, _ = new_room()
        room.live = Live("r")
        with room.subscribed() as queue:
            for piece in pieces[:joined]:
                room.live.text += piece
                room.publish(delta(piece))
            caught = room.catch_up(queue)
            assert queue.empty()
            for piece in pieces[joined:]:
                room.live.text += piece
                room.publish(delta(piece))
            frames = [*caught, *(queue.get_nowait() for _ in range(queue.qsize()))]
        assert frames[0] == wire.Replying(reply="r")
        assert "".join(f.text for f in frames if isinstance(f, wire.Delta)) == "".join(pieces)

    run(scene())


def test_a_latecomer_sees_the_place_in_the_queue() -> None:
    """While nothing was said the place stands in for words; afterwards it does not."""

    async def scene() -> None:
        room, _ = new_room()
        room.live = Live("r")
        room.live.place = wire.Waiting(reply="r", place=2, eta_s=9)
        with room.subscribed() as queue:
            assert room.catch_up(queue) == [wire.Replying(reply="r"), room.live.place]
            room.live.text = "Well"
            assert room.catch_up(queue) == [wire.Replying(reply="r"), delta("Well")]
            room.live.settled = True
            assert room.catch_up(queue) == []

    run(scene())


def test_stopping_a_room_ends_its_work() -> None:
    """Every task is cancelled and waited for."""

    async def scene() -> None:
        room, idle = new_room()
        ended: list[str] = []

        async def work(name: str) -> None:
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(0.1)
                ended.append(name)

        tasks = [room.own(work(name)) for name in ("a", "b")]
        await asyncio.sleep(0.01)
        await room.stop()
        assert sorted(ended) == ["a", "b"]
        assert all(task.cancelled() for task in tasks)
        assert not others()
        assert idle.told == 1

    run(scene())
