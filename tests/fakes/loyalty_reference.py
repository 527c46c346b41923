"""A reference for the ledger in the plainest Python: lists of lots, no shared code, slow and obvious.

Every call brings the customer up to `now` first. Times are any values that compare; None is never.
"""

from dataclasses import dataclass, field


class Refused(Exception):
    """The ledger must refuse it too."""


@dataclass
class Lot:
    """Points that came together."""

    number: int
    ripe: float
    end: float
    left: dict[str, int] = field(default_factory=lambda: {"available": 0, "pending": 0, "held": 0})
    earned: int = 0
    expired: int = 0
    clawed: int = 0


@dataclass
class Wallet:
    """What one customer has of one unit."""

    lots: list[Lot] = field(default_factory=list)
    owed: int = 0

    def sum(self, pocket: str) -> int:
        return sum(lot.left[pocket] for lot in self.lots)


class Reference:
    """Earn, spend oldest first, hold, release, redeem, give back, take back, mature, expire, merge."""

    def __init__(self) -> None:
        self.wallets: dict[str, Wallet] = {}
        self.issued = self.redeemed = self.expired = self.clawed = 0
        self.made: dict[str, Lot] = {}
        self.burnt: dict[str, list[tuple[Lot, int]]] = {}
        self.holds: dict[str, list[tuple[Lot, int]]] = {}
        self.earner: dict[str, str] = {}
        self.burner: dict[str, str] = {}
        self.holder: dict[str, str] = {}
        self.count = 0

    def wallet(self, who: str, now: float) -> Wallet:
        """Return a customer's lots with everything ripe, lost or repaid that is due by `now`."""
        wallet = self.wallets.setdefault(who, Wallet())
        for lot in wallet.lots:
            if lot.ripe <= now:
                lot.left["available"] += lot.left["pending"]
                lot.left["pending"] = 0
            if lot.end <= now:
                gone = lot.left["available"] + lot.left["pending"]
                lot.left["available"] = lot.left["pending"] = 0
                lot.expired += gone
                self.expired += gone
        for lot, points in self._pick(wallet, "available", min(wallet.owed, wallet.sum("available"))):
            lot.left["available"] -= points
            wallet.owed -= points
        return wallet

    def earn(
        self, key: str, who: str, points: int, now: float, ripe: float = 0, end: float = float("inf")
    ) -> None:
        """Give a new lot."""
        self.wallet(who, now)
        self.count += 1
        lot = Lot(self.count, ripe, end, earned=points)
        lot.left["available" if ripe <= now else "pending"] = points
        self.wallets[who].lots.append(lot)
        self.made[key], self.earner[key] = lot, who
        self.issued += points
        self.wallet(who, now)

    def spend(self, key: str, who: str, points: int, now: float) -> None:
        """Use points at once, what is lost first first."""
        picked = self._take(who, points, now)
        self.redeemed += points
        self.burnt[key], self.burner[key] = picked, who

    def hold(self, key: str, who: str, points: int, now: float) -> None:
        """Set points aside."""
        picked = self._take(who, points, now)
        for lot, part in picked:
            lot.left["held"] += part
        self.holds[key], self.holder[key] = picked, who

    def release(self, hold: str, now: float) -> None:
        """Put held points back into their lots."""
        who, picked = self._end(hold)
        for lot, part in picked:
            lot.left["held"] -= part
            lot.left["available"] += part
        self.wallet(who, now)

    def redeem(self, key: str, hold: str, now: float) -> None:
        """Use what was held."""
        who, picked = self._end(hold)
        for lot, part in picked:
            lot.left["held"] -= part
            self.redeemed += part
        self.burnt[key], self.burner[key] = picked, who
        self.wallet(who, now)

    def give_back(self, spend: str, points: int | None, now: float) -> None:
        """Return spent points to their lots, what was burnt last first."""
        who, parts = self.burner[spend], self.burnt[spend]
        self.wallet(who, now)
        left = sum(part for _, part in parts)
        points = left if points is None else points
        if points > left:
            raise Refused
        self.redeemed -= points
        for number, (lot, part) in reversed(list(enumerate(parts))):
            back = min(part, points)
            lot.left["available"] += back
            parts[number] = (lot, part - back)
            points -= back
        self.wallet(who, now)

    def take_back(self, earned: str, points: int | None, now: float, *, negative: bool) -> None:
        """Take earned points back: own lot, then others, oldest first; the rest is owed or forgiven."""
        lot, wallet = self.made[earned], self.wallet(self.earner[earned], now)
        left = lot.earned - lot.clawed - lot.expired
        points = lot.earned - lot.clawed if points is None else points
        if points > lot.earned - lot.clawed:
            raise Refused
        lot.clawed += points
        points = min(points, max(0, left))
        for one in [lot, *(other for other, _ in self._order(wallet) if other is not lot)]:
            for pocket in ("pending", "available"):
                part = min(points, one.left[pocket])
                one.left[pocket] -= part
                points -= part
                self.clawed += part
        if negative:
            wallet.owed += points
            self.clawed += points

    def merge(self, source: str, target: str, now: float) -> None:
        """Move all lots and debts, holds included."""
        gone, kept = self.wallet(source, now), self.wallet(target, now)
        kept.lots += gone.lots
        kept.owed += gone.owed
        self.wallets[source] = Wallet()
        for owners in (self.earner, self.burner, self.holder):
            owners.update({key: target for key, who in owners.items() if who == source})
        self.wallet(target, now)

    def balanced(self) -> bool:
        """Tell whether everything ever issued is somewhere."""
        here = sum(sum(lot.left.values()) for one in self.wallets.values() for lot in one.lots)
        owed = sum(one.owed for one in self.wallets.values())
        return self.issued == here - owed + self.redeemed + self.expired + self.clawed

    def _take(self, who: str, points: int, now: float) -> list[tuple[Lot, int]]:
        wallet = self.wallet(who, now)
        if points > wallet.sum("available") - wallet.owed:
            raise Refused
        picked = self._pick(wallet, "available", points)
        for lot, part in picked:
            lot.left["available"] -= part
        return picked

    def _end(self, hold: str) -> tuple[str, list[tuple[Lot, int]]]:
        if hold not in self.holds:
            raise Refused
        return self.holder[hold], self.holds.pop(hold)

    def _order(self, wallet: Wallet) -> list[tuple[Lot, float]]:
        return [(lot, lot.end) for lot in sorted(wallet.lots, key=lambda lot: (lot.end, lot.number))]

    def _pick(self, wallet: Wallet, pocket: str, points: int) -> list[tuple[Lot, int]]:
        picked = []
        for lot, _ in self._order(wallet):
            part = min(points, lot.left[pocket])
            if part:
                picked.append((lot, part))
                points -= part
        return picked
