"""Mail against a real server on loopback: what it takes, refuses, drops, and what is never said to it."""

import logging
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest

from shopbell.assistant.outreach.errors import OutreachRefused
from shopbell.assistant.outreach.letter import Outcome
from shopbell.assistant.outreach.mail import PASSWORD, Login, Sender, open_sender
from shopbell.assistant.outreach.plan import Mail
from tests.fakes import mailserver
from tests.fakes.mailserver import MailServer, mail_server

TO = "ann@example.com"


def message() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "shop@example.com", TO, "Hello"
    mail.set_content("Hello Ann.\n.\nA line with a dot alone above.\n")
    return mail


def sender(
    server: MailServer, folder: Path, password: str = mailserver.PASSWORD, **changes: object
) -> Sender:
    known = Mail(host="127.0.0.1", port=server.port, user="shop", ca_file=str(folder / "ca.pem"))
    mail = msgspec.structs.replace(known, **changes)
    login = Login("shop", password) if mail.user else None
    return Sender(mail, login, "shop@example.com", patience_s=3)


async def sent(server: MailServer, folder: Path, **changes: str) -> Outcome:
    return await sender(server, folder, **changes).send(message(), TO)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_message_is_taken_over_an_encrypted_line(tmp_path: Path, tls: str) -> None:
    """The server gets the words as they are, after signing in on an encrypted line."""
    async with mail_server(tmp_path, tls=tls) as server:
        outcome = await sent(server, tmp_path, security=tls)
        assert outcome == Outcome(kind="sent", code=250, words="Taken by the mail server.")
        (mail,) = server.mail
        assert mail.get_content().splitlines() == ["Hello Ann.", ".", "A line with a dot alone above."]
        assert not server.plain_auth


async def test_nothing_is_said_without_encryption(tmp_path: Path) -> None:
    """A server that offers no encryption hears neither name nor password nor word."""
    async with mail_server(tmp_path, tls="none") as server:
        (tmp_path / "ca.pem").write_text("")
        outcome = await Sender(
            Mail(host="127.0.0.1", port=server.port, user="shop"), Login("shop", "x"), "s@example.com"
        ).send(message(), TO)
        assert outcome.kind == "again"
        assert not any(line.split(" ")[0] in {"AUTH", "MAIL", "RCPT", "DATA"} for line in server.lines)


async def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    """Without its certificate among the trusted ones the server gets nothing."""
    async with mail_server(tmp_path) as server:
        outcome = await sent(server, tmp_path, ca_file="")
        assert outcome.kind == "again"
        assert "encrypted connection failed" in outcome.words
        assert "AUTH" not in " ".join(server.lines)


async def test_a_wrong_password_is_said_and_tried_again_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The owner reads what to check; the password stands in no log and no outcome."""
    caplog.set_level(logging.DEBUG)
    async with mail_server(tmp_path) as server:
        outcome = await sender(server, tmp_path, password="hunter2secret").send(message(), TO)  # noqa: S106
        assert (outcome.kind, outcome.code) == ("again", 535)
        assert "name or password" in outcome.words
        assert "hunter2" not in caplog.text + repr(outcome)
        assert "hunter2" not in repr(Login("shop", "hunter2secret"))


@pytest.mark.parametrize(
    ("verb", "answer", "kind"),
    [
        ("MAIL", "451 later", "again"),
        ("RCPT", "450 full ann@example.com", "again"),
        ("RCPT", "550 no such ann@example.com", "bounced"),
        ("DATA", "451 later", "again"),
        (".", "452 full", "again"),
        (".", "554 spam", "bounced"),
        (".", "drop", "unsure"),
        ("RCPT", "drop", "again"),
    ],
)
async def test_what_the_server_says_is_the_outcome(tmp_path: Path, verb: str, answer: str, kind: str) -> None:
    """4xx is tried again, 5xx is final, a line that breaks after the message is unsure."""
    async with mail_server(tmp_path) as server:
        server.says[verb] = answer
        outcome = await sent(server, tmp_path)
        assert outcome.kind == kind
        assert TO not in outcome.words


async def test_a_server_that_is_not_there_is_tried_again(tmp_path: Path) -> None:
    """Nobody listens: the message waits."""
    async with mail_server(tmp_path) as server:
        port = server.port
    outcome = await Sender(Mail(host="127.0.0.1", port=port), None, "s@example.com").send(message(), TO)
    assert outcome.kind == "again"


def test_the_settings_are_checked(tmp_path: Path) -> None:
    """No host: no server. A password in the clear, one that all can read, or none at all is refused."""
    shop = "hello@example.com"
    assert open_sender(Mail(), shop, tmp_path, {}) is None
    with pytest.raises(OutreachRefused, match="only for a server on this machine"):
        open_sender(Mail(host="mail.example.com", security="none"), shop, tmp_path, {})
    with pytest.raises(OutreachRefused, match="only for a server on this machine"):
        open_sender(Mail(host="localhost", security="none", user="u"), shop, tmp_path, {})
    with pytest.raises(OutreachRefused, match="password is missing"):
        open_sender(Mail(host="mail.example.com", user="u"), shop, tmp_path, {})
    with pytest.raises(OutreachRefused, match="address mail comes from"):
        open_sender(Mail(host="mail.example.com"), "", tmp_path, {})
    (tmp_path / "word").write_text("secret\n")
    (tmp_path / "word").chmod(0o644)
    mail = Mail(host="m.example.com", user="u", password_file="word")  # noqa: S106 - a file's name
    with pytest.raises(OutreachRefused, match="others can read"):
        open_sender(mail, shop, tmp_path, {})
    (tmp_path / "word").chmod(0o600)
    assert open_sender(mail, shop, tmp_path, {}) is not None
    assert open_sender(Mail(host="m.example.com", user="u"), shop, tmp_path, {PASSWORD: "x"}) is not None
