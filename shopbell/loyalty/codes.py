"""Codes that people read aloud: no look-alikes, and a last character that catches slips.

The alphabet is Crockford's base 32, which has no I, L, O or U. The check is Damm's: each character is folded
into `state = 2 * state + character` over the field GF(32), and the check character brings the state to zero
(H. M. Damm, Total anti-symmetrische Quasigruppen, Marburg 2004, gives such quasigroups of order 2^k). Every
wrong character and every swap of two neighbours is caught.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import CodeRefused
from shopbell.loyalty.registry import code_table, unstamp

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PAYLOAD = 9
"""Characters before the check: 45 random bits."""
_GROUP = 5
_POLYNOMIAL = 0b100101
"""x^5 + x^2 + 1, irreducible over GF(2)."""
_TOP = 32
_MEANT = str.maketrans("OoIiLl", "001111", " -\t\n\u2010\u2011\u2013")


class IssuedCode(Struct, frozen=True, kw_only=True):
    """A code that was just made; its text is not kept."""

    id: str
    text: str
    expires_at: datetime


class SpentCode(Struct, frozen=True, kw_only=True):
    """What a code was for."""

    id: str
    customer: str
    reward: str


def check_character(payload: str) -> str:
    """Return the character that makes `payload` a code."""
    return ALPHABET[_doubled(_fold(payload))]


def make_code(draw: Callable[[int], bytes], payload: int = PAYLOAD) -> str:
    """Return a new code in groups of five; `draw` gives so many random bytes."""
    letters = "".join(ALPHABET[byte % _TOP] for byte in draw(payload))  # 256 is a multiple of 32: no bias
    code = letters + check_character(letters)
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def read_code(text: str) -> str:
    """Return the code that was typed, read aloud or scanned, in groups of five. Raises `CodeRefused`."""
    letters = text.translate(_MEANT).upper()
    if not 2 <= len(letters) <= 4 * _GROUP or not set(letters) <= set(ALPHABET) or _fold(letters):  # noqa: PLR2004
        raise CodeRefused(f'"{text[:24]}" is no code: a character is wrong or missing. Read it again.')
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def issue_code(
    db: Connection,
    *,
    customer: str,
    reward: str,
    at: datetime,
    lasts: timedelta,
    draw: Callable[[int], bytes],
) -> IssuedCode:
    """Make a code for a reward, in the caller's transaction; only its hash is kept."""
    text, ident, expires_at = make_code(draw), draw(8).hex(), at + lasts
    db.execute(
        code_table.insert().values(
            id=ident,
            digest=_digest(text),
            customer=customer,
            reward=reward,
            created_at=stamp(at),
            expires_at=stamp(expires_at),
        )
    )
    return IssuedCode(id=ident, text=text, expires_at=expires_at)


def spend_code(db: Connection, text: str, at: datetime) -> SpentCode:
    """Spend a code once, in the caller's transaction. Raises `CodeRefused`."""
    digest = digest_of(text)
    row = db.execute(sa.select(code_table).where(code_table.c.digest == digest)).first()
    if row is None or not hmac.compare_digest(row.digest, digest):
        raise CodeRefused("This code is not known here. Check that it is of this shop.")
    if row.spent_at is not None:
        raise CodeRefused(
            f"This code was spent on {unstamp(row.spent_at):%d %B %Y, %H:%M} UTC. It counts once."
        )
    if unstamp(row.expires_at) <= at:
        raise CodeRefused(f"This code ended on {unstamp(row.expires_at):%d %B %Y}. Ask for a new one.")
    unspent = (code_table.c.id == row.id) & code_table.c.spent_at.is_(None)
    if db.execute(code_table.update().where(unspent).values(spent_at=stamp(at))).rowcount != 1:
        raise CodeRefused("This code was spent a moment ago. It counts once.")
    return SpentCode(id=row.id, customer=row.customer, reward=row.reward)


def digest_of(text: str) -> str:
    """Return what is kept of a code that was typed, read aloud or scanned. Raises `CodeRefused`."""
    return _digest(read_code(text))


def restore_code(db: Connection, code: str) -> None:
    """Make the spent code with the id `code` good again, to undo at the counter. Raises `CodeRefused`."""
    spent = (code_table.c.id == code) & code_table.c.spent_at.is_not(None)
    if db.execute(code_table.update().where(spent).values(spent_at=None)).rowcount != 1:
        raise CodeRefused("This code was not spent, so there is nothing to undo.")


def _digest(code: str) -> str:
    return hashlib.sha256(b"shopbell reward code\0" + code.encode()).hexdigest()


def _fold(letters: str) -> int:
    state = 0
    for letter in letters:
        state = _doubled(state) ^ ALPHABET.index(letter)
    return state


def _doubled(value: int) -> int:
    """Multiply by x in GF(32)."""
    value <<= 1
    return value ^ _POLYNOMIAL if value & _TOP else value
