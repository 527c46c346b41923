"""Keys: does what a caller's keys ask for. What is keyed in to sign in is handed on once, and forgotten."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from shopbell.assistant.errors import AssistantError
from shopbell.loyalty.errors import LoyaltyError
from shopbell.voice.phone import keypad as k
from shopbell.voice.phone import lines as say
from shopbell.voice.phone.session import PhoneSession
from shopbell.voice.phone.shop import Shop

LOOK_S = 0.3
"""Seconds between two looks at the clock."""
BALANCE = "How many points do I have?"


class Keys:
    """One call's keys. `run` does the work."""

    def __init__(
        self, session: PhoneSession, shop: Shop, conversation: str, keys: asyncio.Queue[str], number: str
    ) -> None:
        """Take the keys as they are pressed, and the caller's number."""
        self._session = session
        self._shop = shop
        self._conversation = conversation
        self._keys = keys
        self._caller = number
        self._pad = k.Keypad(shop.settings.keys)
        self._clock = asyncio.get_running_loop().time
        self._then = ""
        """What is asked in the caller's name once they are signed in."""
        self._signed_in = False
        self.message_left = False

    async def run(self) -> None:
        """Take key after key, for ever."""
        while True:
            key = await self._next(LOOK_S)
            if self._session.busy:
                self._pad.heard(self._clock())
            if key:
                await self._press(key)
            elif (deed := self._pad.due(self._clock())) is not None:
                await self._do(deed)

    async def rating(self, seconds: float, is_open: Callable[[], bool]) -> int:
        """Wait for a key from 1 to 5; 0 when none came."""
        self._pad.clear()
        self._pad.mode = "rating"
        until = self._clock() + seconds
        while self._clock() < until and is_open():
            deed = self._pad.press(await self._next(LOOK_S), self._clock())
            if isinstance(deed, k.Rated):
                return deed.stars
        return 0

    async def keep_message(self) -> bool:
        """Put what was left as a message before the staff; say whether there was any."""
        message = self._session.end_message()
        if not message:
            return False
        who = self._caller or "number withheld"
        with suppress(AssistantError):
            await self._shop.note(self._conversation, f'Call back {who}. Message: "{message}"')
        await self._shop.ask_back(self._conversation, self._caller, message)
        self.message_left = True
        return True

    # --- inside --------------------------------------------------------------------------------------------

    async def _next(self, seconds: float) -> str:
        try:
            async with asyncio.timeout(seconds):
                return await self._keys.get()
        except TimeoutError:
            return ""

    async def _press(self, key: str) -> None:
        self._session.touched()
        was = self._pad.mode
        if was != "message":
            await self._session.cut()
        deed = self._pad.press(key, self._clock())
        if deed is not None:
            await self._do(deed)
        elif was == "menu":
            self._session.speak(say.NO_KEY)

    async def _do(self, deed: k.Deed) -> None:
        match deed:
            case k.Wanted(what=what):
                await self._want(what)
            case k.NumberAsked(again=again):
                self._ask_number(again=again)
            case k.PinAsked(again=again):
                self._session.speak(say.PIN_AGAIN if again else say.PIN)
            case k.SignIn(number=number, pin=pin):
                await self._sign_in(number, pin)
            case k.GivenUp():
                self._session.speak(say.GIVEN_UP)
            case k.MessageDone():
                taken = await self.keep_message()
                self._session.speak(say.MESSAGE_TAKEN if taken else say.NO_MESSAGE)
            case _:
                pass

    async def _want(self, what: str) -> None:
        match what:
            case "person":
                await self._shop.conversations.want_person(self._conversation, self._shop.new_key())
            case "points" if not self._signed_in:
                self._then = BALANCE
                await self._do(self._pad.begin(self._clock()))
            case "points":
                await self._session.ask(BALANCE)
            case "message":
                self._pad.mode = "message"
                self._session.begin_message()
            case "repeat":
                await self._session.repeat()
            case question:
                await self._session.ask(question)

    def _ask_number(self, *, again: bool) -> None:
        if self._shop.sign_in() is None:
            self._pad.clear()
            self._session.speak(say.NO_SIGN_IN)
        else:
            self._session.speak(say.NUMBER_AGAIN if again else say.NUMBER)

    async def _sign_in(self, number: str, pin: str) -> None:
        sign_in = self._shop.sign_in()
        if sign_in is None:
            return
        try:
            await sign_in(self._conversation, number, pin, self._caller or "phone")
        except (LoyaltyError, AssistantError) as error:
            self._session.speak(f"{error} Press star to try again.")
            return
        self._signed_in = True
        then, self._then = self._then, ""
        if then:
            await self._session.ask(then)
