"""Intake: a file of sales read whole or not at all. Reading changes nothing, so it is its own dry run."""

import csv
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from msgspec import Struct

from shopbell.loyalty.entries import Amiss, Entry, Fault, Layout
from shopbell.loyalty.errors import ImportRefused
from shopbell.loyalty.giveback import Books, Left, NoBooks, Returns, merged
from shopbell.loyalty.receipts import Coins, Receipt, receipt, sale
from shopbell.loyalty.recipe import Recipe, check
from shopbell.loyalty.sale import Refund, Sale
from shopbell.loyalty.sheet import Bounds, Sheet, read_sheet

MOST_FAULTS = 1_000
"""Faults after which the rest of a file is not worth naming."""
_AHEAD = timedelta(days=1)
"""A till's clock may be wrong by so much."""


class Report(Struct, frozen=True, kw_only=True):
    """What a file holds, and what is wrong with it."""

    source: str
    digest: str
    """SHA-256 of the file."""
    rows: int
    """Under the head."""
    skipped: int
    """Rows and sales the recipe does not count: payments, orders that were never paid."""
    sales: tuple[Sale, ...]
    refunds: tuple[Refund, ...]
    left: tuple[Left, ...]
    """Goods brought back by nobody known, from a sale that was not found."""
    faults: tuple[Fault, ...]
    """Empty when the file can be taken in."""

    @property
    def amount(self) -> int:
        """Minor units of all sales."""
        return sum(each.amount for each in self.sales)

    def accepted(self) -> tuple[Sale | Refund, ...]:
        """Return all sales and refunds in the order of time. Raises `ImportRefused` when a row is bad."""
        if self.faults:
            first = self.faults[0]
            raise ImportRefused(
                f"{len(self.faults)} rows cannot be read, so nothing was taken in. The first is row "
                f"{first.row}: {first.reason} {first.remedy}"
            )
        found: list[Sale | Refund] = [*self.sales, *self.refunds]  # stable sort: a sale before its refund
        return tuple(sorted(found, key=lambda each: each.at))


def read_sales(
    path: Path,
    recipe: Recipe,
    *,
    zone: tzinfo,
    now: datetime,
    digits: int = 2,
    resolve: Callable[[str], str] = str,
    books: Books | None = None,
    bounds: Bounds | None = None,
) -> Report:
    """Read a CSV or XLSX file of sales: times without a zone are of `zone`, money has `digits` decimals.

    `resolve` turns the export's word for a customer into the shop's id, or into nothing. Nothing is kept:
    the caller puts `Report.accepted()` into the books in one transaction, by (source, external_id).
    Raises `SheetRefused` when the file as a whole cannot be read, `RecipeRefused` when the recipe cannot.
    """
    check(recipe, f"the mapping {recipe.source}")
    sheet = read_sheet(path, bounds or Bounds())
    reading = _Reading(recipe, Layout(sheet.head, recipe, zone), Coins(digits, recipe.rounds), now)
    entries = reading.entries(sheet)
    reading.gather(entries, resolve)
    reading.give_back(books or NoBooks())
    return reading.report(sheet)


def write_faults(report: Report, path: Path) -> None:
    """Write the error file: one row for each fault, in UTF-8 with a mark so that offices show it rightly."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(("row", "column", "reason", "what to do"))
        table.writerows(
            (each.row, inert(each.column), inert(each.reason), inert(each.remedy)) for each in report.faults
        )


def inert(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula (OWASP, CSV Injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


class _Reading:
    """One file on its way from rows to sales."""

    def __init__(self, recipe: Recipe, layout: Layout, coins: Coins, now: datetime) -> None:
        self._recipe = recipe
        self._layout = layout
        self._coins = coins
        self._latest = now + _AHEAD
        self._skipped = 0
        self._faults: list[Fault] = []
        self._receipts: list[Receipt] = []
        self._sales: list[Sale] = []
        self._refunds: list[Refund] = []
        self._left: list[Left] = []

    def entries(self, sheet: Sheet) -> list[Entry]:
        found = []
        for row in sheet.rows:
            try:
                entry = self._layout.entry(row)
            except Amiss as fault:
                self._note(fault, row.line)
                continue
            if entry is None:
                self._skipped += 1
            elif entry.at and entry.at > self._latest:
                late = Amiss(
                    self._layout.column("date"), f"{entry.at:%Y-%m-%d %H:%M} is yet to come. Check the date."
                )
                self._note(late, row.line)
            else:
                found.append(entry)
        return found

    def gather(self, entries: Sequence[Entry], resolve: Callable[[str], str]) -> None:
        groups: dict[str, list[Entry]] = {}
        for entry in entries:
            groups.setdefault(entry.sale, []).append(entry)
        for group in groups.values():
            try:
                self._gather(receipt(group, resolve))
            except Amiss as fault:
                self._note(fault, group[0].row)

    def _gather(self, found: Receipt) -> None:
        if not found.counts:
            self._skipped += 1
            return
        if found.sold:
            column = self._layout.column("amount") or self._layout.column("price")
            self._sales.append(sale(self._recipe.source, found, self._coins, column))
        self._receipts.append(found)

    def give_back(self, books: Books) -> None:
        keeps = self._recipe.refund_keeps_number
        returns = Returns(self._sales, books, self._coins, keeps_number=keeps)
        for found in self._receipts:
            try:
                if found.sold and (refund := returns.later(self._recipe.source, found)):
                    self._refunds.append(refund)
            except Amiss as fault:
                self._note(fault, found.sold[0].row)
        back = [(found, entry) for found in self._receipts for entry in found.back]
        for found, entry in sorted(back, key=lambda pair: pair[1].at or pair[0].at):
            try:
                outcome = returns.back(self._recipe.source, found, entry)
            except Amiss as fault:
                self._note(fault, entry.row)
                continue
            if isinstance(outcome, Left):
                self._left.append(outcome)
            else:
                self._refunds.append(outcome)

    def report(self, sheet: Sheet) -> Report:
        return Report(
            source=self._recipe.source,
            digest=sheet.digest,
            rows=len(sheet.rows),
            skipped=self._skipped,
            sales=tuple(self._sales),
            refunds=merged(self._refunds),
            left=tuple(self._left),
            faults=tuple(sorted(self._faults, key=lambda fault: fault.row)),
        )

    def _note(self, fault: Amiss, row: int) -> None:
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(fault.at(row))
