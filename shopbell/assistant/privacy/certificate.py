"""The certificate: what an erasure removed, from where, what stays and why. It names nobody."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from shopbell.assistant.privacy.rules import BY_TABLE
from shopbell.assistant.privacy.traces import Trace
from shopbell.loyalty.resealing import Seal


class Certificate(Struct, frozen=True, kw_only=True):
    """One erasure."""

    at: str
    """ISO 8601, in UTC."""
    by: str
    pseudonyms: tuple[str, ...]
    """Under which the ledger keeps its sums."""
    dropped: Mapping[str, int]
    """Table -> rows removed."""
    renamed: Mapping[str, int]
    """Table -> rows that stay under the pseudonym."""
    swept: Mapping[str, int]
    """Table -> rows about others from which the name was taken."""
    files: tuple[str, ...]
    """Removed from the data folder."""
    first: int
    """Ledger entry from which on the chain was sealed anew; 0: none."""
    seals: tuple[Seal, ...]
    left: tuple[Trace, ...]
    """Files of the data folder in which something was still found; empty when all is gone."""
    elsewhere: tuple[Trace, ...]
    """Files that the shop itself wrote, in which the person is named."""

    @property
    def gone(self) -> bool:
        """Nothing was found any more in what Shopbell keeps."""
        return not self.left


def printed(done: Certificate) -> str:
    """Return the certificate as a page of plain text."""
    return "\n".join(_lines(done)) + "\n"


def _lines(done: Certificate) -> Iterator[str]:
    yield "CERTIFICATE OF ERASURE"
    yield f"Made {done.at} by {done.by}. Reference: {', '.join(done.pseudonyms)}"
    yield ""
    yield from _table("Removed", done.dropped)
    yield from _table("Kept without the person, under the reference above", done.renamed)
    yield from _table("Taken out of records about others", done.swept)
    if done.files:
        yield "Files removed:"
        yield from (f"  {name}" for name in done.files)
        yield ""
    if done.first:
        yield f"The points ledger keeps every sum. It was sealed anew from entry {done.first} on."
        yield "Keep these with the close sheets: the seals printed before are void."
        for seal in done.seals:
            yield f"  {seal.what}: {seal.entries} entries"
            yield f"    was {seal.before}"
            yield f"    is  {seal.after}"
        yield ""
    if done.gone:
        yield "Every file of the shop's data was searched afterwards, byte by byte: nothing was found."
    else:
        yield "NOT GONE: the search afterwards still found something in"
        yield from (f"  {one.path} ({one.hits} times)" for one in done.left)
        yield "Stop the server (shopbell serve) and run the same command again."
    yield ""
    yield from _outside(done)


def _outside(done: Certificate) -> Iterator[str]:
    yield "What this does not reach:"
    yield "  - backups: they keep what they hold until they are deleted. A backup that is put back forgets"
    yield "    the person again before the shop opens."
    yield "  - what other programs were told before (webhooks, the till, the shop's own site)."
    yield "  - paper, e-mail, and blocks of the disk that the operating system has freed."
    if done.elsewhere:
        yield "  - the shop's own files, which only you may edit:"
        yield from (f"      {one.path} ({one.hits} times)" for one in done.elsewhere)


def _table(title: str, rows: Mapping[str, int]) -> Iterator[str]:
    told = {table: count for table, count in rows.items() if count}
    if told:
        yield f"{title}:"
        for table, count in told.items():
            rule = BY_TABLE.get(table)
            yield f"  {count:>6}  {rule.title if rule else table}"
        yield ""
