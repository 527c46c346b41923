"""The report of a week, in one file: a page that needs nothing else, JSON, or PDF; and the Monday digest."""

from importlib.resources import files
from pathlib import Path

import msgspec

from shopbell.assistant.insight.digest import digest_page, digest_pdf, digest_text
from shopbell.assistant.insight.errors import ReportRefused
from shopbell.assistant.insight.markup import el, text
from shopbell.assistant.insight.page import page
from shopbell.assistant.insight.paper import report_pdf
from shopbell.assistant.staffwire.figures import Figures
from shopbell.assistant.staffwire.visible import visible
from shopbell.assistant.web.theme import parse, stylesheet

_STYLES = ("tokens.css", "api.css", "figures.css")
_ACCENT = "#1f5f8b"


def write_report(figures: Figures, out: Path, *, accent: str = _ACCENT) -> None:
    """Write the report; its form is the ending of the name. Raises ReportRefused."""
    match out.suffix.lower():
        case ".html":
            body = el("h1", text(figures.shop)) + el("div", page(figures, rows=False), class_="page")
            _write(out, document(f"Figures of {figures.shop}", body, accent).encode())
        case ".json":
            _write(out, msgspec.json.format(msgspec.json.encode(figures), indent=2))
        case ".pdf":
            _write(out, report_pdf(figures))
        case ending:
            raise ReportRefused(
                f"A report cannot be written as {ending or 'that'}. Name a .html, .pdf or .json."
            )


def write_digest(figures: Figures, out: Path, *, accent: str = _ACCENT) -> None:
    """Write the digest; its form is the ending of the name. Raises ReportRefused."""
    match out.suffix.lower():
        case ".txt":
            _write(out, digest_text(figures).encode())
        case ".html":
            _write(out, document(f"Monday digest of {figures.shop}", digest_page(figures), accent).encode())
        case ".json":
            _write(out, msgspec.json.format(msgspec.json.encode(figures), indent=2))
        case ".pdf":
            _write(out, digest_pdf(figures))
        case ending:
            raise ReportRefused(
                f"A digest cannot be written as {ending or 'that'}. Name a .txt, .html, .pdf or .json."
            )


def document(title: str, body: str, accent: str) -> str:
    """Return a page that stands alone: its styles are inside, and it runs no script and loads nothing."""
    folder = files("shopbell.assistant.web") / "static"
    colour = parse(accent) or parse(_ACCENT) or (0, 0, 0)
    styles = stylesheet(colour) + "".join((folder / name).read_text("utf-8") for name in _STYLES)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{text(title)}</title><style>{styles}</style></head>"
        f'<body><main class="figures-page">{visible(body)}</main></body></html>\n'
    )


def _write(out: Path, body: bytes) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.touch(0o600)
        out.write_bytes(body)
    except OSError as error:
        raise ReportRefused(
            f"{out} cannot be written: {error.strerror or error}. Name a folder that is yours."
        ) from error
