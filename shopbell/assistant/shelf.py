"""The shop's knowledge as the ladder sees it: whole answers, and products with their price and stock."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from shopbell.assistant.flows.products import ProductFlow
from shopbell.knowledge.library import Library
from shopbell.knowledge.passage import Kind, Passage, Retrieval


class Shelf:
    """Reads from the newest snapshot of the library. Every call blocks for some milliseconds."""

    def __init__(self, library: Library, prices: ProductFlow, now: Callable[[], datetime]) -> None:
        self._library = library
        self._prices = prices
        self._now = now

    def search(self, question: str, *, limit: int = 5) -> Retrieval:
        """Return what the shop wrote about the question, products with price and stock filled in by code."""
        found = self._library.search(question, limit=limit)
        return replace(
            found,
            matches=tuple(replace(match, passage=self._filled(match.passage)) for match in found.matches),
        )

    def whole(self, passage: Passage) -> str:
        """Return the full answer that a passage is a part of."""
        stem, tilde, _ = passage.id.partition("~")
        rest = [other for other in self._library.passages if other.id.partition("~")[0] == stem]
        if len(rest) <= 1 and not tilde:
            return passage.text
        return "\n\n".join(other.text for other in rest)

    def _filled(self, passage: Passage) -> Passage:
        if passage.kind is not Kind.PRODUCT:
            return passage
        product = self._library.catalogue.get(passage.id.partition(":")[2])
        if product is None:
            return passage
        return replace(passage, text=f"{self._prices.line(product, self._now())} {passage.text}")
