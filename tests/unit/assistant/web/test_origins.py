"""Who may open a socket, and under which names the server answers."""

import random
import string

import pytest

from shopbell.assistant.web.origins import Origins

HOST = "shop.local:8000"
RULES = Origins(["https://www.lantern.example"], ["chat.lantern.example"])


def random_origin(rng: random.Random) -> str:
    """Return an origin that no rule allows, often close to one that is."""
    word = "".join(rng.choices(string.ascii_lowercase, k=rng.randint(1, 12)))
    return rng.choice(
        [
            f"https://{word}.example.net",
            f"http://{word}.{HOST}",
            f"http://{HOST}.{word}.com",
            f"http://{HOST.split(':', maxsplit=1)[0]}:{rng.choice([1, 80, 443, 8001, 65535])}",
            f"https://www.lantern.example.{word}",
            f"https://{word}www.lantern.example",
            f"https://www.lantern.example:{rng.randint(444, 9999)}",
            f"http://{word}@{HOST}",
            f"{word}://{HOST}",
            "null",
            "",
            "file://",
            word,
            f"https://www.lantern.example/{word}",
        ]
    )


def test_a_thousand_foreign_origins_are_refused() -> None:
    """No foreign, missing, `null` or malformed origin opens a socket."""
    rng = random.Random(2)
    origins = [random_origin(rng) for _ in range(1_000)]
    assert [origin for origin in origins if RULES.allows(origin, HOST)] == []
    assert not RULES.allows(None, HOST)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://shop.local:8000", HOST),
        ("HTTP://Shop.Local:8000", HOST),
        ("https://www.lantern.example", HOST),
        ("https://www.lantern.example:443", HOST),
        ("https://chat.lantern.example", "chat.lantern.example"),
        ("http://192.168.1.20", "192.168.1.20:80"),
        ("http://[::1]:8000", "[::1]:8000"),
    ],
)
def test_the_own_site_and_listed_sites_are_allowed(origin: str, host: str) -> None:
    """The same host and the sites of the settings may open sockets, however they are written."""
    assert RULES.allows(origin, host)


@pytest.mark.parametrize(
    "host",
    [
        "localhost:8000",
        "127.0.0.1:8000",
        "127.4.5.6",
        "[::1]:8000",
        "192.168.1.20:8000",
        "10.0.0.3",
        "shop:8000",
        "till.local",
        "chat.lantern.example",
        "Chat.Lantern.Example.:8000",
    ],
)
def test_near_and_configured_names_are_served(host: str) -> None:
    """Loopback, private addresses, names of the own network and configured names are answered."""
    assert RULES.serves(host)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "8.8.8.8", "127.0.0.1.evil.example", "a@localhost", "localhost:x", "shop/.."]
)
def test_foreign_names_are_not_served(host: str) -> None:
    """A foreign name that was made to point here is refused, so that it cannot pass for the own site."""
    assert not RULES.serves(host)
