"""Passwords: hashed with Argon2id, one at a time. Hashing blocks for some 30 ms: call it in a worker."""

import hashlib

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from shopbell.assistant.errors import BadRequest

LEAST = 12
"""Characters of a password."""
DISTINCT = 5
"""Different characters in it."""

# The second of the settings that OWASP's password storage sheet names as equally strong.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash("nobody has this password")
"""Compared against where there is no such account, so that both take the same time."""


class Passwords:
    """Hashes and compares, and counts how often."""

    def __init__(self) -> None:
        self.hashed = 0
        """How often the slow function ran."""

    def hash(self, password: str) -> str:
        """Return what is kept in place of the password."""
        self.hashed += 1
        return _HASHER.hash(password)

    def matches(self, kept: str | None, password: str) -> bool:
        """Say whether the password is the one behind `kept`; None takes as long and matches nothing."""
        self.hashed += 1
        try:
            _HASHER.verify(kept or _NOBODY, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        return kept is not None


def check_password(password: str, name: str) -> None:
    """Raise BadRequest, saying why, for a password that is easily guessed."""
    if len(password) < LEAST:
        raise BadRequest(f"A password needs {LEAST} characters or more; three words in a row do well.")
    if len(set(password.lower())) < DISTINCT:
        raise BadRequest("That password repeats itself. Use more different characters.")
    if name and name.casefold() in password.casefold():
        raise BadRequest("The name must not be part of the password.")


def fingerprint(secret: str) -> str:
    """Return what is kept in place of a token or a code.

    It has 192 random bits: a plain hash cannot be guessed back, and a slow one would buy nothing.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
