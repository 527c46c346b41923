"""The doorman: lets a customer be known, for as long as it holds, and no longer.

What is typed here (number, PIN, code) is compared and dropped: of a sign-in the log keeps who and how. Known
and unknown accounts take the same steps, slow hash included, and are told the same.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Literal, Self

import structlog
from msgspec import Struct

from shopbell.assistant import events as e
from shopbell.assistant.conversation import Floor
from shopbell.assistant.errors import AssistantError
from shopbell.assistant.known import IDLE, Known, Why, holding, parting
from shopbell.assistant.postman import Greeting, Postman
from shopbell.assistant.rooms import Rooms
from shopbell.assistant.staff.passwords import Passwords
from shopbell.loyalty.identity import Account, Keyring, check_pin, digits, is_card, is_code
from shopbell.loyalty.identityerrors import SignInRefused
from shopbell.loyalty.identitytoken import read
from shopbell.loyalty.identitytries import Tries
from shopbell.storage.worker import Worker

log = structlog.get_logger()

ROUND_S = 10.0
"""Seconds between two looks for customers who went quiet or away."""
AWAY_S = 120.0
"""Seconds without any open page after which nobody is verified any more."""
WELCOME = "You are signed in. I can now see what is yours: points, rewards and purchases."
PARTED: dict[Why, str] = {
    "asked": "You are signed out. What is yours is closed again.",
    "goodbye": "You are signed out.",
    "idle": "You were quiet for a while, so I have signed you out.",
    "left": "You were away, so I have signed you out.",
    "changed": "Your PIN was changed, so please sign in again.",
}
_WRONG = "That did not match. Check the number and the PIN or code, then try again."
CODE_SENT = "If there is an e-mail address for this number, a code is on its way. It is good for ten minutes."
How = Literal["pin", "code", "card", "site"]


class Gate(Struct, frozen=True, kw_only=True):
    """What the doorman needs of the shop's books; every call blocks."""

    keyring: Keyring
    tries: Tries
    site_key: bytes
    audience: str
    """Whom a token of the shop's site must be meant for."""


