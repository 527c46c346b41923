"""Paper: the report as PDF, in plain type that every reader has, with intervals drawn. No clock."""

import unicodedata
from collections.abc import Iterable

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from shopbell.assistant.insight.page import GROUPS
from shopbell.assistant.staffwire.figures import Figure, Figures, Measure

MARGIN, WIDE = 16.0, 178.0
"""Millimetres of an A4 page."""
_FONT = "Helvetica"
_ENCODING = "cp1252"
_INK, _FAINT, _BAR = (30, 27, 24), (98, 90, 82), (31, 95, 139)


class Paper:
    """Pages that are filled from top to bottom."""

    def __init__(self, title: str, below: str) -> None:
        """Begin with a title and a line below it."""
        self._pdf = FPDF(format="A4")
        self._pdf.core_fonts_encoding = _ENCODING
        self._pdf.set_margins(MARGIN, MARGIN)
        self._pdf.set_auto_page_break(True, MARGIN)
        self._pdf.set_title(_plain(title))
        self._pdf.add_page()
        self._line(title, size=18, bold=True, height=9)
        self._line(below, size=10, faint=True, height=7)

    def heading(self, words: str) -> None:
        """Begin a part."""
        self._pdf.ln(3)
        self._line(words, size=13, bold=True, height=8)

    def words(self, words: str, *, faint: bool = False) -> None:
        """Write a paragraph."""
        self._line(words, size=9 if faint else 10, faint=faint, height=4.8)

    def pair(self, name: str, words: str) -> None:
        """Write what something is, and its value beside it."""
        self._pdf.set_font(_FONT, size=10)
        self._pdf.set_text_color(*_FAINT)
        self._pdf.cell(72, 5.4, _plain(name))
        self._pdf.set_text_color(*_INK)
        self._pdf.multi_cell(WIDE - 72, 5.4, _plain(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def measure(self, one: Measure, *, whole: bool) -> None:
        """Write a part of a figure, its interval drawn where it is a share."""
        top = self._pdf.get_y()
        spread = (
            f" ({one.spread}, n = {one.n})" if one.value is not None and one.spread else f" (n = {one.n})"
        )
        self.pair(f"   {one.label}", one.text if one.silent else one.text + spread)
        if whole and one.low is not None and one.high is not None and self._pdf.get_y() > top:
            self._bar(top + 2.7, one)

    def _bar(self, y: float, one: Measure) -> None:
        left, size = MARGIN + WIDE - 42, 40.0
        self._pdf.set_draw_color(*_FAINT)
        self._pdf.set_line_width(0.1)
        self._pdf.line(left, y, left + size, y)
        self._pdf.set_draw_color(*_BAR)
        self._pdf.set_line_width(1.0)
        self._pdf.line(left + size * (one.low or 0.0), y, left + size * (one.high or 0.0), y)
        self._pdf.set_fill_color(*_BAR)
        self._pdf.circle(left + size * (one.value or 0.0), y, 1.0, style="F")

    def _line(
        self, words: str, *, size: float, height: float, bold: bool = False, faint: bool = False
    ) -> None:
        self._pdf.set_font(_FONT, style="B" if bold else "", size=size)
        self._pdf.set_text_color(*(_FAINT if faint else _INK))
        self._pdf.multi_cell(WIDE, height, _plain(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def done(self) -> bytes:
        """Return the file."""
        return bytes(self._pdf.output())


def report_pdf(figures: Figures) -> bytes:
    """Return all figures as PDF."""
    paper = Paper(
        figures.shop, f"{figures.since:%-d %B %Y} to {figures.until:%-d %B %Y}. Intervals are of 95 %."
    )
    if figures.made_up:
        paper.words(figures.made_up, faint=True)
    paper.heading("To do first")
    for number, one in enumerate(figures.advice, 1):
        paper.words(f"{number}. {one.what} {one.why} ({one.where})")
    paper.heading("Slipping away")
    for lost in figures.slipping:
        paper.words(f"{lost.name}: {lost.why}")
    paper.words(figures.slipping_note or "Nobody is named.", faint=True)
    for name, title in GROUPS:
        some = [one for one in figures.figures if one.group == name]
        if some:
            paper.heading(title)
            _write(paper, some)
    for said in figures.warnings:
        paper.words(said)
    paper.heading("Taken for granted: [figures] in shop.toml")
    for assumed in figures.assumed:
        paper.pair(f"{assumed.key}: {assumed.value}", assumed.meaning)
    return paper.done()


def _write(paper: Paper, figures: Iterable[Figure]) -> None:
    for one in figures:
        spread = f" ({one.whole.spread})" if one.whole.spread else ""
        counted = f", n = {one.whole.n} {one.counted}" if one.whole.value is not None else ""
        paper.pair(one.title, f"{one.whole.text}{spread}{counted}")
        for part in one.parts:
            paper.measure(part, whole=one.unit == "share")
        paper.words(f"{one.definition} {one.method}. {one.note}".strip(), faint=True)


def _plain(words: str) -> str:
    """Return words in the letters the type has: others lose their marks, or become a question mark."""
    found = []
    for letter in words:
        try:
            letter.encode(_ENCODING)
        except UnicodeEncodeError:
            bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
            found.append(bare or "?")
        else:
            found.append(letter)
    return "".join(found)
