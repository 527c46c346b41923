"""The REST interface, in process."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from shopbell.assistant.web.api import MAX_WAIT_S
from shopbell.assistant.web.app import DEFAULTS
from shopbell.assistant.web.limits import Limits, Rate
from tests.fakes.conversations import FakeConversations
from tests.fakes.web import app_for

pytestmark = pytest.mark.slow

WIDE: Limits = replace(DEFAULTS, posts=Rate(1e9, 1e9), address_says=Rate(1e9, 1e9))


def client(folder: Path, limits: Limits = DEFAULTS) -> httpx.AsyncClient:
    """Make a client of the application, without a network."""
    app = app_for(FakeConversations(pause_s=0.0), folder, limits=limits)
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost:8000")


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client of the application."""
    async with client(tmp_path) as one:
        yield one


async def begun(web: httpx.AsyncClient) -> tuple[str, dict[str, str]]:
    """Begin a conversation; return its path and the header that proves it."""
    answer = await web.post("/api/conversations")
    assert answer.status_code == 201
    body = answer.json()
    assert "AI" in body["notice"]
    return f"/api/conversations/{body['conversation']}", {"Authorization": f"Bearer {body['token']}"}


async def test_a_program_has_a_conversation(web: httpx.AsyncClient) -> None:
    """Begin, say, wait for the reply, read on from there, download."""
    path, proof = await begun(web)
    said = await web.post(f"{path}/say", json={"text": "Open on Sunday?", "key": "1"}, headers=proof)
    assert said.status_code == 202
    after = said.json()["seq"]
    events = (await web.get(f"{path}/events", params={"after": after, "wait": 5}, headers=proof)).json()
    (reply,) = events["frames"]
    assert (reply["type"], reply["rung"]) == ("replied", "faq")
    assert "09:00 to 16:00" in reply["text"]
    nothing = (await web.get(f"{path}/events", params={"after": events["seq"]}, headers=proof)).json()
    assert nothing == {"frames": [], "seq": events["seq"]}
    transcript = await web.get(f"{path}/transcript", headers=proof)
    assert transcript.headers["content-type"].startswith("text/plain")
    assert "You: Open on Sunday?" in transcript.text


async def test_waiting_ends(web: httpx.AsyncClient) -> None:
    """When nothing happens, an empty answer comes after the time asked for."""
    path, proof = await begun(web)
    began = asyncio.get_running_loop().time()
    assert (await web.get(f"{path}/events?wait=1", headers=proof)).json()["frames"] == []
    assert 0.9 < asyncio.get_running_loop().time() - began < 5


