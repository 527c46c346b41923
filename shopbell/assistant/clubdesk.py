"""The club's desk: all that staff does for customers, put together."""

from shopbell.assistant.complaints import Complaints
from shopbell.assistant.console import Console
from shopbell.assistant.deeds import Deeds
from shopbell.assistant.errors import NoProgramme
from shopbell.assistant.feedback.desk import FeedbackDesk
from shopbell.assistant.goodwill import Goodwill
from shopbell.assistant.handing import Handing
from shopbell.assistant.outreach.desk import LetterDesk
from shopbell.assistant.patrons import Patrons
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.twins import Twins
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.loyalty.casebook import Casebook


class ClubDesk:
    """Customers, goodwill, rewards and twins."""

    def __init__(self, loyalty: LoyaltyDesk, cases: Casebook, audit: AuditLog, console: Console) -> None:
        """Take the programme, complaints and audit log of the same database, and the owner's settings."""
        deeds = self.deeds = Deeds(loyalty, audit)
        self.patrons = Patrons(deeds, cases, console)
        self.complaints = Complaints(deeds, cases)
        self.goodwill = Goodwill(deeds, console)
        self.handing = Handing(deeds)
        self.twins = Twins(deeds, self.patrons)
        self._letters: LetterDesk | None = None
        self._feedback: FeedbackDesk | None = None

    def open(self, letters: LetterDesk, feedback: FeedbackDesk) -> None:
        """Take in what is open only while customers are served."""
        self._letters, self._feedback = letters, feedback

    @property
    def letters(self) -> LetterDesk:
        """Messages the shop writes first; raises NoProgramme while nobody is served."""
        if self._letters is None:
            raise NoProgramme("Messages can be read once the shop is open.")
        return self._letters

    @property
    def feedback(self) -> FeedbackDesk:
        """What customers said; raises NoProgramme while nobody is served."""
        if self._feedback is None:
            raise NoProgramme("Feedback can be read once the shop is open.")
        return self._feedback
