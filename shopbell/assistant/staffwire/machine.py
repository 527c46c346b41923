"""The form of `/api/staff/system`: how the server and its engines are."""

from typing import Literal

from msgspec import Struct

from shopbell.assistant.staffwire.knowledge import Complaint


class Part(Struct, frozen=True, kw_only=True):
    """Something beside the model that the shop speaks and hears with."""

    name: str
    """Such as "Hearing"."""
    state: str
    """In a word: "ready", "starting", "registered", "not here"."""
    how: Literal["well", "amiss", "off"]
    """`off`: nobody asked for it."""
    text: str = ""
    """For who reads it: which one it is, or what is wrong and what to do."""


class SystemReport(Struct, frozen=True, kw_only=True):
    """How the server is, for the console."""

    status: str
    version: str
    model: str
    model_state: str
    model_detail: str
    restarts: int
    queue: int
    conversations: int
    consoles: int
    passages: int
    disk_free_bytes: int
    disk_total_bytes: int
    data_bytes: int
    problems: tuple[Complaint, ...]
    parts: tuple[Part, ...] = ()
    """Ears, voice and telephone, where the server has them."""
    backup: str = ""
    """When the shop was backed up last, in a sentence."""
    backup_old: bool = False
    """It is time for another."""
