"""docs/till.md says what is so: its examples run against a live server."""

import asyncio
import os
import re
import shutil
import time
from pathlib import Path

import pytest

from shopbell.loyalty.signature import is_signed, sign
from tests.fakes.till import NOW, counter
from tests.fakes.web import serving

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "till.md").read_text()
COMMANDS = "\n".join(re.findall(r"```bash\n(.*?)```", GUIDE, re.DOTALL))


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_examples_run(tmp_path: Path) -> None:
    """Every curl command of the guide succeeds, in the order in which it stands there."""
    assert COMMANDS.count("curl ") > 12
    async with counter(tmp_path) as shop, serving(shop.app) as address:
        key = shop.key("till-1")["Authorization"].partition(" ")[2]
        bash = await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", COMMANDS),
            env={"PATH": os.environ["PATH"], "SHOP": f"http://{address}", "TILL_KEY": key},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await bash.communicate())[0].decode()
        assert bash.returncode == 0, said
        account = await asyncio.to_thread(shop.room.club.balance, "c0042", NOW)
    assert '"state":"undone"' in said
    assert {each.unit: each.available for each in account.balances}["points"] == 25


def test_the_signature_check_of_the_guide_agrees_with_the_shop() -> None:
    """The ten lines of Python tell a true signature from a changed body, as the product's own check does."""
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    scope: dict[str, object] = {}
    exec(code, scope)  # noqa: S102 - our own guide
    check = scope["from_the_shop"]
    assert callable(check)
    at, body = int(time.time()), b'{"purchase":1}'
    header = sign("secret", at, body)
    assert check("secret", header, body) is True
    assert is_signed("secret", header, body, at)
    assert check("secret", header, body + b" ") is False
    assert check("other", header, body) is False
    assert check("secret", sign("secret", at - 600, body), body) is False
