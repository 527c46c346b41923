"""How much one customer, one address and all together may ask of the server. Pure: the clock is passed in."""

from msgspec import Struct

from shopbell.storage.buckets import Bucket, Buckets, Clock, Rate

__all__ = ["Bucket", "Buckets", "Clock", "Limits", "Rate", "Seats"]


class Limits(Struct, frozen=True, kw_only=True):
    """The figures; chosen so that no honest customer meets one."""

    sockets: int = 200
    """Open chats, all together; one address may hold half of them."""
    hello_s: float = 10.0
    """Seconds until the first frame must have come."""
    idle_s: float = 1_800.0
    """Seconds without a frame after which a chat is closed."""
    stall_s: float = 10.0
    """Seconds a client may go without reading what it was sent."""
    request_s: float = 15.0
    """Seconds within which a whole request must have come."""
    bad_frames: int = 20
    """Frames of the wrong form after which the socket is closed."""
    body_bytes: int = 65_536
    """The largest body of a request."""
    connections: int = 512
    """Open TCP connections, all together."""
    says: Rate = Rate(8, 1)
    """Messages on one socket."""
    address_says: Rate = Rate(40, 4)
    """Messages from one address: a family behind one router."""
    frames: Rate = Rate(40, 10)
    """Frames of any kind on one socket."""
    handshakes: Rate = Rate(100, 100 / 60)
    """Sockets opened from one address: 100 at once, 100 a minute."""
    posts: Rate = Rate(40, 2)
    """POST requests from one address."""
    till_posts: Rate = Rate(400, 100)
    """POST requests of tills from one address; each key has a rate of its own besides."""


class Seats:
    """How many sockets are open, and from where; one address takes at most half of the seats."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: dict[str, int] = {}

    def sit(self, address: str) -> bool:
        """Take a seat; False when there is none left."""
        mine = self._taken.get(address, 0)
        if len(self) >= self._most or mine >= max(1, self._most // 2):
            return False
        self._taken[address] = mine + 1
        return True

    def leave(self, address: str) -> None:
        """Give the seat back."""
        mine = self._taken.pop(address) - 1
        if mine:
            self._taken[address] = mine

    def __len__(self) -> int:
        return sum(self._taken.values())
