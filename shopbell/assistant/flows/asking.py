"""Asking the shop: complaints, call-backs, feedback, things to be remembered. Pure."""

import re

from shopbell.assistant.flows import plain
from shopbell.assistant.flows.forms import Question, Slots
from shopbell.assistant.flows.sight import Sight
from shopbell.assistant.flows.task import CallBack, Complain, Deed, Rate, Remember
from shopbell.knowledge.history import MAX_CHARS

LEAST_WORDS = 5
"""A complaint of fewer words ("I want to complain") says not yet what about."""
LONGEST = 1_000
HISTORY = "history"
"""The purpose without which nothing is remembered."""
_ONLY_WISH = re.compile(r"\b(complain(t)?|report a problem|not happy|official)\b", re.IGNORECASE)
_REMEMBER = re.compile(
    r"^\W*(hi\W+|hello\W+)?(could you |can you |please )*(remember|note( down)?|keep in mind|make a note|"
    r"save( for later)?|don'?t forget|for next time)\b\W*(please\W*)?(that\b)?\W*",
    re.IGNORECASE,
)
_CSAT, _NPS = range(1, 6), range(11)


class ComplainForm:
    """Logs a complaint."""

    flow = "complaint"
    is_private = False

    def begin(self, text: str, _sight: Sight) -> Slots | str:
        """Take the words as the complaint when they say what it is about."""
        about = len(text.split()) >= LEAST_WORDS and not _ONLY_WISH.search(text)
        return (("text", text[:LONGEST]),) if about else ()

    def missing(self, slots: Slots, _sight: Sight) -> Question | None:
        """Ask what happened."""
        if "text" in dict(slots):
            return None
        return Question(
            slot="text", text="I am sorry to hear that. What happened? Tell me in your own words."
        )

    def read(self, _slot: str, text: str, _sight: Sight) -> str:
        """Take the words as they are."""
        return " ".join(text.split())[:LONGEST]

    def deed(self, slots: Slots, _sight: Sight) -> Deed | str:
        """Return the complaint."""
        return Complain(text=dict(slots)["text"])

    def echo(self, deed: Deed, _sight: Sight) -> str:
        """Ask for the yes, with the words."""
        words = deed.text if isinstance(deed, Complain) else ""
        return f"I am sorry about that. Shall I put it down for the owner like this: “{words}”? (yes or no)"


class CallBackForm:
    """Asks the staff to call."""

    flow = "callback"
    is_private = False

    def __init__(self, region: str) -> None:
        """Take the country of phone numbers written without one."""
        self._region = region

    def begin(self, text: str, sight: Sight) -> Slots | str:
        """Take the number that was said, else the customer's own, and what it is about."""
        number = plain.phone(text) or (sight.customer.phone if sight.customer else "")
        about = re.search(r"\babout (.{3,200})", text, re.IGNORECASE)
        slots: Slots = (("number", number),) if number else ()
        return (*slots, ("about", about[1].strip(" .!?"))) if about else slots

    def missing(self, slots: Slots, _sight: Sight) -> Question | None:
        """Ask for the number, then for the matter."""
        known = dict(slots)
        if "number" not in known:
            return Question(slot="number", text="Gladly. On which number shall somebody call you?")
        if "about" not in known:
            return Question(slot="about", text="What is it about, in a few words?")
        return None

    def read(self, slot: str, text: str, _sight: Sight) -> str:
        """Return the slot's value in the words."""
        return plain.phone(text) if slot == "number" else " ".join(text.split())[:200]

    def deed(self, slots: Slots, _sight: Sight) -> Deed | str:
        """Return the wish to be called."""
        known = dict(slots)
        return CallBack(number=known["number"], about=known["about"])

    def echo(self, deed: Deed, sight: Sight) -> str:
        """Ask for the yes, with number and matter."""
        if not isinstance(deed, CallBack):
            return ""
        return f"Shall somebody call you on {deed.number}, about “{deed.about}”? {sight.back} (yes or no)"


