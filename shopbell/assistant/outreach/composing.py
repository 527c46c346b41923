"""Composing: the e-mail around a letter's words: who writes, on what basis, and how it stops. Pure."""

import html
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from msgspec import Struct

from shopbell.assistant.outreach.letter import Letter
from shopbell.loyalty.identity import Issued

HTTPS = "https://"


class House(Struct, frozen=True, kw_only=True):
    """Who writes."""

    shop: str
    address: str
    """Of the shop, for the last line; may be empty."""
    sender: str
    """E-mail address the mail comes from."""


def compose(letter: Letter, to: str, house: House, stop_link: str, now: datetime) -> EmailMessage:
    """Return the mail; `stop_link` stops all further ones at one tap (RFC 8058)."""
    why = (
        f"You get this because of your {letter.basis}. If you would rather not, one tap is enough and "
        f"nothing else changes: {stop_link}"
    )
    mail = _addressed(letter.subject, to, house, now)
    mail["Message-ID"] = f"<{letter.id}@{house.sender.rpartition('@')[2]}>"
    mail["List-Unsubscribe"] = f"<{stop_link}>"
    if stop_link.startswith(HTTPS):
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    foot = "\n".join(filter(None, (house.shop, house.address)))
    mail.set_content(f"{letter.body}\n\n-- \n{why}\n\n{foot}\n")
    mail.add_alternative(_page(letter, stop_link, foot), subtype="html")
    return mail


def code_mail(code: Issued, to: str, house: House, now: datetime) -> EmailMessage:
    """Return the mail with a one-time code, which the customer asked for just now."""
    mail = _addressed(f"Your code for {house.shop}", to, house, now)
    mail.set_content(
        f"Your one-time code is {code.text[:4]} {code.text[4:]}. It is good for ten minutes, once.\n\n"
        f"You asked for it in the chat of {house.shop}. If that was not you, do nothing: nobody gets in "
        "without the code. We never ask for it on the phone.\n"
    )
    return mail


def _addressed(subject: str, to: str, house: House, now: datetime) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(_flat(house.shop), addr_spec=house.sender)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = _flat(subject)
    mail["Date"] = format_datetime(now)
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def _page(letter: Letter, stop_link: str, foot: str) -> str:
    parts = "".join(f"<p>{html.escape(part)}</p>" for part in letter.body.split("\n\n"))
    link = html.escape(stop_link, quote=True)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><body>'
        f"{parts}<hr><p><small>You get this because of your {html.escape(letter.basis)}. "
        f'<a href="{link}">Send me no more of these</a>: one tap, nothing else changes.<br>'
        f"{html.escape(foot)}</small></p></body></html>"
    )


def _flat(text: str) -> str:
    """Return a text that fits into one header: no line ends, no controls."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
