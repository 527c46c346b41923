"""Pages, their parts and the headers on every answer."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

import shopbell
from shopbell.assistant.settings import Shop
from tests.fakes.conversations import FakeConversations
from tests.fakes.web import SETTINGS, SITE, app_for

ROOT = Path(shopbell.__file__).parent
PATHS = [
    "/",
    "/?embed=1",
    "/api",
    "/api/openapi.json",
    "/widget.js",
    "/theme.css",
    "/api/shop",
    "/api/health",
]
REFUSED = ["/nope", "/logo", "/assets/x/chat.js", "/api/conversations/c1/events"]
TRAVERSALS = [
    "/assets/{v}/../pages.py",
    "/assets/{v}/..%2fpages.py",
    "/assets/{v}/%2e%2e%2fpages.py",
    "/assets/{v}/....//pages.py",
    "/assets/../../../etc/passwd",
    "/assets/{v}/%2fetc%2fpasswd",
    "/assets/{v}/chat.js%00.css",
    "/assets/{v}/chat.html",
    "/assets/{v}/..\\pages.py",
    "/logo/../shop.toml",
]


def client(folder: Path, **options: object) -> httpx.AsyncClient:
    """Make a client of the application, without a network."""
    app = app_for(FakeConversations(), folder, **options)  # type: ignore[arg-type]  # passed on
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost:8000")


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client of the application."""
    async with client(tmp_path) as one:
        yield one


@pytest.mark.parametrize("path", [*PATHS, *REFUSED])
async def test_every_answer_carries_the_safety_headers(web: httpx.AsyncClient, path: str) -> None:
    """Found or not, each answer forbids foreign code, sniffing, framing by strangers, and sets no cookie."""
    answer = await web.get(path)
    assert answer.status_code == (200 if path in PATHS else answer.status_code)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'; object-src 'none'; base-uri 'none'" in policy
    assert f"frame-ancestors 'self' {SITE}" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "cache-control" in answer.headers
    assert "server" not in answer.headers
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", TRAVERSALS)
async def test_nothing_outside_the_static_files_can_be_asked_for(web: httpx.AsyncClient, path: str) -> None:
    """No spelling of a path leads out of the list of files."""
    version = version_of((await web.get("/")).text)
    answer = await web.get(path.format(v=version))
    assert answer.status_code == 404
    assert "import" not in answer.text
    assert "root:" not in answer.text


def version_of(page: str) -> str:
    """Return the version that a page asks its parts under."""
    found = re.search(r"/assets/(\w+)/chat.js", page)
    assert found
    return found[1]


async def test_everything_a_page_asks_for_is_there(web: httpx.AsyncClient) -> None:
    """Each part named in the pages and in their scripts is served, kept for good, and of this server."""
    wanted = set()
    for path in ("/", "/?embed=1", "/api"):
        page = (await web.get(path)).text
        assert "{{" not in page
        assert "<script>" not in page
        assert "style=" not in page
        wanted |= {link.partition("#")[0] for link in re.findall(r'(?:src|href)="(/[^"]*)"', page)}
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    folder = f"/assets/{version_of((await web.get('/')).text)}/"
    for script in [link for link in wanted if link.endswith("chat.js")]:
        wanted |= {folder + name for name in re.findall(r'from "\./(\w+\.js)"', (await web.get(script)).text)}
    answers = {path: await web.get(path) for path in wanted}
    assert {path for path, answer in answers.items() if answer.status_code != 200} == set()
    assert all("immutable" in answers[path].headers["cache-control"] for path in wanted if "assets" in path)


async def test_the_page_bears_the_shop(web: httpx.AsyncClient) -> None:
    """Name, tagline, ways to reach the shop, and whether it is open now."""
    page = (await web.get("/")).text
    assert "Lantern Street Coffee &amp; Bakery" in page
    assert "Open now until 17:30" in page
    assert 'href="tel:+441632960142"' in page
    assert 'data-mode="page"' in page
    assert 'data-mode="embed"' in (await web.get("/?embed=1")).text


@pytest.mark.parametrize(
    ("now", "line"),
    [
        (datetime(2026, 11, 21, 6, 0, tzinfo=UTC), "Closed now, opens today at 07:30"),
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), "Closed now, opens tomorrow at 07:30"),
    ],
)
async def test_a_closed_shop_says_when_it_opens(tmp_path: Path, now: datetime, line: str) -> None:
    """Out of hours the line names the next opening."""
    async with client(tmp_path, now=now) as web:
        assert line in (await web.get("/")).text
        card = (await web.get("/api/shop")).json()
    assert (card["open_now"], card["open_text"]) == (False, line)


async def test_names_in_the_settings_are_text_and_not_markup(tmp_path: Path) -> None:
    """A shop's name with markup in it is shown as it is."""
    name = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{v}}"
    settings = replace(SETTINGS, shop=Shop(name=name, tagline="{{shop}}"))
    async with client(tmp_path, settings=settings) as web:
        page = (await web.get("/")).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_the_widget_may_bring_its_own_colour(web: httpx.AsyncClient) -> None:
    """A colour is taken over; anything else leaves the shop's own."""
    assert "/theme.css?accent=00aa55" in (await web.get("/?embed=1&accent=00aa55")).text
    assert "/theme.css?" not in (await web.get("/?embed=1&accent=%22%3E%3Cscript%3E")).text
    own = (await web.get("/theme.css")).text
    assert "#8a4b1f" in own
    assert (await web.get("/theme.css?accent=red;}")).text == own
    assert (await web.get("/theme.css?accent=00aa55")).text != own


async def test_the_shop_s_logo_is_served_from_its_folder(tmp_path: Path) -> None:
    """A logo in the folder appears on the page; nothing else of the folder does."""
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")
    (tmp_path / "shop.toml").write_text("secret")
    async with client(tmp_path) as web:
        assert 'data-logo="/logo"' in (await web.get("/")).text
        answer = await web.get("/logo")
        assert (answer.content, answer.headers["content-type"]) == (b"\x89PNG", "image/png")
        assert (await web.get("/shop.toml")).status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
async def test_foreign_names_are_refused(web: httpx.AsyncClient, host: str) -> None:
    """A name that was made to point here gets no page."""
    answer = await web.get("/", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (400, "host")


async def test_a_public_name_of_the_settings_is_served(tmp_path: Path) -> None:
    """Behind a proxy the server is reached by the name in shop.toml, and by no other public one."""
    settings = replace(SETTINGS, web=replace(SETTINGS.web, hosts=("chat.lantern.example",)))
    transport = httpx.ASGITransport(app=app_for(FakeConversations(), tmp_path, settings=settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        ours = await client.get("/", headers={"Host": "chat.lantern.example"})
        other = await client.get("/", headers={"Host": "chat.other.example"})
    assert (ours.status_code, other.status_code) == (200, 400)


def test_no_browser_sends_a_password_by_itself() -> None:
    """Until its script runs, a form that is there at once cannot be sent: it would go into the address."""
    pages = {page.name: page.read_text() for page in ROOT.rglob("static/*.html")}
    asking = {name: text for name, text in pages.items() if 'type="password"' in text and name != "chat.html"}
    assert set(asking) == {"staff.html", "figures.html", "calls.html"}
    for name, text in asking.items():
        assert 'type="submit" disabled' in text, name
    before_dialogs, _, _ = pages["chat.html"].partition("<dialog")
    assert 'type="password"' not in before_dialogs
