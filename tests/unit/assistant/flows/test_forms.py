"""Flows in conversation: echoes, plain yeses, repairs, and nothing done that was not said yes to."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from msgspec.structs import replace

from shopbell.assistant.flows import plain
from shopbell.assistant.flows import task as t
from shopbell.assistant.flows.forms import CANCELLED, EXPIRED, Aside, Ask, Do, Form, Move, Tell, go_on, start
from shopbell.assistant.flows.sight import Sight
from shopbell.assistant.reception import forms
from shopbell.knowledge.history import Remembered
from shopbell.loyalty.answers import Offer
from shopbell.loyalty.customers import Customer

NOW = datetime(2026, 11, 21, 10, 24, tzinfo=UTC)
FORMS = forms("GB")
ANN = Customer(id="ann", name="Ann", phone="+447700900123", joined_at=NOW)


def offer(reward: str, cost: int, *, can: bool = True, owned: int = 0) -> Offer:
    return Offer(
        reward=reward, name=f"a {reward}", cost=cost, owned=owned, stock=None, until=None, can=can, why=""
    )


SIGHT = Sight(
    now=NOW,
    club="Club",
    customer=ANN,
    offers=(offer("mug", 40), offer("cake", 100), offer("bike", 900, can=False)),
    points=320,
    consents={"history": True, "marketing": True},
    purposes={"history": "May we use your history?", "marketing": "May we write?", "profiling": "Group you?"},
)
NOBODY = replace(SIGHT, customer=None, offers=(), points=0, consents={})


class Talk:
    """One form, talked to turn by turn."""

    def __init__(self, flow: str, first: str, sight: Sight = SIGHT) -> None:
        self.form: Form = FORMS[flow]
        self.sight = sight
        self.keys: Iterator[str] = (f"k{n}" for n in range(10_000))
        self.move: Move = start(self.form, first, sight, next(self.keys))

    @property
    def task(self) -> t.Task:
        assert isinstance(self.move, Ask)
        return self.move.task

    def say(self, text: str, sight: Sight | None = None) -> Move:
        self.sight = sight or self.sight
        self.move = go_on(self.form, self.task, text, self.sight, next(self.keys))
        return self.move


def test_a_reward_is_redeemed_for_exactly_what_was_echoed() -> None:
    """The echo names reward, price and what is left; a plain yes does just that."""
    talk = Talk("redeem", "I want to redeem my points")
    assert "1: a mug (40 points); 2: a cake (100 points)" in talk.task.question
    talk.say("the cake please")
    assert talk.task.question == (
        "That takes 100 points for a cake; you have 320, so 220 are left. Shall I do that? (yes or no)"
    )
    done = talk.say("Yes, please!")
    assert isinstance(done, Do)
    assert done.deed == t.Redeem(reward="cake", name="a cake", cost=100)


@pytest.mark.parametrize(
    "text",
    [
        "yes, 500 points",
        "yes but the mug",
        "yes wait no",
        "maybe",
        "yes no",
        "is it yes?",
        "not yes",
        "yesterday",
        "I said yes to the other one",
        "ok ok but how much is it",
        "yes and 10^12 points for me",
        "'); DROP TABLE entry; -- yes",
    ],
)
def test_only_a_plain_yes_is_one(text: str) -> None:
    """Anything besides a yes does nothing: it costs another question."""
    talk = Talk("redeem", "redeem the cake")
    assert not isinstance(talk.say(text), Do)


def test_the_price_that_changed_is_asked_again() -> None:
    """A yes to a price that is no longer so does nothing but ask anew."""
    talk = Talk("redeem", "redeem the cake")
    dearer = replace(SIGHT, offers=(offer("mug", 40), offer("cake", 150)))
    again = talk.say("yes", dearer)
    assert isinstance(again, Ask)
    assert "150 points" in again.task.question
    assert isinstance(talk.say("yes"), Do)


def test_another_persons_yes_is_none() -> None:
    """What one customer began no other can finish, and nobody after ten minutes."""
    talk = Talk("redeem", "redeem the cake")
    ben = replace(SIGHT, customer=replace(ANN, id="ben"))
    assert go_on(talk.form, talk.task, "yes", ben, "k") == Tell(text=EXPIRED)
    assert go_on(talk.form, talk.task, "yes", NOBODY, "k") == Tell(text=EXPIRED)
    late = replace(SIGHT, now=NOW + timedelta(minutes=11))
    assert go_on(talk.form, talk.task, "yes", late, "k") == Tell(text=EXPIRED)


def test_repairs() -> None:
    """Correct, repeat, cancel, speak of something else, be misunderstood: each has its way."""
    talk = Talk("contact", "change my email")
    talk.say("ann@old.example")
    talk.say("sorry, what?")
    assert "ann@old.example" in talk.task.question
    talk.say("no, I meant ann@new.example")
    assert "ann@new.example" in talk.task.question
    assert isinstance(talk.say("when are you open?"), Aside)
    talk = Talk("contact", "change my email to ann@new.example")
    assert talk.say("never mind") == Tell(text=CANCELLED)
    talk = Talk("contact", "change my email to ann@new.example")
    assert talk.say("no") == Tell(text=CANCELLED)
    talk = Talk("feedback", "feedback")
    for _ in range(2):
        aside = talk.say("purple")
        assert isinstance(aside, Aside)
        talk.move = aside.unclear
    aside = talk.say("purple")
    assert isinstance(aside, Aside)
    assert isinstance(aside.unclear, Tell)
    assert aside.unclear.offer_person


def test_joining_asks_each_consent_by_itself() -> None:
    """Name, number, one purpose at a time, a friend's code; the echo holds all of it."""
    talk = Talk("join", "sign me up", NOBODY)
    asked = [talk.task.question]
    for answer in ("my name is Zoë O'Neil", "07700 900555", "yes", "no", "no", "no"):
        talk.say(answer)
        asked.append(talk.task.question)
    assert [text[:8] for text in asked[2:5]] == ["May we u", "May we w", "Group yo"]
    done = talk.say("yes")
    assert isinstance(done, Do)
    assert done.deed == t.Join(
        name="Zoë O'Neil",
        phone="+447700900555",
        purposes=("history",),
        refused=("marketing", "profiling"),
        friend="",
    )


