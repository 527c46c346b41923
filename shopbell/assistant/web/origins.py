"""Who may talk to the server, told by `Host` and `Origin`. Pure.

A browser always says in `Origin` which site a socket or a POST comes from, and a script cannot change it:
so another site, open in the same browser, is told apart from the shop's own. `Host` is checked because a
foreign name made to point at this machine ("DNS rebinding") would otherwise count as the shop's own site.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_PRIVATE_NAMES = (".local", ".localhost", ".internal", ".home.arpa")
"""Endings that no one can register, so that no stranger can point them here."""


class Origins:
    """The rules for one server."""

    def __init__(self, origins: Iterable[str] = (), hosts: Iterable[str] = ()) -> None:
        """Take the sites that may embed the chat, and further names under which the server is reached."""
        self._origins = frozenset(filter(None, map(_normal, origins)))
        self._hosts = frozenset(host.lower().rstrip(".") for host in hosts if host)

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites that may embed the chat, as they stand in a policy."""
        return tuple(sorted(self._origins))

    def serves(self, host: str) -> bool:
        """Whether `host`, the value of a `Host` header, is a name of this server."""
        name = _name(host)
        if not name:
            return False
        return name in self._hosts or _is_near(name)

    def allows(self, origin: str | None, host: str) -> bool:
        """Whether a socket from `origin` may be opened: only from the same host or a site on the list."""
        site = _normal(origin or "")
        if not site:
            return False
        return site in self._origins or _same(site, host)


def _normal(origin: str) -> str:
    """Return `scheme://host[:port]` in lower case without the default port; empty when it is no origin."""
    try:
        parts = urlsplit(origin.strip().lower())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.path not in {"", "/"}:
        return ""
    if parts.query or parts.fragment or "@" in parts.netloc:
        return ""
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    suffix = f":{port}" if port is not None else ""
    if suffix == _DEFAULT_PORTS[parts.scheme]:
        suffix = ""
    return f"{parts.scheme}://{name}{suffix}"


def _same(site: str, host: str) -> bool:
    # Behind a TLS proxy the page is https while we are spoken to in http: the scheme is not ours to compare.
    scheme = site.partition("://")[0]
    return bool(host) and _normal(f"{scheme}://{host}") == site


def _name(host: str) -> str:
    try:
        parts = urlsplit(f"//{host.strip()}")
        valid = parts.port is None or parts.port >= 0
    except ValueError:
        return ""
    if not valid or "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        return ""
    return (parts.hostname or "").rstrip(".")


def _is_near(name: str) -> bool:
    """Whether a name or address can only mean this machine or its own network."""
    try:
        address = ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(_PRIVATE_NAMES)
    return address.is_loopback or address.is_private or address.is_link_local
