"""Serving: what staff can do for the customer on the screen, and what is asked before it is done."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual import work

from shopbell.assistant import staffwire as w
from shopbell.tui.asking import Ask, Field
from shopbell.tui.dialogs import Sure
from shopbell.tui.errors import ConsoleError
from shopbell.tui.patron import preview_text, undoable
from shopbell.tui.screen import ConsoleScreen

Form = TypeVar("Form")
REASON = Field("Reason, for the audit log", least=3)
CODE = Field("Code, as on the customer's phone or paper", "7K4QW-2M9XA", most=40, least=2)
OTHER = Field("Name, phone number or card of the other record", least=2, most=254)


class Serving(ConsoleScreen):
    """A screen on which one customer stands, and what its keys do."""

    patron: w.Patron | None = None
    """Who is on the screen."""
    handed: w.HoldRow | None = None
    """What was handed out last."""

    def show_patron(self, customer: str) -> None:
        """Load a customer's card and show it."""
        raise NotImplementedError

    async def put_question(self, question: str) -> bool:
        """Ask yes or no."""
        sure: bool = await self.app.push_screen_wait(Sure(question))
        return sure

    async def attempt(self, ask: Callable[[], Awaitable[Form]]) -> Form | None:
        """Return what the server says; None, and the clerk is told, when it refuses."""
        try:
            return await ask()
        except ConsoleError as error:
            self.console_app.say(str(error), wrong=True)
            return None

    async def tell(self, path: str, form: object, answer: type[Form]) -> Form | None:
        """Send a form about customers; None, and the clerk is told, when the server refuses."""
        house = self.console_app.house
        return await self.attempt(lambda: house.tell(f"customers/{path}", form, answer))  # type: ignore[arg-type]  # every form is a Struct

    # --- points ----------------------------------------------------------------------------------------

    @work(exclusive=True, group="dialog")
    async def action_award(self) -> None:
        """Give points as goodwill."""
        patron = self.patron
        if patron is None:
            return
        about = f"Up to {patron.most:,} points you give alone; above that a colleague decides."
        points = Field("Points", most=7, is_number=True)
        typed = await self.app.push_screen_wait(Ask(f"Goodwill for {patron.name}", (points, REASON), about))
        if typed is None:
            return
        key = self.console_app.around.new_key()
        form = w.Award(key=key, customer=patron.customer, points=max(1, int(typed[0])), reason=typed[1])
        done = await self.tell("award", form, w.Awarded)
        if done is None:
            return
        if done.state == "waiting":
            self.console_app.say(f"{done.points:,} points wait for a colleague to approve them.")
        else:
            self.console_app.say(f"{done.points:,} points given. {done.name} has {done.points_now:,} now.")
        self.show_patron(patron.customer)

    # --- rewards ---------------------------------------------------------------------------------------

    @work(exclusive=True, group="dialog")
    async def action_hand_out(self) -> None:
        """Hand out a reward by its code: first it is shown what the code stands for."""
        typed = await self.app.push_screen_wait(Ask("Hand out a reward", (CODE,)))
        if typed is not None:
            await self.hand_out(typed[0])

    async def hand_out(self, code: str) -> None:
        """Show what a code or hold stands for, ask, and hand it out."""
        held = await self.tell("rewards/look", w.RewardCode(code=code), w.HoldRow)
        if held is None:
            return
        if held.state != "reserved":
            self.console_app.say(f"This reward was {held.state} before. It counts once.", wrong=True)
            return
        cost = f" It takes {held.points:,} points." if held.points else ""
        if await self.put_question(f"Hand out {held.reward}\nto {held.name} ({held.customer})?{cost}"):
            # By its hold: should the answer be lost, the same again is answered as the first time.
            done = await self.tell("rewards/redeem", w.RewardCode(code=held.hold), w.HoldRow)
            if done is not None:
                self.handed = done
                self.console_app.say(f"Handed out: {done.reward}. For five minutes u takes it back.")
                self.show_patron(done.customer)

    async def set_aside(self, reward: str) -> None:
        """Set a reward aside for the customer on the screen, and hand it out if they want it now."""
        patron = self.patron
        row = next((one for one in patron.rewards if one.reward == reward), None) if patron else None
        if patron is None or row is None:
            return
        cost = f" for {row.cost:,} points" if row.cost else ""
        if not await self.put_question(f"Set {row.name} aside\nfor {patron.name}{cost}?"):
            return
        form = w.SetAside(key=self.console_app.around.new_key(), customer=patron.customer, reward=reward)
        held = await self.tell("rewards/set-aside", form, w.HoldRow)
        if held is None:
            return
        until = f"{held.until.astimezone(self.console_app.around.zone):%H:%M}"
        if await self.put_question(
            f"{held.reward} is set aside until {until}.\nCode: {held.code}\n\nHand it out now?"
        ):
            done = await self.tell("rewards/redeem", w.RewardCode(code=held.hold), w.HoldRow)
            self.handed = done or self.handed
        self.show_patron(patron.customer)

    @work(exclusive=True, group="dialog")
    async def action_undo(self) -> None:
        """Take back what was handed out last."""
        held = undoable(self.handed, self.console_app.around.now())
        if held is not None and await self.put_question(f"Take {held.reward} back\nfrom {held.name}?"):
            done = await self.tell("rewards/undo", w.RewardCode(code=held.hold), w.HoldRow)
            if done is not None:
                self.handed = None
                self.console_app.say(f"Taken back: {done.reward}.")
                self.show_patron(done.customer)

    # --- who it is -------------------------------------------------------------------------------------

    async def reveal(self, secret: w.Secret) -> w.Revealed | None:
        """Show what is masked, for a reason."""
        patron = self.patron
        if patron is None:
            return None
        names = {"phone": "phone number", "email": "e-mail address", "birthday": "birthday"}
        title = f"Show the {names[secret]} of {patron.name}"
        typed = await self.app.push_screen_wait(
            Ask(title, (REASON,), "It is written down that you looked, and why.")
        )
        if typed is None:
            return None
        form = w.Reveal(customer=patron.customer, field=secret, reason=typed[0])
        return await self.tell("reveal", form, w.Revealed)

    @work(exclusive=True, group="dialog")
    async def action_recognise(self) -> None:
        """Say that the conversation on the screen before is this customer's, or is not."""
        patron, card = self.patron, self.console_app.desk.cards.get(self.console_app.talking)
        if patron is None or card is None:
            return
        mine = card.customer == patron.customer and card.known == "vouched"
        question = (
            f"Is the conversation “{card.last[:60]}”\nnot with {patron.name} after all?"
            if mine
            else f"Is the conversation “{card.last[:60]}”\nwith {patron.name}? You vouch for it."
        )
        if await self.put_question(question):
            customer = "" if mine else patron.customer
            form = w.Recognise(conversation=card.conversation, customer=customer)
            if await self.tell("recognise", form, w.Kept) is not None:
                self.console_app.say("Noted." if mine else f"This conversation is with {patron.name} now.")

    # --- two records of one person ---------------------------------------------------------------------

    async def join(self, source: str) -> None:
        """Show what joining another record to this one would bring, ask, and join."""
        patron = self.patron
        if patron is None:
            return
        pair = w.Pair(source=source, target=patron.customer)
        preview = await self.tell("twins/preview", pair, w.MergePreview)
        if preview is None or not await self.put_question(preview_text(preview)):
            return
        if await self.tell("twins/join", pair, w.Merged) is not None:
            self.console_app.say(f"{preview.source.name} was joined to {patron.name}.")
        self.show_patron(patron.customer)

    async def part(self, merge: int) -> None:
        """Part two records again."""
        patron = self.patron
        row = next((one for one in patron.merges if one.merge == merge), None) if patron else None
        if patron is None or row is None:
            return
        if await self.put_question(f"Part {row.name} ({row.source})\nfrom {patron.name} again?"):
            if await self.tell("twins/part", w.Unmerge(merge=merge), w.Merged) is not None:
                self.console_app.say("They are two records again.")
            self.show_patron(patron.customer)

    async def settle(self, number: int) -> None:
        """Note that a complaint was seen to."""
        if self.patron is not None and await self.put_question("Was this complaint seen to?"):
            if await self.tell("complaints/settle", w.Settle(number=number), w.Kept) is not None:
                self.console_app.say("Settled.")
            self.show_patron(self.patron.customer)