def test_nothing_is_remembered_without_consent() -> None:
    """Who has not agreed is asked first, and a no ends it."""
    talk = Talk("remember", "remember that I like oat milk", replace(SIGHT, consents={}))
    assert "consent" in talk.task.question
    assert isinstance(talk.say("no"), Tell)
    talk = Talk("remember", "remember that I like oat milk", replace(SIGHT, consents={}))
    talk.say("yes")
    done = talk.say("yes")
    assert isinstance(done, Do)
    assert done.deed == t.Remember(text="I like oat milk", agreed=True)


def test_a_matter_is_said_anew_before_the_yes() -> None:
    """Who says more exactly what a call is about, or gives another number, is asked again with that."""
    talk = Talk("callback", "call me back about a birthday cake")
    assert isinstance(talk.say("about a birthday cake for 20 people"), Ask)
    talk.say("no, I meant 07700 900555")
    done = talk.say("yes")
    assert isinstance(done, Do)
    assert done.deed == t.CallBack(number="07700 900555", about="a birthday cake for 20 people")


@pytest.mark.parametrize("text", ["hm, no, I changed my mind", "oh well, never mind", "actually, no thanks"])
def test_a_drawn_out_no_is_a_no(text: str) -> None:
    """Hesitating words in front change nothing."""
    talk = Talk("redeem", "the mug please")
    assert talk.say(text) == Tell(text=CANCELLED)


KEPT = tuple(
    Remembered(number=number, text=text, at=NOW, channel="web", by="customer")
    for number, text in ((7, "I take oat milk"), (4, "my dog is called Rex"))
)


def test_one_remembered_thing_is_forgotten_by_its_words_or_its_place() -> None:
    """What is named is echoed and forgotten; where that is not clear it is asked; all of it has a number."""
    knows = replace(SIGHT, remembered=KEPT)
    assert Talk("unremember", "forget the dog", knows).task.deed == t.Unremember(number=4, text=KEPT[1].text)
    talk = Talk("unremember", "forget one thing", knows)
    assert "1: “I take oat milk”; 2:" in talk.task.question
    talk.say("the first, 1")
    done = talk.say("yes")
    assert isinstance(done, Do)
    assert done.deed == t.Unremember(number=7, text="I take oat milk")
    talk = Talk("unremember", "forget one thing", knows)
    talk.say("all of it")
    assert "all 2 things" in talk.task.question
    assert isinstance(Talk("unremember", "forget one thing").move, Tell)


WORDS = (
    "yes no cancel ok 1 2 3 100 -5 10**12 ann@example.com 07700900123 mug cake bike redeem all points of ben "
    "customer=ben id:ben admin true null {} [] <b> '; DROP TABLE customer;-- ../../etc sudo "
    "transfer everything what? again I meant make it yes please never mind system: "
    "tool_call(redeem,999999) \x00 \u202e é 🙂"
).split(" ")


def test_five_thousand_hostile_turns_do_nothing_that_was_not_echoed() -> None:
    """Whatever is said, a deed is the one that stood in the last question, for the one who began it."""
    random, done = Random(7), 0
    for _ in range(5_000):
        flow = random.choice(sorted(FORMS))
        sight = random.choice((SIGHT, SIGHT, NOBODY)) if not FORMS[flow].is_private else SIGHT
        talk = Talk(flow, " ".join(random.choices(WORDS, k=random.randint(0, 6))), sight)
        for _ in range(8):
            if isinstance(talk.move, Aside):
                talk.move = talk.move.unclear
            if not isinstance(talk.move, Ask):
                break
            before, text = talk.task, " ".join(random.choices(WORDS, k=random.choice((1, 1, 2, 5))))
            move = talk.say(text)
            if isinstance(move, Do):
                done += 1
                assert plain.is_yes(text)
                assert before.asking == "confirm"
                assert move.deed == before.deed
                assert FORMS[flow].echo(move.deed, talk.sight) == before.question
                assert before.customer == talk.sight.owner
                if isinstance(move.deed, t.Redeem):
                    assert (move.deed.reward, move.deed.cost) in {("mug", 40), ("cake", 100)}
    assert done > 20
