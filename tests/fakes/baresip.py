"""A real telephone: Debian's baresip, with files as microphone and a recording of what it hears."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from shopbell.voice.audio import first_audible, read_wav, write_wav
from shopbell.voice.phone.source import Address
from tests.fakes.phone import until

RATE = 8_000
HOST = "127.0.0.1"
QUIET = bytes(2 * 90 * RATE)
"""Ninety seconds of silence: a file that ends leaves baresip without a microphone."""
HEADER, RATE_AT, SIZE_AT = 44, slice(24, 28), slice(4, 8)
"""Bytes of a recording before its sound; where its rate stands, and its size less eight bytes."""
PAUSE_S = 1.5
"""Seconds of silence after which somebody has said what they had to say."""
RELEASED = "\x04"
"""What its console takes for a key that was let go."""
PACKAGE = "baresip"
_MODULES = Path("/usr/lib/baresip/modules")
_CONFIG = """\
poll_method epoll
net_interface {host}
sip_listen {host}:{sip}
audio_source aufile,{microphone}
audio_player aubridge,nowhere
audio_alert aubridge,nowhere
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports {rtp}-{rtp_last}
cons_listen {host}:{console}
snd_path {folder}
module_path {modules}
module account.so
module {codec}
module aufile.so
module aubridge.so
module sndfile.so
module cons.so
module_app menu.so
"""
"""Left to itself baresip offers the address that the default route leaves by, and without a route has none
and makes no call. It passes loopback over when given by name, but takes its address."""


def find_program() -> str:
    """Return the path of baresip, which scripts/test installs where it may; skips the test elsewhere."""
    found = shutil.which(PACKAGE)
    if found is None:
        pytest.skip("baresip is not installed: apt install baresip")
    return found


class Baresip:
    """One running telephone."""

    def __init__(self, folder: Path, ports: tuple[int, int], process: asyncio.subprocess.Process) -> None:
        self.folder = folder
        self.port, self._console = ports
        self._spoken = self._listened = 0
        self._process = process

    async def type(self, keys: str) -> None:
        """Press keys on its console; digits are sent as tones while it talks."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as typing:
            typing.sendto(keys.encode(), (HOST, self._console))
        await asyncio.sleep(0.15)

    async def dial(self, shop: Address, *, transport: str = "udp") -> None:
        """Call the shop."""
        await self.type(f"/dial sip:shop@{shop[0]}:{shop[1]};transport={transport}\n")

    async def press(self, keys: str) -> None:
        """Press keys while it talks, one after the other."""
        for key in keys:
            await self.type(key)
            await self.type(RELEASED)

    async def speak(self, sound: bytes) -> None:
        """Say something now, int16 mono at `RATE`, and be silent after."""
        self._spoken += 1
        file = self.folder / f"spoken{self._spoken}.wav"
        file.write_bytes(write_wav(sound + QUIET, RATE))
        await self.type(f"/ausrc aufile,{file}\n")

    async def hang_up(self) -> None:
        """End the call."""
        await self.type("b")

    def said(self) -> str:
        """Return what it wrote."""
        return (self.folder / "baresip.log").read_text(errors="replace")

    def heard(self) -> tuple[bytes, int]:
        """Return the recording of what it heard, and its rate; the call must be over."""
        (file,) = sorted(self.folder.glob("dump-*dec.wav"))[-1:]
        return read_wav(file.read_bytes(), file.name)

    def heard_out(self) -> bool:
        """Say whether somebody spoke since the last yes to this, and is silent now."""
        file = max(self.folder.glob("dump-*dec.wav"), default=None)
        sound = file.read_bytes() if file is not None else b""
        pause = 2 * round(PAUSE_S * int.from_bytes(sound[RATE_AT], "little"))
        fresh, last = sound[max(HEADER, self._listened) :], sound[-pause:]
        done = pause < len(fresh) and first_audible(fresh) is not None and first_audible(last) is None
        if done:
            self._listened = len(sound)
        return done

    async def over(self, seconds: float) -> None:
        """Wait until the call is over and its recording closed: it says the one a moment before the other."""
        await until(lambda: any(word in self.said() for word in ("session closed", "terminated")), seconds)
        await until(self._recorded, seconds)

    def _recorded(self) -> bool:
        """Say whether every recording is whole: until it is closed its header tells of no sound."""
        sounds = [file.read_bytes() for file in self.folder.glob("dump-*dec.wav")]
        return all(len(sound) == int.from_bytes(sound[SIZE_AT], "little") + 8 for sound in sounds)


@asynccontextmanager
async def a_baresip(
    folder: Path, *, codec: str = "g711.so", user: str = "01632960123", answers: bool = False
) -> AsyncIterator[Baresip]:
    """Lend a telephone whose microphone hears what it is told to say; it may answer every call by itself."""
    program = await asyncio.to_thread(find_program)
    sip, console = _free(), _free()
    await asyncio.to_thread(_prepare, folder, (sip, console, user, codec, answers))
    with (folder / "baresip.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program,
            "-4",
            "-f",
            str(folder),
            "-t",
            "180",
            stdout=log,
            stderr=log,
            stdin=asyncio.subprocess.DEVNULL,
        )
    phone = Baresip(folder, (sip, console), process)
    try:
        await until(lambda: "baresip is ready" in phone.said(), 10)
        yield phone
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _free() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _prepare(folder: Path, about: tuple[int, int, str, str, bool]) -> None:
    sip, console, user, codec, answers = about
    rtp = _free() // 2 * 2
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "microphone.wav").write_bytes(write_wav(QUIET, RATE))
    config = _CONFIG.format(
        host=HOST,
        sip=sip,
        console=console,
        rtp=rtp,
        rtp_last=rtp + 8,
        microphone=folder / "microphone.wav",
        folder=folder,
        modules=_MODULES,
        codec=codec,
    )
    (folder / "config").write_text(config)
    (folder / "accounts").write_text(
        f"<sip:{user}@{HOST}:{sip}>;regint=0{';answermode=auto' if answers else ''}\n"
    )
