"""The desk of outreach: staff reads drafts, changes, releases or refuses them; each is in the audit log."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from shopbell.assistant.deeds import Deeds, Entry
from shopbell.assistant.outreach.judging import Judging
from shopbell.assistant.outreach.letter import Letter
from shopbell.assistant.outreach.occasion import LABELS
from shopbell.assistant.outreach.office import Office
from shopbell.assistant.outreach.policy import Go, Later, Verdict
from shopbell.assistant.outreach.tables import State
from shopbell.assistant.outreach.templates import Words
from shopbell.assistant.staff.audit import Action
from shopbell.assistant.staff.sessions import Member
from shopbell.assistant.staffwire.letters import LetterId, LetterNo, LetterRow, LetterRows, LetterWords
from shopbell.loyalty.errors import NoSuchCustomer

SHOWN: tuple[State, ...] = (
    "waiting",
    "released",
    "sending",
    "sent",
    "shown",
    "unsure",
    "bounced",
    "failed",
    "refused",
    "stopped",
)
"""All but who was held out: whoever sees them would treat them otherwise, and the comparison were spoilt."""


class LetterDesk:
    """Messages the shop writes first."""

    def __init__(self, deeds: Deeds, office: Office) -> None:
        """Take the books with the audit log, and the office."""
        self._deeds = deeds
        self._office = office

    @property
    def _judging(self) -> Judging:
        return self._office.stores.judging

    async def letters(self, member: Member) -> LetterRows:
        """Return what waits, and what became of the others."""

        def found() -> LetterRows:
            return LetterRows(
                letters=tuple(self._row(one) for one in self._judging.letters(*SHOWN)),
                sends_mail=self._office.sends_mail,
            )

        return await self._deeds.look(member, Entry("letters-viewed"), found)

    async def edit(self, member: Member, ask: LetterWords) -> LetterRow:
        """Change a draft's words; raises LetterRefused or NoSuchLetter."""
        words = Words(subject=ask.subject, text=ask.body)
        return await self._do(member, "letter-edited", lambda: self._judging.edit(ask.id, words))

    async def release(self, member: Member, ask: LetterId) -> LetterRow:
        """Let a draft go as soon as it may; raises LetterRefused or NoSuchLetter."""
        now = self._deeds.now()
        return await self._do(
            member, "letter-released", lambda: self._judging.release(ask.id, member.name, now)
        )

    async def refuse(self, member: Member, ask: LetterNo) -> LetterRow:
        """Never send a message; raises LetterRefused or NoSuchLetter."""
        return await self._do(
            member, "letter-refused", lambda: self._judging.refuse(ask.id, member.name, ask.why)
        )

    async def _do(self, member: Member, action: Action, deed: Callable[[], Letter]) -> LetterRow:
        done = await self._deeds.do(member, deed, lambda one: Entry(action, one.customer, {"letter": one.id}))
        return await self._deeds.read(lambda: self._row(done))

    def _row(self, one: Letter) -> LetterRow:
        verdict = self._office.stores.letters.verdict(one, self._deeds.now())
        try:
            name = self._deeds.room.customers.get(one.customer).name
        except NoSuchCustomer:
            name = ""
        return LetterRow(
            id=one.id,
            occasion=LABELS[one.trigger],
            customer=one.customer,
            name=name,
            way="email" if one.way == "email" else "visit",
            state=one.state,
            subject=one.subject,
            body=one.body,
            facts=one.facts,
            why=one.why,
            basis=one.basis or (verdict.basis if isinstance(verdict, Go) else ""),
            may_go=may_go(one, verdict, self._deeds.room.zone, sends_mail=self._office.sends_mail),
            drawn_at=one.drawn_at,
            until=one.until,
            decided_by=one.decided_by,
            outcome=one.outcome,
        )


def may_go(one: Letter, verdict: Verdict, zone: ZoneInfo, *, sends_mail: bool) -> str:
    """Say when a draft would go, in a sentence; empty for one that is over."""
    if one.state not in {"waiting", "released"}:
        return ""
    if one.way == "email" and not sends_mail:
        return "It waits: no mail server or no address of this server is in shop.toml."
    if isinstance(verdict, Go):
        return "At once." if one.way == "email" else "When the customer signs in next."
    if isinstance(verdict, Later):
        return f"From {verdict.until.astimezone(zone):%-d %B, %H:%M} on: {verdict.why}."
    return f"Not at all: {verdict.why}."
