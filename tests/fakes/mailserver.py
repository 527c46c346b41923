"""A mail server on loopback that speaks SMTP, with STARTTLS or TLS, sign-in, and scripted refusals."""

import asyncio
import base64
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "shop", "three words in a row"  # of a fake


class MailServer:
    """What it was told and what it says."""

    def __init__(self, context: ssl.SSLContext | None, *, implicit: bool) -> None:
        self._context = context
        self._implicit = implicit
        self.port = 0
        self.mail: list[EmailMessage] = []
        self.lines: list[str] = []
        """Every command, as it came."""
        self.plain_auth = False
        """Somebody gave a password before the line was encrypted."""
        self.says: dict[str, str] = {}
        """Command -> another answer, once; `drop` breaks the line. `.` is the end of the message."""
        self.talks: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with one client."""
        self.talks[asyncio.current_task()] = writer
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        encrypted = self._implicit
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            text = line.decode().strip()
            self.lines.append(text)
            verb = text.split(" ")[0].upper()
            answer = self.says.pop(verb, "") if verb in self.says else self._answer(verb, text, encrypted)
            if answer == "drop":
                return
            writer.write(answer.encode() + b"\r\n")
            await writer.drain()
            if verb == "STARTTLS" and answer.startswith("220"):
                if not await self._encrypt(writer):
                    return
                encrypted = True
            elif verb == "DATA" and answer.startswith("354"):
                answer = await self._take(reader)
                if answer == "drop":
                    return
                writer.write(answer.encode() + b"\r\n")
            elif verb == "QUIT":
                return

    async def _encrypt(self, writer: asyncio.StreamWriter) -> bool:
        """Say whether the client trusted us; CPython 3.11 forgets the transport of a failed handshake."""
        before = writer.transport
        try:
            await writer.start_tls(cast("ssl.SSLContext", self._context))
        except (AttributeError, OSError):
            writer._transport = before  # type: ignore[attr-defined]  # put back what was forgotten
            before.abort()
            return False
        return True

    async def _take(self, reader: asyncio.StreamReader) -> str:
        body = await reader.readuntil(b"\r\n.\r\n")
        answer = self.says.pop(".", "250 taken")
        if answer.startswith("250") or answer == "drop":  # taken, though nobody is told
            words = body[:-3].replace(b"\r\n..", b"\r\n.")
            self.mail.append(message_from_bytes(words, policy=default))
        return answer

    def _answer(self, verb: str, text: str, encrypted: bool) -> str:
        match verb:
            case "EHLO":
                more = "250-STARTTLS\r\n" if self._context and not encrypted else ""
                return f"250-here\r\n{more}250 AUTH PLAIN LOGIN"
            case "STARTTLS":
                return "220 go on" if self._context else "502 no"
            case "AUTH":
                self.plain_auth = self.plain_auth or not encrypted
                given = base64.b64decode(text.rsplit(" ", maxsplit=1)[-1]).decode()
                return "235 good" if given == f"\0{USER}\0{PASSWORD}" else "535 no such user"
            case "DATA":
                return "354 go on"
            case "QUIT":
                return "221 bye"
            case _:
                return "250 yes"


@asynccontextmanager
async def mail_server(folder: Path, *, tls: str = "starttls") -> AsyncIterator[MailServer]:
    """Serve on a free port; the certificate to trust is `folder / "ca.pem"`."""
    context = make_certificate(folder) if tls != "none" else None
    server = MailServer(context, implicit=tls == "tls")
    listening = await asyncio.start_server(
        server.serve, "127.0.0.1", 0, ssl=context if tls == "tls" else None
    )
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for writer in server.talks.values():
            writer.close()
        tasks = [task for task in server.talks if task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=3)


def make_certificate(folder: Path, name: str = "127.0.0.1") -> ssl.SSLContext:
    """Write `ca.pem` and return a context that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "ca.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    return context
