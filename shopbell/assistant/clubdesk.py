"""The club's desk: all that staff does for customers, put together."""

from shopbell.assistant.complaints import Complaints
from shopbell.assistant.console import Console
from shopbell.assistant.deeds import Deeds
from shopbell.assistant.goodwill import Goodwill
from shopbell.assistant.handing import Handing
from shopbell.assistant.patrons import Patrons
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.twins import Twins
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.loyalty.casebook import Casebook


class ClubDesk:
    """Customers, goodwill, rewards and twins."""

    def __init__(self, loyalty: LoyaltyDesk, cases: Casebook, audit: AuditLog, console: Console) -> None:
        """Take the programme, complaints and audit log of the same database, and the owner's settings."""
        deeds = Deeds(loyalty, audit)
        self.patrons = Patrons(deeds, cases, console)
        self.complaints = Complaints(deeds, cases)
        self.goodwill = Goodwill(deeds, console)
        self.handing = Handing(deeds)
        self.twins = Twins(deeds, self.patrons)
