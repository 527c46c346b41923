"""The house: what the console asks the server for, once, over HTTP."""

from typing import Protocol, TypeVar

import httpx
import msgspec

from shopbell.assistant import staffwire as w
from shopbell.tui.errors import CannotReach, Refused
from shopbell.tui.inert import read_form

Form = TypeVar("Form")
TIMEOUT_S = 20.0
"""Seconds for one answer: a preview asks the whole of the shop's knowledge."""


class House(Protocol):
    """The server's answers. Every call raises CannotReach or Refused."""

    async def login(self, name: str, password: str) -> w.Session:
        """Sign in; what follows is asked in this session."""
        ...

    async def join(self, code: str, name: str, password: str) -> w.Session:
        """Use a one-time code."""
        ...

    def resume(self, token: str) -> None:
        """Ask what follows in this session."""
        ...

    async def ask(self, path: str, answer: type[Form]) -> Form:
        """Return what stands at a path of `/api/staff`."""
        ...

    async def tell(self, path: str, body: msgspec.Struct | None, answer: type[Form]) -> Form:
        """Send a form to a path of `/api/staff` and return the answer."""
        ...


class HttpHouse:
    """The server over HTTP. Nothing but its address is ever asked: no proxy, no redirect."""

    def __init__(self, url: str) -> None:
        """Take the server's address, as `http://host:port`."""
        self._url = url.rstrip("/") + "/api/staff/"
        self._token = ""

    def resume(self, token: str) -> None:
        """Ask what follows in this session."""
        self._token = token

    async def login(self, name: str, password: str) -> w.Session:
        """Sign in; what follows is asked in this session."""
        return self._signed(await self.tell("login", w.Login(name=name, password=password), w.Session))

    async def join(self, code: str, name: str, password: str) -> w.Session:
        """Use a one-time code."""
        return self._signed(
            await self.tell("join", w.Join(code=code, name=name, password=password), w.Session)
        )

    async def ask(self, path: str, answer: type[Form]) -> Form:
        """Return what stands at a path."""
        return await self._request("GET", path, None, answer)

    async def tell(self, path: str, body: msgspec.Struct | None, answer: type[Form]) -> Form:
        """Send a form to a path and return the answer."""
        return await self._request("POST", path, body, answer)

    def _signed(self, session: w.Session) -> w.Session:
        self._token = session.token
        return session

    async def _request(self, method: str, path: str, body: msgspec.Struct | None, answer: type[Form]) -> Form:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        content = None if body is None else msgspec.json.encode(body)
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=TIMEOUT_S) as client:
                got = await client.request(method, self._url + path, content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise CannotReach("The server does not answer. Is `shopbell serve` running?") from None
        if got.is_success:
            return read_form(got.content, answer)
        raise _refusal(got)


def _refusal(got: httpx.Response) -> Refused:
    try:
        trouble = read_form(got.content, _Problem)
    except Refused:
        return Refused(f"http-{got.status_code}", f"The server answered with status {got.status_code}.")
    return Refused(trouble.code, trouble.text)


class _Problem(msgspec.Struct, frozen=True):
    code: str
    text: str
