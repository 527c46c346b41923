"""Mail: hands a message to the shop's mail server by SMTP, and says what the server made of it.

The connection is encrypted and the certificate is checked before a name or a word is said; the one exception
is a server on this very machine without a user. Nothing here is logged but codes.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
from msgspec import Struct

from shopbell.assistant.outreach.errors import OutreachRefused
from shopbell.assistant.outreach.letter import Outcome
from shopbell.assistant.outreach.plan import Mail

PASSWORD = "SHOPBELL_MAIL_PASSWORD"  # noqa: S105 - the name of a variable
PATIENCE_S = 30.0
"""Seconds for one answer of the server."""
_PERMANENT = 500
_READABLE = 0o077


class Login(Struct, frozen=True):
    """How to sign in at the mail server."""

    user: str
    password: str

    @property
    def __pii__(self) -> tuple[str, ...]:
        """What is secret."""
        return ("user", "password")

    def __repr__(self) -> str:
        """Tell nothing."""
        return "Login(...)"


class Sender:
    """One mail server. `login` is None where none is needed."""

    def __init__(
        self, mail: Mail, login: Login | None, sender: str, *, patience_s: float = PATIENCE_S
    ) -> None:
        self._mail = mail
        self._login = login
        self._patience_s = patience_s
        self.sender = sender
        """Address the mail comes from."""

    async def send(self, message: EmailMessage, to: str) -> Outcome:
        """Send a message to one address; whatever goes wrong is the outcome, and never raised."""
        client = self._client()
        try:
            refusal = await self._prepare(client, to)
            return refusal or await _hand_over(client, message)
        finally:
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit()
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        mail = self._mail
        return aiosmtplib.SMTP(
            hostname=mail.host,
            port=mail.port,
            timeout=self._patience_s,
            use_tls=mail.security == "tls",
            start_tls=False,  # done below: it must succeed
            tls_context=trust(mail) if mail.security != "none" else None,
            validate_certs=True,
        )

    async def _prepare(self, client: aiosmtplib.SMTP, to: str) -> Outcome | None:
        """Get as far as the server's yes to the address; before the message nothing can be half sent."""
        try:
            await client.connect()
            if self._mail.security == "starttls":
                await client.starttls(tls_context=trust(self._mail))
            if self._login is not None:
                await client.login(self._login.user, self._login.password)
            await client.mail(self.sender)
            await client.rcpt(to)
        except aiosmtplib.SMTPAuthenticationError as fault:
            words = "The mail server does not take name or password. Check [mail] user and the password."
            return Outcome(kind="again", code=fault.code, words=words)
        except aiosmtplib.SMTPRecipientRefused as fault:
            return _refused(fault.code, "The address was refused")
        except aiosmtplib.SMTPResponseException as fault:
            return Outcome(kind="again", code=fault.code, words=_said(fault.code, "The server refused"))
        except ssl.SSLError as fault:
            return Outcome(kind="again", code=0, words=f"The encrypted connection failed: {fault.reason}.")
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as fault:
            cause = fault.__cause__ if isinstance(fault.__cause__, ssl.SSLError) else None
            if cause is not None:
                return Outcome(
                    kind="again", code=0, words=f"The encrypted connection failed: {cause.reason}."
                )
            return Outcome(kind="again", code=0, words=f"Not reached: {type(fault).__name__}.")
        return None


async def _hand_over(client: aiosmtplib.SMTP, message: EmailMessage) -> Outcome:
    try:
        answer = await client.data(message.as_bytes())
    except aiosmtplib.SMTPDataError as fault:
        return _refused(fault.code, "The message was refused")
    except aiosmtplib.SMTPResponseException as fault:
        return _refused(fault.code, "The message was refused")
    except (aiosmtplib.SMTPException, OSError, TimeoutError, asyncio.CancelledError) as fault:
        if isinstance(fault, asyncio.CancelledError):
            raise
        words = f"The line broke before the server answered ({type(fault).__name__}). It may have arrived."
        return Outcome(kind="unsure", code=0, words=words)
    return Outcome(kind="sent", code=answer.code, words="Taken by the mail server.")


def _refused(code: int, what: str) -> Outcome:
    return Outcome(kind="bounced" if code >= _PERMANENT else "again", code=code, words=_said(code, what))


def _said(code: int, what: str) -> str:
    """Say a code without the server's words, which often hold the address."""
    return f"{what} ({code}{', for good' if code >= _PERMANENT else ', for now'})."


def trust(mail: Mail) -> ssl.SSLContext:
    """Return which certificates count: the system's, and the owner's file."""
    context = ssl.create_default_context()
    if mail.ca_file:
        context.load_verify_locations(mail.ca_file)
    return context


def open_sender(mail: Mail, shop_email: str, shop: Path, environ: Mapping[str, str]) -> Sender | None:
    """Return the shop's mail server, None when there is none in the settings; raises OutreachRefused."""
    if not mail.host:
        return None
    sender = mail.sender or shop_email
    if "@" not in sender:
        raise OutreachRefused(f"{shop / 'shop.toml'}: key mail.sender: write the address mail comes from.")
    if mail.security == "none" and (mail.user or not mail.is_here):
        raise OutreachRefused(
            f"{shop / 'shop.toml'}: key mail.security: 'none' is only for a server on this machine without a "
            "user. Write 'starttls' or 'tls'."
        )
    if mail.ca_file and not Path(mail.ca_file).is_file():
        raise OutreachRefused(f"{shop / 'shop.toml'}: key mail.ca_file: there is no file {mail.ca_file}.")
    login = Login(mail.user, _password(mail, shop, environ)) if mail.user else None
    return Sender(mail, login, sender)


def _password(mail: Mail, shop: Path, environ: Mapping[str, str]) -> str:
    if not mail.password_file:
        if word := environ.get(PASSWORD, ""):
            return word
        raise OutreachRefused(
            f"{shop / 'shop.toml'}: key mail.user: the password is missing. Set {PASSWORD}, or name a file "
            "in mail.password_file."
        )
    path = shop / mail.password_file  # an absolute path stands for itself
    try:
        if path.stat().st_mode & _READABLE:
            raise OutreachRefused(f"{path}: others can read this password. Set its rights with chmod 600.")
        return path.read_text("utf-8").strip()
    except OSError as fault:
        raise OutreachRefused(
            f"{path}: cannot be read: {fault.strerror}. Check mail.password_file."
        ) from fault
