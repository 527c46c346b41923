"""Behind: what stands behind an answer, page by page: how it came about, then each source. Pure."""

from msgspec import Struct

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.tui.rows import Piece, Row, beside, paragraph, row
from shopbell.tui.thread import Thread, answers


class Look(Struct, frozen=True):
    """Where somebody stands while stepping through the answers, the newest first."""

    back: int = 0
    """Answers back from the newest."""
    page: int = 0
    """0 is how it came about, then one page for each source."""


def step(thread: Thread, look: Look | None) -> Look | None:
    """Return the next page, then the older answers' pages, then None."""
    told = answers(thread)
    if look is None:
        return Look() if told else None
    if look.back >= len(told):
        return None
    if look.page < len(told[-1 - look.back].reply.sources):
        return Look(look.back, look.page + 1)
    return Look(look.back + 1) if look.back + 1 < len(told) else None


def looked_at(thread: Thread, look: Look) -> w.Answered | None:
    """Return the answer somebody stands at."""
    told = answers(thread)
    return told[-1 - look.back] if look.back < len(told) else None


def page(answer: w.Answered, number: int, width: int) -> list[Row]:
    """Return one page behind an answer."""
    sources = answer.reply.sources
    if not number:
        return _came(answer, width)
    return _source(sources[number - 1], f"Source {number} of {len(sources)}", width)


def whole(answer: w.Answered, width: int) -> list[Row]:
    """Return all pages behind an answer, one under the other."""
    rows: list[Row] = []
    for number in range(len(answer.reply.sources) + 1):
        rows += [*page(answer, number, width), row()]
    return rows


def _came(answer: w.Answered, width: int) -> list[Row]:
    reply, took = answer.reply, answer.reply.timings
    rows = [
        row(Piece("How this answer came about", "strong")),
        *paragraph(f"“{_short(reply.text)}”", width, "dim"),
    ]
    subject = f", about {answer.subject}" if answer.subject else ""
    rows += beside("Rung    ", "dim", reply.rung + subject, width)
    rows += beside("Why     ", "dim", reply.why, width) if reply.why else []
    spent = (
        f"search {took.search_s:.2f} s, queue {took.queue_s:.2f} s, first word {took.first_word_s:.2f} s, "
    )
    rows += beside("Time    ", "dim", f"{spent}whole {took.total_s:.2f} s", width)
    rows += beside("Result  ", "dim", "It did not help the customer.", width, "warn") if answer.failed else []
    for number, tried in enumerate(answer.trace, 1):
        rows += beside(f"{number:>5}.  ", "dim", tried, width)
    return rows


def _source(source: wire.Source, title: str, width: int) -> list[Row]:
    return [
        row(Piece(title, "strong"), Piece(f"  {source.source or source.id}", "dim")),
        *paragraph(source.title, width, "accent"),
        *paragraph(source.text, width),
    ]


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"  # noqa: PLR2004 - two lines or so
