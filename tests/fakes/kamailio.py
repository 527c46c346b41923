"""A real registrar: Debian's Kamailio, alone on loopback, with one extension."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.fakes.phone import HOST

PROGRAM = "kamailio"
REALM = "box"
_CONFIG = """\
#!KAMAILIO
debug=0
log_stderror=yes
children=1
tcp_children=1
listen=udp:{host}:{port}
listen=tcp:{host}:{port}
auto_aliases=no
dns=no
rev_dns=no
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "siputils.so"
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "timer_interval", 1)
modparam("registrar", "min_expires", 1)
modparam("registrar", "max_expires", {granted})
request_route {{
    if (method == "REGISTER") {{
        if (!pv_www_authenticate("{realm}", "{password}", "0")) {{
            www_challenge("{realm}", "0");
            exit;
        }}
        save("location");
        exit;
    }}
    if (method == "OPTIONS") {{
        if (lookup("location")) {{
            sl_send_reply("200", "Known");
        }} else {{
            sl_send_reply("404", "Unknown");
        }}
        exit;
    }}
    sl_send_reply("403", "No calls here");
}}
"""


def find_program() -> str:
    """Return the path of Kamailio, which scripts/test installs where it may; skips the test elsewhere."""
    found = shutil.which(PROGRAM) or shutil.which(PROGRAM, path="/usr/sbin")
    if found is None:
        pytest.skip("Kamailio is not installed: apt install kamailio")
    return found


class Kamailio:
    """One registrar; `start` and `stop` as often as wished: it forgets everything in between."""

    def __init__(self, program: str, folder: Path, password: str, granted: int) -> None:
        self._program = program
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((HOST, 0))
            self.port = int(probe.getsockname()[1])
        config = _CONFIG.format(host=HOST, port=self.port, realm=REALM, password=password, granted=granted)
        folder.mkdir()
        (folder / "kamailio.cfg").write_text(config)

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    async def start(self) -> None:
        """Start, and wait until it answers."""
        file = self._folder / "kamailio.cfg"
        self._process = await asyncio.create_subprocess_exec(
            self._program,
            *("-f", str(file), "-DD", "-E", "-w", str(self._folder), "-Y", str(self._folder), "-m", "16"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(60):
            while await self.knows("nobody") is None:
                assert self._process.returncode is None, "Kamailio ended"

    async def stop(self) -> None:
        """End it."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            await self._process.wait()

    async def knows(self, user: str) -> bool | None:
        """Say whether an extension is registered; None when nothing answers."""
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.bind((HOST, 0))
            port = line.getsockname()[1]
            asked = (
                f"OPTIONS sip:{user}@{REALM} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {HOST}:{port};branch=z9hG4bK{port}\r\n"
                f"From: <sip:x@{REALM}>;tag=1\r\nTo: <sip:{user}@{REALM}>\r\nCall-ID: {port}\r\n"
                "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
            )
            with suppress(OSError):
                async with asyncio.timeout(1.0):
                    await loop.sock_sendto(line, asked.encode(), (HOST, self.port))
                    return (await loop.sock_recv(line, 4_096)).startswith(b"SIP/2.0 200")
        return None

    async def until_known(self, user: str, *, known: bool = True) -> None:
        """Wait until an extension is registered, or is not any more."""
        async with asyncio.timeout(60):
            while await self.knows(user) is not known:  # noqa: ASYNC110 - it is another program's state
                await asyncio.sleep(0.1)


@asynccontextmanager
async def a_kamailio(folder: Path, password: str, *, granted: int = 60) -> AsyncIterator[Kamailio]:
    """Run a registrar meanwhile."""
    program = await asyncio.to_thread(find_program)
    box = await asyncio.to_thread(Kamailio, program, folder, password, granted)
    try:
        await box.start()
        yield box
    finally:
        await box.stop()