@pytest.mark.parametrize("proof", [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer "}])
async def test_without_a_token_nothing_is_read(web: httpx.AsyncClient, proof: dict[str, str]) -> None:
    """No proof, no conversation."""
    path, _ = await begun(web)
    answer = await web.get(f"{path}/events", headers=proof)
    assert (answer.status_code, answer.json()["code"]) == (401, "no-token")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_thousand_guesses_open_nothing(web: httpx.AsyncClient) -> None:
    """Foreign tokens and unknown ids are refused alike, on every path."""
    path, proof = await begun(web)
    _, other = await begun(web)
    answers = {
        (answer.status_code, answer.content)
        for number in range(330)
        for target in (f"{path}/events", f"{path}/transcript", f"/api/conversations/c{number + 50}/events")
        for answer in [
            await web.get(
                target, headers=other if number == 0 else {"Authorization": f"Bearer token-{number + 2}"}
            )
        ]
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 401
    assert (await web.get(f"{path}/events", headers=proof)).status_code == 200


async def test_one_question_is_answered_without_a_conversation(web: httpx.AsyncClient) -> None:
    """`/api/ask` gives the reply with its sources at once."""
    reply = (await web.post("/api/ask", json={"text": "Do you deliver?"})).json()
    assert reply["rung"] == "model"
    assert [source["title"] for source in reply["sources"]] == ["Where we deliver", "What delivery costs"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad-request"),
        (b"[]", 400, "bad-request"),
        (b'{"text":""}', 400, "bad-request"),
        (b'{"text":" \\n"}', 400, "bad-request"),
        (b'{"text":"' + b"x" * 2_001 + b'"}', 400, "bad-request"),
        (b'{"text":"' + b"x" * 70_000 + b'"}', 413, "too-large"),
        (b"\xff\xfe", 400, "bad-request"),
    ],
)
async def test_unfit_bodies_are_refused(web: httpx.AsyncClient, body: bytes, status: int, code: str) -> None:
    """What is wrong is told as a code and words."""
    answer = await web.post("/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["text"]


async def test_an_unknown_query_parameter_is_refused(web: httpx.AsyncClient) -> None:
    """A misspelt name is told, with the names that the address takes; pages for people take any."""
    path, proof = await begun(web)
    answer = await web.get(f"{path}/events?affter=3", headers=proof)
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "bad-request",
        "text": "This address knows no query parameter 'affter'. It takes: after, wait.",
    }
    assert (await web.post("/api/ask?x=1", json={"text": "Hello"})).json()["text"].endswith("It takes none.")
    assert (await web.get("/api/nowhere?x=1")).status_code == 404
    assert (await web.get("/?utm_source=map")).status_code == 200


async def test_other_sites_may_not_post(web: httpx.AsyncClient) -> None:
    """A page of another site cannot make the server work; a program and the own page can."""
    for origin, status in (("https://evil.example", 403), ("null", 403), ("http://localhost:8000", 200)):
        answer = await web.post("/api/ask", json={"text": "Hello"}, headers={"Origin": origin})
        assert answer.status_code == status
        assert "access-control-allow-origin" not in answer.headers


async def test_posts_are_counted(tmp_path: Path) -> None:
    """Too many requests of one address are refused, and told when to come back."""
    async with client(tmp_path, replace(DEFAULTS, posts=Rate(2, 0.001))) as web:
        answers = [await web.post("/api/ask", json={"text": "Hello"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["retry-after"] == "30"


async def test_health_and_shop_tell_how_things_are(web: httpx.AsyncClient) -> None:
    """Readiness and the shop's card are there for whoever watches."""
    health = (await web.get("/api/health")).json()
    assert (health["status"], health["passages"], health["chats"]) == ("ok", 312, 0)
    card = (await web.get("/api/shop")).json()
    assert (card["name"], card["open_now"]) == ("Lantern Street Coffee & Bakery", True)


async def test_a_fault_shows_nothing_of_the_inside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An unforeseen error is a 500 with a plain sentence, and no more."""

    class Broken(FakeConversations):
        async def answer(self, text: str) -> None:  # type: ignore[override]  # it never returns
            raise RuntimeError("secret of the inside")

    transport = httpx.ASGITransport(app=app_for(Broken(), tmp_path), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as web:
        answer = await web.post("/api/ask", json={"text": "Hello"})
    assert answer.status_code == 500
    assert answer.json()["code"] == "fault"
    assert "secret" not in answer.text


OPERATIONS = [
    "POST /api/conversations",
    "POST /api/conversations/{conversation}/say",
    "GET /api/conversations/{conversation}/events",
    "GET /api/conversations/{conversation}/transcript",
    "POST /api/ask",
    "GET /api/shop",
    "GET /api/health",
]


def described(folder: Path) -> schemathesis.BaseSchema:
    """Return the interface as it describes itself, with one conversation in it."""
    service = FakeConversations(pause_s=0.0)
    asyncio.run(service.open("api"))
    return schemathesis.openapi.from_asgi("/api/openapi.json", app_for(service, folder, limits=WIDE))


def is_allowed_wait(value: object) -> bool:
    """Say whether a generated `wait` is one that the interface takes."""
    try:
        return 0 < float(str(value)) <= MAX_WAIT_S
    except ValueError:
        return False


def test_every_operation_is_tried(tmp_path: Path) -> None:
    """The list of operations below is that of the interface."""
    found = [
        result.ok().label for result in described(tmp_path).get_all_operations() if isinstance(result, Ok)
    ]
    assert sorted(found) == sorted(OPERATIONS)


@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_makes_the_interface_fail(label: str, tmp_path: Path) -> None:
    """Generated requests, good and bad, never meet a 5xx or an answer that the description does not allow."""
    method, path = label.split()
    operation = described(tmp_path)[path][method]

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(operation.as_strategy(), operation.as_strategy(GenerationMode.NEGATIVE)))
    def attempt(case: schemathesis.Case[Any]) -> None:
        proof = {}
        if "conversation" in case.path_parameters:
            case.path_parameters["conversation"] = "c1"
            if "Authorization" in case.headers:  # one left out on purpose stays out
                proof = {"Authorization": "Bearer token-1"}
        if is_allowed_wait(case.query.get("wait")):
            case.query["wait"] = 0  # the test need not wait; a bad value stays bad
        case.call_and_validate(headers=proof)

    attempt()
