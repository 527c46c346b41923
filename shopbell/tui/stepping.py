"""Stepping in: what staff can do in a conversation, and when."""

from textual import work

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.tui.answering import Answering
from shopbell.tui.behind import step
from shopbell.tui.composer import Purpose
from shopbell.tui.dialogs import Draft, Pick, Sure
from shopbell.tui.errors import ConsoleError
from shopbell.tui.screen import ConsoleScreen
from shopbell.tui.thread import Thread, open_draft

HAND_BACK = "Hand this conversation back to the assistant?"
END = "End this conversation? The customer sees that it is over."
CHANGING = ("take", "say", "canned", "back", "note", "suggest", "whisper", "end", "stay", "faq", "behind")
"""What is offered at some moments only."""


class Stepping(ConsoleScreen):
    """A screen on which one conversation stands, and what its keys do."""

    editing = ""
    """The draft that is being edited."""

    def write(self, purpose: Purpose | None, text: str = "") -> None:
        """Let somebody write for this purpose, or leave the line."""
        raise NotImplementedError

    # --- what is known ---------------------------------------------------------------------------------

    @property
    def thread(self) -> Thread:
        """The conversation on the screen."""
        name = self.console_app.talking
        return self.console_app.desk.threads.get(name, Thread(name))

    @property
    def card(self) -> w.Card | None:
        """Its card, while it is open."""
        return self.console_app.desk.cards.get(self.console_app.talking)

    @property
    def mine(self) -> bool:
        """Whether I answer in it."""
        me, card = self.console_app.desk.me, self.card
        return bool(me and card and card.holder == "staff" and card.staff == me.name)

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        """Offer what can be done now, and nothing else."""
        card, thread = self.card, self.thread
        open_here = card is not None and self.console_app.desk.may("floor")
        match action:
            case "take":
                return open_here and not self.mine
            case "say" | "canned" | "back":
                return open_here and self.mine
            case "note":
                return open_here
            case "suggest":
                return open_here and (self.mine or open_draft(thread) is not None)
            case "whisper":
                return open_here and card is not None and card.holder != "staff"
            case "end":
                return open_here and card is not None and (self.mine or card.holder != "staff")
            case "stay":
                return self.console_app.talking in self.console_app.desk.asked
            case "faq":
                return self.console_app.desk.may("knowledge") and self.said_by_staff() > 0
            case "behind":
                return step(thread, None) is not None
            case _:
                return True

    def said_by_staff(self) -> int:
        """Return the `seq` of what staff said last here; 0 for nothing."""
        said = (e for e in reversed(self.thread.entries) if isinstance(e, wire.Said) and e.who == "staff")
        return next((entry.seq for entry in said), 0)

    # --- keys ------------------------------------------------------------------------------------------

    async def action_take(self) -> None:
        """Take the floor, at the version that is on the screen."""
        card = self.card
        if card is not None:
            await self.console_app.take(card)

    def action_say(self) -> None:
        """Write to the customer."""
        self.write("say")

    def action_whisper(self) -> None:
        """Give the assistant a hint."""
        self.write("whisper")

    def action_note(self) -> None:
        """Write a private note."""
        self.write("note")

    async def action_stay(self) -> None:
        """Say that somebody is still here."""
        name = self.console_app.talking
        self.console_app.answered(name)
        await self.console_app.command(lambda key: w.Stay(key, name))

    @work(exclusive=True, group="dialog")
    async def action_back(self) -> None:
        """Give the floor back."""
        name = self.console_app.talking
        self.write(None)
        await self.console_app.command(lambda key: w.HandBack(key, name))

    @work(exclusive=True, group="dialog")
    async def action_end(self) -> None:
        """End the conversation, once it is sure."""
        name = self.console_app.talking
        if await self.app.push_screen_wait(Sure(END)):
            self.write(None)
            await self.console_app.command(lambda key: w.Finish(key, name))

    @work(exclusive=True, group="dialog")
    async def action_canned(self) -> None:
        """Put a canned reply into the line, to send as it is or to change."""
        me = self.console_app.desk.me
        if me is None or not me.canned:
            self.console_app.say(
                "The shop keeps no canned replies. They stand in shop.toml, under [[console.canned]]."
            )
            return
        text = await self.app.push_screen_wait(Pick(me.canned))
        if text:
            self.write("say", text)

    @work(exclusive=True, group="dialog")
    async def action_suggest(self) -> None:
        """Ask for a draft, or decide about the one that is there."""
        name, draft = self.console_app.talking, open_draft(self.thread)
        if draft is None:
            if await self.console_app.command(lambda key: w.Suggest(key, name)):
                self.console_app.say("Asked for a suggestion. When it stands above the keys, s opens it.")
            return
        decision = await self.app.push_screen_wait(Draft(draft))
        if decision == "edit":
            self.editing = draft.draft
            self.write("edit", draft.text)
        elif decision is not None:
            verdict: w.Verdict = "accepted" if decision == "accept" else "rejected"
            await self.console_app.command(lambda key: w.Judge(key, name, draft.draft, verdict))

    async def send(self, purpose: Purpose, text: str) -> bool:
        """Send what was written; False when it could not be sent."""
        name, command = self.console_app.talking, self.console_app.command
        match purpose:
            case "whisper":
                return await command(lambda key: w.Whisper(key, name, text))
            case "note":
                return await command(lambda key: w.Note(key, name, text))
            case "edit":
                return await command(lambda key: w.Judge(key, name, self.editing, "edited", text))
            case _:
                return await command(lambda key: w.StaffSay(key, name, text))

    @work(exclusive=True, group="dialog")
    async def action_faq(self) -> None:
        """Make an entry of what staff answered here."""
        house, ask = (
            self.console_app.house,
            w.DraftFrom(conversation=self.console_app.talking, seq=self.said_by_staff()),
        )
        try:
            draft = await house.tell("knowledge/draft", ask, w.Draft)
        except ConsoleError as error:
            self.console_app.say(str(error), wrong=True)
            return
        await self.app.push_screen_wait(Answering(draft))
