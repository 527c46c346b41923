"""Ports for the sound of calls: an even one and the next for each call, within the shop's range."""

import socket

from shopbell.voice.phone.source import Address


class Ports:
    """Lends ports that nothing else on this machine has."""

    def __init__(self, span: tuple[int, int]) -> None:
        """Lend from the first of `span` to the last."""
        first, last = span
        self._span = range(first + first % 2, last, 2)
        self._lent: set[int] = set()
        self._next = 0

    @property
    def taken(self) -> int:
        """How many are lent."""
        return len(self._lent)

    def lend(self, host: str) -> int:
        """Return an even port that is free at `host`, with the next; raises OSError when there is none.

        Every time another one, so that what is still under way to a call that ended reaches no other call.
        """
        for step in range(len(self._span)):
            at = (self._next + step) % len(self._span)
            port = self._span[at]
            if port not in self._lent and all(_is_free((host, one)) for one in (port, port + 1)):
                self._next = at + 1
                self._lent.add(port)
                return port
        raise OSError(f"no free pair of UDP ports from {self._span.start} on; see phone.rtp_ports")

    def give_back(self, port: int) -> None:
        """Take a port back."""
        self._lent.discard(port)


def _is_free(address: Address) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(address)
        except OSError:
            return False
        return True
