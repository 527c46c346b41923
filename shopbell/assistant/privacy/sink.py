"""Sink: the end of every road out of a sealed network. It answers names, so that who asks goes on.

It reads and writes raw IP packets (RFC 791, RFC 8200) of a tunnel; DNS as in RFC 1035.
"""

import struct
from typing import Literal

from msgspec import Struct

ADDRESS = bytes([198, 51, 100, 80])
"""What every name is answered with: 198.51.100.80, of a range for documents (RFC 5737)."""
_UDP, _TCP, _ICMP6 = 17, 6, 58
_DNS = 53
_SYN, _ACK = 0x02, 0x10
_IPV4_HEAD, _IPV6_HEAD, _UDP_HEAD, _DNS_HEAD = 20, 40, 8, 12


class Attempt(Struct, frozen=True, kw_only=True):
    """Something that tried to leave."""

    kind: Literal["name", "tcp", "udp", "other"]
    to: str
    """The name asked for, or address and port."""


class Sink:
    """Takes packets; `attempts` grows."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []

    def take(self, packet: bytes) -> bytes | None:
        """Note a packet and return the answer to send back, if there is one."""
        if not packet:
            return None
        if packet[0] >> 4 == 6:  # noqa: PLR2004 - the version
            self._take6(packet)
            return None
        if packet[0] >> 4 != 4 or len(packet) < _IPV4_HEAD:  # noqa: PLR2004 - same
            return None
        head = (packet[0] & 15) * 4
        to, body = ".".join(map(str, packet[16:20])), packet[head:]
        if packet[9] == _UDP and len(body) >= _UDP_HEAD:
            return self._udp(packet, body, to)
        self._transport(packet[9], body, to)
        return None

    def _take6(self, packet: bytes) -> None:
        body, to = packet[_IPV6_HEAD:], packet[24:40].hex(":", 2)
        if packet[6] != _ICMP6 and packet[6] != 0:  # the kernel's own: neighbours, groups
            self._transport(packet[6], body, f"[{to}]")

    def _transport(self, protocol: int, body: bytes, to: str) -> None:
        port = int.from_bytes(body[2:4], "big")
        if protocol == _TCP:
            if len(body) > 13 and body[13] & _SYN and not body[13] & _ACK:  # noqa: PLR2004 - the flags' place
                self._note(Attempt(kind="tcp", to=f"{to}:{port}"))
        elif protocol == _UDP:
            self._note(Attempt(kind="udp", to=f"{to}:{port}"))
        elif protocol != 2:  # noqa: PLR2004 - IGMP is the kernel's own
            self._note(Attempt(kind="other", to=f"{to} (protocol {protocol})"))

    def _udp(self, packet: bytes, body: bytes, to: str) -> bytes | None:
        port, query = int.from_bytes(body[2:4], "big"), body[_UDP_HEAD:]
        if port != _DNS or len(query) <= _DNS_HEAD:
            self._note(Attempt(kind="udp", to=f"{to}:{port}"))
            return None
        name, end = _name(query)
        self._note(Attempt(kind="name", to=name))
        return _answered(packet, body, query, end)

    def _note(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)


def _name(query: bytes) -> tuple[str, int]:
    """Return the name asked for and where the question ends."""
    labels, at = [], _DNS_HEAD
    while at < len(query) and (size := query[at]):
        labels.append(query[at + 1 : at + 1 + size].decode("ascii", "replace"))
        at += 1 + size
    return ".".join(labels), at + 5


def _answered(packet: bytes, body: bytes, query: bytes, end: int) -> bytes:
    """Return the packet that answers a question: one address for A, none for anything else."""
    asks_address = query[end - 4 : end - 2] == b"\x00\x01"
    counts = struct.pack(">HHHH", 1, int(asks_address), 0, 0)
    record = b"\xc0\x0c\x00\x01\x00\x01" + struct.pack(">IH", 60, 4) + ADDRESS if asks_address else b""
    reply = query[:2] + b"\x81\x80" + counts + query[_DNS_HEAD:end] + record
    udp = body[2:4] + body[0:2] + struct.pack(">HH", _UDP_HEAD + len(reply), 0) + reply
    size = _IPV4_HEAD + len(udp)
    head = struct.pack(">BBHHHBBH", 0x45, 0, size, 0, 0, 64, _UDP, 0) + packet[16:20] + packet[12:16]
    return head[:10] + struct.pack(">H", _checksum(head)) + head[12:] + udp


def _checksum(head: bytes) -> int:
    total: int = sum(struct.unpack(f">{len(head) // 2}H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
