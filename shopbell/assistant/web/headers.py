"""The headers of every response: what a browser may do with it."""

from shopbell.assistant.web.origins import Origins

Headers = list[tuple[bytes, bytes]]

_PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"


def policy(origins: Origins) -> str:
    """Return the Content-Security-Policy: nothing inline or foreign, framed by the sites listed."""
    ancestors = " ".join(("'self'", *origins.sites))
    return (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        f"connect-src 'self'; frame-ancestors {ancestors}"
    )


def safety(origins: Origins) -> Headers:
    """Return the headers that go on every response."""
    return [
        (b"content-security-policy", policy(origins).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"permissions-policy", _PERMISSIONS.encode()),
    ]


def completed(headers: Headers, always: Headers) -> Headers:
    """Return a response's headers with those of every response; what says nothing else is not kept."""
    given = {name.lower() for name, _ in headers}
    added = [pair for pair in always if pair[0] not in given]
    if b"cache-control" not in given:
        added.append((b"cache-control", b"no-store"))
    if b"cross-origin-resource-policy" not in given:
        added.append((b"cross-origin-resource-policy", b"same-origin"))
    return [*headers, *added]
