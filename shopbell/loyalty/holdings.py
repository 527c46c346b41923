"""What a customer holds besides points: packs and their passes, and the segments they are in.

Every call blocks and is one transaction, which others can share; see `storage.sharing`.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from shopbell.loyalty import packsteps, segmenting
from shopbell.loyalty.holdinganswers import PackState, Segmented, Stepped
from shopbell.loyalty.house import Shop
from shopbell.loyalty.packsteps import PackRequest
from shopbell.storage.database import reading
from shopbell.storage.sharing import writing


class Holdings:
    """Packs and segments of the shop's customers; the id of a merged record means the one that remains."""

    def __init__(self, engine: sa.Engine, shop: Shop) -> None:
        self._engine = engine
        self._shop = shop

    def packs(self, customer: str, now: datetime) -> tuple[PackState, ...]:
        """Return a customer's packs, in the order they were bought. Raises `NoSuchCustomer`."""
        with reading(self._engine) as db:
            return packsteps.all_packs(db, self._shop, customer, now)

    def step(self, request: PackRequest, now: datetime) -> Stepped:
        """Use, skip, pause, go on with or leave a pack, once for each key.

        Raises `PackRefused`, `NoSuchCustomer`.
        """
        with writing(self._engine) as db:
            return packsteps.step(db, self._shop, request, now)

    def segments(self, customer: str) -> tuple[Segmented, ...]:
        """Return what was said of a customer's segments, the newest first; nothing: in none, ever."""
        with reading(self._engine) as db:
            return segmenting.history(db, customer)

    def set_segments(
        self, customer: str, segments: Iterable[str], reason: str, now: datetime, *, by: str
    ) -> Segmented:
        """Put a customer into these segments and no others, from now on; with its reason it is kept for ever.

        Said again it changes nothing, and the first saying is returned. Segments that a pack brings are not
        among these. Raises `BadOperation` for a name that is none, or without a reason; `NoSuchCustomer`.
        """
        with writing(self._engine) as db:
            return segmenting.put(db, customer, segments, reason, now, by=by)