class Doorman:
    """Signs customers in and out. Use as an async context manager: its rounds sign out who is idle."""

    def __init__(
        self,
        rooms: Rooms,
        gate: Gate,
        *,
        database: Worker,
        hashing: Worker,
        now: Callable[[], datetime],
        postman: Postman | None = None,
    ) -> None:
        """Take the rooms, the books, the thread they block, one for slow hashes, and who sends codes."""
        self._rooms = rooms
        self._gate = gate
        self._database = database
        self._hashing = hashing
        self._now = now
        self.postman = postman
        self.greeting: Greeting | None = None
        """What waits for a customer who comes in; None until outreach is open."""
        self.minutes: Callable[[str], None] | None = None
        """Notes what a conversation was about; None: nothing is kept."""
        self.passwords = Passwords()
        self._inside: dict[str, datetime | None] = {}
        """Conversations in which somebody is known, and since when no page of theirs is open."""
        self._sending: set[asyncio.Task[None]] = set()
        self._rounds: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._rounds = asyncio.create_task(self._go_rounds(), name="doorman-rounds")
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [*self._sending, *([self._rounds] if self._rounds else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- signing in ----------------------------------------------------------------------------------------

    async def sign_in(self, conversation: str, account: str, secret: str, origin: str) -> None:
        """Recognise the customer; raises SignInRefused, alike for a wrong account and a wrong secret."""
        if is_card(secret := secret.strip()):
            await self._by_card(conversation, secret, origin)
            return
        secret, now, gate = digits(secret), self._now(), self._gate
        key: Literal["pin", "code"] = "code" if is_code(secret) else "pin"
        name = await self._database.call(gate.keyring.named, account)
        source = gate.keyring.origin(origin)
        number = await self._database.call(gate.tries.begin, name, source, key, now)
        found = await self._database.call(gate.keyring.account, account)
        if not await self._matches(found, key, secret, now):
            raise SignInRefused(_WRONG)
        await self._database.call(gate.tries.succeed, number)
        await self._recognise(conversation, found.customer, key)

    async def by_token(self, conversation: str, token: str) -> None:
        """Recognise whom the shop's own site has signed in; raises SignInRefused."""
        now, gate = self._now(), self._gate
        claim = read(token, gate.site_key, audience=gate.audience, now=now)
        found = await self._database.call(gate.keyring.account, claim.sub)
        if not found.customer:
            raise SignInRefused(_WRONG)
        if not await self._database.call(gate.keyring.use_token, found.customer, claim.jti, now):
            raise SignInRefused(_WRONG)
        await self._recognise(conversation, found.customer, "site")

    async def send_code(self, conversation: str, account: str, origin: str) -> None:
        """Send a one-time code where an address is known; told and timed alike where none is."""
        if self.postman is None:
            raise SignInRefused("This shop sends no codes by e-mail. Ask somebody there for one.")
        gate, now = self._gate, self._now()
        name = await self._database.call(gate.keyring.named, account)
        await self._database.call(gate.tries.begin, name, gate.keyring.origin(origin), "code", now)
        found = await self._database.call(gate.keyring.account, account)
        task = asyncio.create_task(self._send(found), name="sign-in-code")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        async with self._rooms.entered(conversation) as room:
            # Also for an account that nobody has: the log's numbers must tell no difference.
            claimed = e.Recognised(customer=found.customer, level="claimed", how="number")
            known = holding(room.state.who, now)
            also = [] if known is not None and known.is_verified else [claimed]
            await self._rooms.append(room, e.Noticed(text=CODE_SENT), "", *also)

    async def set_pin(self, conversation: str, pin: str) -> None:
        """Keep a PIN of who is verified here; raises PinRefused, or SignInRefused for anyone else."""
        known = await self.known(conversation)
        if known is None or not known.is_verified:
            raise SignInRefused("Sign in first, with a one-time code from the shop; then choose a PIN.")
        pin = digits(pin)
        check_pin(pin)
        hashed = await self._hashing.call(self.passwords.hash, pin)
        await self._database.call(self._gate.keyring.keep_pin, known.customer, hashed, self._now())
        await self._recognise(conversation, known.customer, "pin", told="Your new PIN is kept.")

    async def known(self, conversation: str) -> Known | None:
        """Return who is known here now, checked against the books; None for nobody."""
        async with self._rooms.entered(conversation) as room:
            return await self.still(holding(room.state.who, self._now()))

    async def still(self, known: Known | None) -> Known | None:
        """Return the same if the account still stands and its PIN is still the one that was shown."""
        if known is None:
            return None
        keyring = self._gate.keyring
        owner = await self._database.call(keyring.still, known.customer, known.how, known.since)
        return known if owner == known.customer else None

    # --- and out -------------------------------------------------------------------------------------------

    async def sign_out(self, conversation: str, why: Why = "asked") -> None:
        """Let nobody be known any more; nothing happens when nobody is."""
        was_inside = self._inside.pop(conversation, self) is not self
        async with self._rooms.entered(conversation) as room:
            for event in parting(room.state.who, why):
                await self._rooms.append(room, event, "", e.Noticed(text=PARTED[why]))
        if was_inside and self.minutes is not None:
            await self._database.call(self.minutes, conversation)

    def came(self, conversation: str) -> None:
        """Note that a page of this conversation is open."""
        if conversation in self._inside:
            self._inside[conversation] = None

    def left(self, conversation: str) -> None:
        """Note that no page of this conversation is open any more."""
        if conversation in self._inside:
            self._inside[conversation] = self._now()

    async def go_round(self) -> None:
        """Sign out who was quiet or away for too long."""
        now = self._now()
        for conversation, away in list(self._inside.items()):
            if away is not None and (now - away).total_seconds() >= AWAY_S:
                await self._quietly_out(conversation, "left")
                continue
            async with self._rooms.entered(conversation) as room:
                who = room.state.who
            if who is None or now - who.seen_at > IDLE:
                await self._quietly_out(conversation, "idle")

    # --- inside --------------------------------------------------------------------------------------------

    async def _matches(self, found: Account, key: str, secret: str, now: datetime) -> bool:
        good = await self._database.call(self._gate.keyring.use_code, found.customer, secret, now)
        if key == "code":
            return good and bool(found.customer)
        matches = await self._hashing.call(self.passwords.matches, found.pin, secret)
        return matches and bool(found.customer)

    async def _by_card(self, conversation: str, text: str, origin: str) -> None:
        gate = self._gate
        source = gate.keyring.origin(origin)
        number = await self._database.call(gate.tries.begin, source, source, "code", self._now())
        holder = await self._database.call(gate.keyring.card_holder, text)
        if not holder:
            raise SignInRefused("That card is not known here, or a newer one was made. Ask in the shop.")
        await self._database.call(gate.tries.succeed, number)
        await self._recognise(conversation, holder, "card")

    async def _recognise(self, conversation: str, customer: str, how: How, told: str = WELCOME) -> None:
        async with self._rooms.entered(conversation) as room:
            event = e.Recognised(customer=customer, level="verified", how=how)
            if self.greeting and told == WELCOME and room.state.floor is Floor.ASSISTANT:
                told = f"{told}\n\n{await self.greeting(customer)}".strip()
            await self._rooms.append(room, event, "", e.Noticed(text=told))
        self._inside[conversation] = None

    async def _send(self, found: Account) -> None:
        if not found.email or self.postman is None:
            return
        code = await self._database.call(
            self._gate.keyring.issue_code, found.customer, self._now(), by="e-mail"
        )
        try:
            await self.postman.send_code(found.email, code)
        except OSError as fault:
            log.warning("identity.code_not_sent", reason=type(fault).__name__)

    async def _quietly_out(self, conversation: str, why: Why) -> None:
        with suppress(AssistantError):  # the conversation ended meanwhile
            await self.sign_out(conversation, why)

    async def _go_rounds(self) -> None:
        while True:
            await asyncio.sleep(ROUND_S)
            try:
                await self.go_round()
            except Exception:  # one bad round must not end all that come after it
                log.exception("identity.round_failed")
