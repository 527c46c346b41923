"""Whose sound is heard in a call. Pure."""

Address = tuple[str, int]
"""IP address and UDP port."""


class Source:
    """Decides by where a packet comes from; a stranger's is never heard.

    The address that was agreed on always counts. Behind a router that translates, packets come from another
    port, or from the address that the call itself came from: the first of them is taken, and kept.
    """

    def __init__(self, agreed: Address, signalling: str) -> None:
        """Take the address that the other side named, and the IP that its SIP comes from."""
        self.agree(agreed, signalling)

    def agree(self, agreed: Address, signalling: str) -> None:
        """Begin anew: the other side named another address."""
        self._agreed = agreed
        self._hosts = {agreed[0], signalling}
        self.taken: Address | None = None

    def accepts(self, address: Address) -> bool:
        """Say whether a packet from there belongs to the call."""
        if address in {self.taken, self._agreed}:
            self.taken = address
            return True
        if self.taken is None and address[0] in self._hosts:
            self.taken = address
            return True
        return False
