"""What only the telephone says: greetings by the clock, and the lines around keys. Always true."""

from datetime import datetime

from shopbell.assistant.calendar import OpeningHours, spoken_moment
from shopbell.assistant.settings import Settings

KEPT = "What you say is written down for the shop; the sound itself is not kept."
"""Said in every call after the notice; no setting can blank it."""
NUMBER = "Please key in your phone number or card number, and then the hash key."
NUMBER_AGAIN = "That was too short. Please key in the whole number, and then the hash key."
PIN = "Thank you. Now your PIN, and then the hash key."
PIN_AGAIN = "That was too short. Please key in your PIN, and then the hash key."
GIVEN_UP = "I have forgotten what you keyed in. Press star to begin again, or just ask me something."
NO_SIGN_IN = "This shop keeps no customer accounts, so there is nothing to sign in to. Just ask me."
LATER = "I cannot check that just now. Please try again in a moment."
MESSAGE = "Please say after the tone what it is about, and how to reach you. Press hash when you are done."
MESSAGE_TAKEN = "Thank you, I have passed that on; somebody calls you back. Is there anything else?"
NO_MESSAGE = "I did not hear a message. Press the key again to leave one, or just ask me something."
PUTTING_THROUGH = "I am putting you through now. One moment, please."
NOBODY = (
    "Nobody can take the call just now. The shop knows that you called and calls you back. "
    "You may also leave a message, or ask me something else."
)
BRIEFED = "Press one to take the call, or hang up: then I offer to call back."
CUT_OFF = "I am sorry, the line to my colleague broke. Please call again. Goodbye!"
NOT_REACHED = "Nobody answers there. Goodbye!"
BACK = "I am sorry, my voice was gone for a moment."
PROBE = "Hm."
"""Spoken for nobody, to find out whether the voice is back; never rendered in advance."""
LONGEST = "We have talked as long as a call may be. Please call again if there is more. Goodbye!"
FAULT = "I am sorry, something went wrong here. Please call again in a minute. Goodbye!"
RATE = "How was it? Press a key, from one for poor to five for very good. Or just hang up."
RATED = "Thank you. Goodbye!"
NO_KEY = "That key does nothing here."


def briefing(about: str) -> str:
    """Return what staff hear before they take a call; `about` are the caller's last words."""
    said = f" They said: {about.rstrip('.?!')}." if about else ""
    return f"Here is Shopbell. Somebody on the telephone would like a person.{said} {BRIEFED}"


def calling_back(about: str) -> str:
    """Return what staff hear before a customer is called back; `about` is the wish."""
    what = f" It is about this: {about.rstrip('.?!')}." if about else ""
    return f"Here is Shopbell. A customer asked to be called back.{what} Press one, and I ring them."


def fixed() -> tuple[str, ...]:
    """Return every line, for rendering in advance."""
    around = (NUMBER, NUMBER_AGAIN, PIN, PIN_AGAIN, GIVEN_UP, NO_SIGN_IN, LATER, MESSAGE, MESSAGE_TAKEN)
    return (
        *around,
        NO_MESSAGE,
        PUTTING_THROUGH,
        NOBODY,
        CUT_OFF,
        NOT_REACHED,
        BACK,
        LONGEST,
        FAULT,
        RATE,
        RATED,
        NO_KEY,
    )


class PhoneLines:
    """The lines of one shop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.hours = OpeningHours(settings)

    def greeting(self, notice: str, now: datetime) -> str:
        """Return what a caller hears first: what answers, what is kept, and how the shop stands now."""
        phone, open_now = self._settings.phone, self.hours.open_at(now) is not None
        words = (phone.greeting or self._settings.assistant.greeting) if open_now else self._closed(now)
        return " ".join(part for part in (notice, KEPT, words, self.menu()) if part)

    def menu(self) -> str:
        """Return the keys worth telling of."""
        told = {"person": "for a person", "message": "to leave a message"}
        said = [
            f"{key} {told[what]}" for key, what in sorted(self._settings.phone.keys.items()) if what in told
        ]
        return f"Press {', '.join(said)}." if said else ""

    def _closed(self, now: datetime) -> str:
        if self._settings.phone.closed_greeting:
            return self._settings.phone.closed_greeting
        today = self.hours.on(now.date())
        why = f" It is {today.reason}." if today.reason and not today.spans else ""
        opening = self.hours.next_opening(now)
        again = f" and open again {spoken_moment(opening, now)}" if opening else ""
        return f"We are closed now{again}.{why} I can still help: just ask me."
