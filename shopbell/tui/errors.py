"""What can go wrong in the console.

ConsoleError
|- CannotReach   the server does not answer
|- Refused       it answers, and says no; `code` is the server's own
"""


class ConsoleError(Exception):
    """Something the clerk should read."""

    code = "console"


class CannotReach(ConsoleError):
    """The server does not answer."""

    code = "cannot-reach"


class Refused(ConsoleError):
    """The server said no, in words."""

    def __init__(self, code: str, text: str) -> None:
        """Take the server's code and its words."""
        super().__init__(text)
        self.code = code
