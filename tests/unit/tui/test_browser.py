"""The console in a browser answers its own page, and asks nothing of other machines."""

import re

import pytest
from aiohttp.test_utils import TestClient, TestServer

from shopbell.tui.browser import HERE, Serving


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "evil.example:8001"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_only_its_own_page_is_answered(headers: dict[str, str], status: int) -> None:
    """Another site's page, and another name for this machine, are refused."""
    app = await Serving("http://127.0.0.1:8000", 8001)._make_app()
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        got = await client.get("/", headers=headers)
        assert got.status == status
        if status == 200:
            assert "default-src 'none'" in got.headers["Content-Security-Policy"]


def test_the_page_names_no_other_machine() -> None:
    """No font, script or picture comes from elsewhere."""
    assert not re.search(r"https?://", (HERE / "page" / "app_index.html").read_text())