class FeedbackForm:
    """Keeps a rating; once a quarter also whether the shop would be recommended."""

    flow = "feedback"
    is_private = False

    def begin(self, _text: str, _sight: Sight) -> Slots | str:
        """Begin."""
        return ()

    def missing(self, slots: Slots, _sight: Sight) -> Question | None:
        """Ask for the stars, then for a word."""
        known = dict(slots)
        if "score" not in known:
            return Question(
                slot="score", text="Thank you! How satisfied are you, from 1 (not at all) to 5 (very)?"
            )
        if "comment" not in known:
            return Question(slot="comment", text="And a few words on why? Or say no.")
        return None

    def read(self, slot: str, text: str, _sight: Sight) -> str:
        """Return the slot's value in the words."""
        if slot == "comment":
            return "-" if plain.is_no(text) else " ".join(text.split())[:LONGEST]
        score = plain.number(text)
        return str(score) if score is not None and score in _CSAT else ""

    def deed(self, slots: Slots, _sight: Sight) -> Deed | str:
        """Return the rating."""
        known = dict(slots)
        comment = known["comment"]
        return Rate(kind="csat", score=int(known["score"]), comment="" if comment == "-" else comment)

    def echo(self, deed: Deed, _sight: Sight) -> str:
        """Ask for the yes, with the score."""
        if not isinstance(deed, Rate):
            return ""
        words = f", with the words “{deed.comment}”" if deed.comment else ""
        return f"I will pass on {deed.score} of 5{words}. Right? (yes or no)"


class RecommendForm:
    """Keeps how likely somebody is to recommend the shop (NPS), asked once a quarter."""

    flow = "nps"
    is_private = True

    def begin(self, _text: str, _sight: Sight) -> Slots | str:
        """Begin."""
        return ()

    def missing(self, slots: Slots, _sight: Sight) -> Question | None:
        """Ask for the score."""
        if "score" in dict(slots):
            return None
        text = "How likely are you to recommend us to a friend, from 0 (never) to 10 (surely)? Or say cancel."
        return Question(slot="score", text=text)

    def read(self, _slot: str, text: str, _sight: Sight) -> str:
        """Return the score in the words."""
        score = plain.number(text)
        return str(score) if score is not None and score in _NPS else ""

    def deed(self, slots: Slots, _sight: Sight) -> Deed | str:
        """Return the score."""
        return Rate(kind="nps", score=int(dict(slots)["score"]))

    def echo(self, deed: Deed, _sight: Sight) -> str:
        """Ask for the yes, with the score."""
        score = deed.score if isinstance(deed, Rate) else 0
        return f"I will pass on {score} of 10. Right? (yes or no)"


class RememberForm:
    """Remembers something for a customer who agreed to that."""

    flow = "remember"
    is_private = True

    def begin(self, text: str, sight: Sight) -> Slots | str:
        """Take what follows "remember that"; asks for the consent first where there is none."""
        fact = self.read("text", _REMEMBER.sub("", text, count=1), sight)
        slots: Slots = (("text", fact),) if fact and _REMEMBER.match(text) else ()
        return (("agreed", "before"), *slots) if sight.consents.get(HISTORY) else slots

    def missing(self, slots: Slots, sight: Sight) -> Question | None:
        """Ask for the consent, then for the words."""
        known = dict(slots)
        if "agreed" not in known:
            asked = sight.purposes.get(HISTORY, "May the assistant remember things for you?")
            return Question(
                slot="agreed", text=f"I remember nothing without your consent. {asked} (yes or no)"
            )
        if known["agreed"] != "no" and "text" not in known:
            return Question(slot="text", text="What shall I remember?")
        return None

    def read(self, slot: str, text: str, _sight: Sight) -> str:
        """Return the slot's value in the words."""
        if slot == "agreed":
            return "now" if plain.is_yes(text) else "no" if plain.is_no(text) else ""
        return " ".join(text.split()).strip(" .")[:MAX_CHARS]

    def deed(self, slots: Slots, _sight: Sight) -> Deed | str:
        """Return what is remembered; with the consent, where it was given just now."""
        known = dict(slots)
        if known["agreed"] == "no":
            return "Then I remember nothing. That changes nothing else."
        return Remember(text=known["text"], agreed=known["agreed"] == "now")

    def echo(self, deed: Deed, _sight: Sight) -> str:
        """Ask for the yes, with the words."""
        words = deed.text if isinstance(deed, Remember) else ""
        return f"I will remember: “{words}”. You can see and delete it at any time. Right? (yes or no)"
