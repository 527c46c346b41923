"""What every handler of the staff's side works with; built once, passed in."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from shopbell.assistant.counter import Counter
from shopbell.assistant.editor import Editor
from shopbell.assistant.hub import Hub
from shopbell.assistant.lines import Lines
from shopbell.assistant.machine import Machine
from shopbell.assistant.numbers import Tally
from shopbell.assistant.settings import Settings
from shopbell.assistant.staff.audit import Action
from shopbell.assistant.staff.office import Office
from shopbell.assistant.staff.sessions import Member
from shopbell.assistant.web.limits import Seats
from shopbell.storage.worker import Worker

CONSOLES = 40
"""Open consoles, all together; one address may hold half of them."""


class StaffDesk:
    """The staff's services."""

    def __init__(
        self,
        *,
        settings: Settings,
        office: Office,
        counter: Counter,
        hub: Hub,
        lines: Lines,
        editor: Editor,
        tally: Tally,
        machine: Machine,
        database: Worker,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; `now` tells the time in the shop's zone, `database` is the thread of the log."""
        self.settings = settings
        self.office = office
        self.counter = counter
        self.hub = hub
        self.lines = lines
        self.editor = editor
        self.tally = tally
        self.machine = machine
        self.now = now
        self.seats = Seats(CONSOLES)
        self.editing = asyncio.Lock()
        """Held by whoever previews, publishes or retires: one at a time."""
        self._database = database

    async def write(self, member: Member, action: Action, target: str = "", **detail: str | int) -> None:
        """Write into the audit log what a member did."""
        await self._database.call(self.office.audit.write, member.name, action, target, **detail)
