"""Codes for going on on a phone."""

import itertools

from shopbell.voice.handoff import HOLDS_S, MOST, Handoffs, Pass


class Desk:
    def __init__(self) -> None:
        self.now = 0.0
        self.taken: list[str] = []
        ids = itertools.count(1)
        self.handoffs = Handoffs(clock=lambda: self.now, new_code=lambda: f"code-{next(ids)}")

    def offer(self, name: str) -> str:
        return self.handoffs.offer(
            Pass(conversation=name, token=f"t-{name}"), lambda: self.taken.append(name)
        )


def test_a_code_works_once() -> None:
    """The first phone gets the conversation, the kiosk is told, the second phone gets nothing."""
    desk = Desk()
    code = desk.offer("a")
    assert desk.handoffs.take(code) == Pass(conversation="a", token="t-a")  # noqa: S106 - no secret
    assert desk.handoffs.take(code) is None
    assert desk.taken == ["a"]


def test_a_code_holds_five_minutes() -> None:
    """Afterwards it opens nothing."""
    desk = Desk()
    code = desk.offer("a")
    desk.now = HOLDS_S + 0.1
    assert desk.handoffs.take(code) is None
    assert desk.taken == []


def test_a_new_code_voids_the_old_one_and_their_number_is_bounded() -> None:
    """One code for each conversation, and never more than a few."""
    desk = Desk()
    old = desk.offer("a")
    desk.offer("a")
    assert desk.handoffs.take(old) is None
    for number in range(3 * MOST):
        desk.offer(f"c{number}")
    assert len(desk.handoffs) <= MOST


def test_a_wrong_code_opens_nothing() -> None:
    """Nor does an empty one, or one in another alphabet."""
    desk = Desk()
    desk.offer("a")
    assert [desk.handoffs.take(code) for code in ("", "code", "cöde-1")] == [None, None, None]
