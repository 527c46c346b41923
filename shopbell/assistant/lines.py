"""The fixed lines: what code says in the assistant's name, always true, the same on every channel."""

from collections.abc import Sequence
from datetime import datetime

from shopbell.assistant.calendar import OpeningHours, spoken_moment, spoken_time
from shopbell.assistant.settings import Settings
from shopbell.assistant.wire import Presence


class Lines:
    """Fixed wording for one shop."""

    def __init__(self, settings: Settings, hours: OpeningHours) -> None:
        self._settings = settings
        self._hours = hours
        self._name = settings.assistant.name
        self._shop = settings.shop.name

    @property
    def notice(self) -> str:
        """That this is an AI: said first, on every channel; no setting can blank it."""
        return f"I am {self._name}, the AI assistant of {self._shop}. I am a computer program, not a person."

    @property
    def greeting(self) -> str:
        """The shop's own greeting."""
        return self._settings.assistant.greeting

    @property
    def human(self) -> str:
        """The truthful answer to "are you human?"."""
        return (
            f"No, I am not a person. I am {self._name}, an AI assistant: a computer program that runs here "
            f"in the shop and answers from what {self._shop} has written down. If you would rather talk to a "
            "person, just say so."
        )

    @property
    def thanks(self) -> str:
        """The answer to thanks."""
        return "You are welcome! Is there anything else I can help with?"

    @property
    def bye(self) -> str:
        """The answer to a goodbye."""
        return f"Goodbye, and thank you for stopping by {self._shop}."

    @property
    def refusal(self) -> str:
        """The shop's own words for "I do not know"."""
        return self._settings.assistant.refusal

    def unknown(self, questions: Sequence[str]) -> str:
        """Return the line for those of several questions that nothing was found on."""
        about = " and ".join(f"“{question}”" for question in questions)
        return f"About {about} I have nothing written down. Shall I get someone for that?"

    def closest(self, title: str, text: str) -> str:
        """Return the FAQ's best words for when the model cannot be asked in time."""
        return f"I cannot look into that more closely just now. The nearest thing I know is “{title}” {text}"

    def presence(self, now: datetime) -> Presence:
        """Say whether a person can be reached at `now`, and else when."""
        span = self._hours.staffed_at(now)
        if span is not None:
            return Presence(staffed=True, text=f"Someone is here until {spoken_time(span[1])}.")
        back = self._hours.next_staffed(now)
        if back is None:
            return Presence(staffed=False, text=f"Nobody is in now.{self._reach}")
        when = spoken_moment(back, now)
        return Presence(staffed=False, text=f"Nobody is in now; we are back {when}.{self._reach}")

    def person_wanted(self, now: datetime) -> str:
        """Return the one visible line for when a person was asked for."""
        presence = self.presence(now)
        if presence.staffed:
            return f"I have let the shop know that you would like a person. {presence.text}"
        return (
            f"I have noted that you would like a person. {presence.text} Leave your phone number or e-mail "
            "here and somebody gets back to you then."
        )

    def called(self, now: datetime) -> str:
        """Return the one visible line for when code calls a person whom nobody asked for."""
        presence = self.presence(now)
        if presence.staffed:
            return f"I have asked somebody from {self._shop} to look in here. {presence.text}"
        return (
            f"I have asked {self._shop} to look at this. {presence.text} Leave your phone number or e-mail "
            "here and somebody gets back to you then."
        )

    def checking(self, seconds: float) -> str:
        """Return the one visible line for when a reply waits for approval."""
        soon = _span(seconds)
        return f"I have drafted an answer; a colleague is checking it. You hear from me within {soon}."

    def unchecked(self, title: str, words: str) -> str:
        """Return the shop's own words, for when nobody approved the draft in time."""
        return f"Nobody could check my answer in time. What the shop wrote on “{title}” is this: {words}"

    @property
    def unsaid(self) -> str:
        """The answer when nobody approved the draft in time and nothing the shop wrote is to be said."""
        return "Nobody could check my answer in time, and I would rather not give it unchecked."

    @property
    def rejected(self) -> str:
        """The answer when a colleague did not approve the draft."""
        return "A colleague has looked at my answer, and it was not good enough to give to you."

    def unchecked_called(self, now: datetime) -> str:
        """Return the one visible line that offers a call back when nobody approved a draft in time."""
        presence = self.presence(now)
        if not presence.staffed:
            return self.called(now)
        return (
            f"I have asked somebody from {self._shop} to answer you here. {presence.text} If you would "
            "rather not wait, leave your phone number or e-mail here and somebody gets back to you."
        )

    def call_back(self, now: datetime) -> str:
        """Return the answer to a number or address left while nobody is in."""
        back = self._hours.next_staffed(now)
        when = f"when we are back, {spoken_moment(back, now)}" if back else "as soon as somebody is in"
        return f"Thank you, I have passed that on. Somebody gets back to you {when}."

    def call_back_at(self, now: datetime) -> str:
        """Return the answer to a time that suits, once it is known how to reach the customer."""
        back = self._hours.next_staffed(now)
        when = f" We are back {spoken_moment(back, now)}." if back else ""
        return f"Thank you, I have noted when it suits you. The person who calls sees it.{when}"

    def call_back_how(self) -> str:
        """Return the question how to reach a customer who said only when."""
        return "I have noted when it suits you. On which phone number or e-mail address can we reach you?"

    def joined(self, name: str) -> str:
        """Return the one visible line for when a person takes over."""
        return f"{name} from {self._shop} has joined the chat and answers you from here on."

    def left(self, name: str) -> str:
        """Return the one visible line for when the person hands back."""
        return f"{name} has left the chat. I am {self._name}, the AI assistant, and answer you again."

    def stepped_away(self, name: str, now: datetime) -> str:
        """Return the one visible line for when a person went quiet and the customer still waits."""
        return (
            f"{name} had to step away, and I have let the shop know that you are waiting. "
            f"{self.presence(now).text} Until then I, {self._name}, the AI assistant, help as well as I can."
        )

    @property
    def erase(self) -> str:
        """The answer to "forget me": honest about what can be done now."""
        return (
            "I do not know who you are, and this chat is kept under no name. I have asked the shop to erase "
            "it; a person does that and tells you here."
        )

    @property
    def _reach(self) -> str:
        ways = [way for way in (self._settings.shop.phone, self._settings.shop.email) if way]
        return f" You can also reach us at {' or '.join(ways)}." if ways else ""


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    if abs(seconds - 60 * minutes) < 1 and minutes:
        return "a minute" if minutes == 1 else f"{minutes} minutes"
    return f"{seconds:.0f} seconds"
