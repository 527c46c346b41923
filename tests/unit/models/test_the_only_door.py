import ast
from pathlib import Path

import pytest

import shopbell

PACKAGE = Path(shopbell.__file__).parent
DOOR = PACKAGE / "models" / "fetch.py"
CALLERS = {"urllib.request", "http.client", "requests", "aiohttp", "ftplib", "huggingface_hub", "xmlrpc"}
"""Libraries that open connections of their own accord when called."""
SERVER = PACKAGE / "tui" / "browser.py"
"""Serves the console's page on loopback with the server half of aiohttp."""


def reaches_out(source: str) -> set[str]:
    """Return what in a source reaches a network: an import of a caller, or a run of pip."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found |= {name for name in names if any(f"{name}.".startswith(f"{caller}.") for caller in CALLERS)}
        if isinstance(node, ast.Constant) and node.value == "pip":
            found.add("pip")
    return found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_nothing_else_reaches_a_network(path: Path) -> None:
    """Only models/fetch.py runs pip, and no module imports a library that calls out."""
    allowed = {DOOR: {"pip"}, SERVER: {"aiohttp", "aiohttp.typedefs"}}
    source = path.read_text("utf-8")
    assert reaches_out(source) == allowed.get(path, set())
    assert "ClientSession" not in source


@pytest.mark.parametrize(
    "source", ["import requests", "from urllib.request import urlopen", "import http.client as c"]
)
def test_the_check_can_fail(source: str) -> None:
    """The check sees each way in."""
    assert reaches_out(source)
