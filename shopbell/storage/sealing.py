"""Sealing: bytes under a passphrase, in chunks of which none can be read, changed, moved or cut off.

The file is `MAGIC`, four bytes with the length of the head, the head (JSON), then chunks of `CHUNK` bytes and
one last shorter one, each with AES-256-GCM. A chunk's nonce is the head's random 7 bytes, its number (4
bytes) and 1 for the last, 0 otherwise (STREAM, of Hoang, Reyhanitabar, Rogaway and Vizar, 2015); the head is
authenticated with every chunk. The key is made of the passphrase by Argon2id (RFC 9106).
"""

import os
from collections.abc import Callable
from typing import BinaryIO

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from shopbell.storage.errors import BackupRefused

MAGIC = b"SHOPBELL-BACKUP-1\n"
CHUNK = 1 << 20
"""Bytes of a chunk before it is sealed."""
SHORTEST = 10
"""Characters of a passphrase at least."""
_TAG = 16
_MOST_HEAD = 4_096
_MOST_MEMORY_KIB = 1 << 20


class Head(Struct, frozen=True, kw_only=True):
    """What everybody may read of a sealed file."""

    made_at: str
    """ISO 8601, in UTC."""
    salt: bytes
    nonce: bytes
    """7 random bytes."""
    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4


class SealedWriter:
    """A file that is only written; whoever writes closes it with `finish`."""

    def __init__(self, file: BinaryIO, passphrase: str, made_at: str, draw: Callable[[int], bytes]) -> None:
        """Write the head; raises `BackupRefused` for a passphrase that is too short."""
        if len(passphrase) < SHORTEST:
            raise BackupRefused(f"The passphrase is too short. Use at least {SHORTEST} characters.")
        head = Head(made_at=made_at, salt=draw(16), nonce=draw(7))
        self._cipher, self._nonce = AESGCM(_key(passphrase, head)), head.nonce
        self._head = msgspec.json.encode(head)
        self._file, self._number, self._held = file, 0, bytearray()
        file.write(MAGIC + len(self._head).to_bytes(4, "big") + self._head)

    def write(self, data: bytes) -> int:
        """Take more bytes."""
        self._held += data
        while len(self._held) > CHUNK:
            self._put(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return len(data)

    def finish(self) -> None:
        """Write what is left and mark the end."""
        self._put(bytes(self._held), last=True)
        self._file.flush()
        os.fsync(self._file.fileno())

    def _put(self, data: bytes, *, last: bool) -> None:
        nonce = _nonce(self._nonce, self._number, last=last)
        self._file.write(self._cipher.encrypt(nonce, data, self._head))
        self._number += 1


class SealedReader:
    """A sealed file, read from its beginning to its end."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        """Read the head; raises `BackupRefused` for another kind of file."""
        self._head, head = _head(file)
        self.made_at = head.made_at
        self._cipher, self._nonce = AESGCM(_key(passphrase, head)), head.nonce
        self._file, self._number, self._ended, self._held = file, 0, False, b""
        self._ahead = file.read(CHUNK + _TAG)

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all that is left for -1; empty at the end.

        Raises `BackupRefused` where the file was changed or cut off, or when the passphrase is another.
        """
        while not self._ended and (size < 0 or len(self._held) < size):
            self._held += self._next()
        size = len(self._held) if size < 0 else size
        given, self._held = self._held[:size], self._held[size:]
        return given

    def _next(self) -> bytes:
        sealed, self._ahead = self._ahead, self._file.read(CHUNK + _TAG)
        self._ended = not self._ahead
        try:
            nonce = _nonce(self._nonce, self._number, last=self._ended)
            found = self._cipher.decrypt(nonce, sealed, self._head)
        except (InvalidTag, ValueError) as fault:
            raise BackupRefused(
                "This is not the passphrase the backup was made with, or the file is damaged early on."
                if self._number == 0
                else "The backup is damaged: it was cut off or changed. Use another one."
            ) from fault
        self._number += 1
        return found


def _head(file: BinaryIO) -> tuple[bytes, Head]:
    refusal = BackupRefused("This file is no backup of Shopbell, or its beginning is damaged.")
    if file.read(len(MAGIC)) != MAGIC:
        raise refusal
    size = int.from_bytes(file.read(4), "big")
    if not 0 < size <= _MOST_HEAD:
        raise refusal
    raw = file.read(size)
    try:
        head = msgspec.json.decode(raw, type=Head)
    except msgspec.DecodeError as fault:
        raise refusal from fault
    sane = 1 <= head.passes <= 16 and 1 <= head.lanes <= 16  # noqa: PLR2004 - nobody waits for hours on a forged head
    if not sane or not 8 * head.lanes <= head.memory_kib <= _MOST_MEMORY_KIB or len(head.nonce) != 7:  # noqa: PLR2004
        raise refusal
    return raw, head


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


def _key(passphrase: str, head: Head) -> bytes:
    return hash_secret_raw(
        passphrase.encode(),
        head.salt,
        time_cost=head.passes,
        memory_cost=head.memory_kib,
        parallelism=head.lanes,
        hash_len=32,
        type=Type.ID,
    )
