"""Sealed: runs a command in a network of its own whose only way out ends in a sink that writes all down.

Run as `python -m shopbell.assistant.privacy.sealed REPORT SECONDS COMMAND...` under `unshare --net --mount`.
"""

import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from shopbell.assistant.privacy.sink import Attempt, Sink

HERE, RESOLVER = "198.51.100.1", "198.51.100.53"
"""Addresses of a range for documents (RFC 5737)."""
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_SIOCSIFADDR, _SIOCSIFNETMASK, _SIOCSIFFLAGS = 0x8916, 0x891C, 0x8914
_UP_RUNNING = 0x1 | 0x40
_NEWROUTE, _REQUEST_ACK_CREATE, _OIF = 24, 0x1 | 0x4 | 0x400, 4
_MAIN_TABLE, _BOOT, _UNICAST, _LINK_SCOPE = 254, 3, 1, 253
_TESTS = frozenset({"CI", "GITHUB_ACTIONS"})
"""Variables that make libraries keep still, which would prove nothing."""


class Report(Struct, frozen=True, kw_only=True):
    """What happened in there."""

    code: int
    """What the command ended with."""
    attempts: tuple[Attempt, ...]


def open_tunnel() -> int:
    """Make the only way out of this network and return its file descriptor; raises OSError."""
    tunnel = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tunnel, _TUNSETIFF, struct.pack("16sH22x", b"out0", _IFF_TUN | _IFF_NO_PI))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for name, flag in ((b"lo", _UP_RUNNING), (b"out0", _UP_RUNNING)):
            if name == b"out0":
                fcntl.ioctl(control, _SIOCSIFADDR, _with_address(name, HERE))
                fcntl.ioctl(control, _SIOCSIFNETMASK, _with_address(name, "255.255.255.0"))
            fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH22x", name, flag))
    index = socket.if_nametoindex("out0")
    _send_out(socket.AF_INET, index, _LINK_SCOPE)
    with suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:  # it may be off
        address = socket.inet_pton(socket.AF_INET6, "2001:db8::1")
        fcntl.ioctl(control, _SIOCSIFADDR, address + struct.pack("Ii", 64, index))
        _send_out(socket.AF_INET6, index, 0)
    return tunnel


def run(report: Path, seconds: float, command: list[str], *, until_seen: bool = False) -> None:
    """Run the command with every switch for tests taken out, for `seconds` at most, and write the report."""
    tunnel, sink, over = open_tunnel(), Sink(), threading.Event()
    _own_resolver()
    watcher = threading.Thread(target=_watch, args=(tunnel, sink, over))
    watcher.start()
    environ = {name: value for name, value in os.environ.items() if name not in _TESTS}
    with tempfile.TemporaryDirectory(prefix="sealed-") as home:
        process = subprocess.Popen(command, env=environ | {"HOME": home}, start_new_session=True)
        code = _wait(process, seconds, sink, until_seen=until_seen)
    over.set()
    watcher.join()
    os.close(tunnel)
    report.write_bytes(msgspec.json.encode(Report(code=code, attempts=tuple(sink.attempts))))


def _wait(process: "subprocess.Popen[bytes]", seconds: float, sink: Sink, *, until_seen: bool) -> int:
    step = 0.5
    for _ in range(int(seconds / step) + 1):
        with suppress(subprocess.TimeoutExpired):
            return process.wait(step)
        if until_seen and sink.attempts:
            break
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 15)
    with suppress(subprocess.TimeoutExpired):
        return process.wait(10)
    os.killpg(process.pid, 9)
    return process.wait()


def _watch(tunnel: int, sink: Sink, over: threading.Event) -> None:
    while not over.is_set():
        if select.select([tunnel], [], [], 0.2)[0]:
            answer = sink.take(os.read(tunnel, 65_535))
            if answer is not None:
                os.write(tunnel, answer)


def _own_resolver() -> None:
    """Let names be asked at the sink, also where this machine asks a program of its own on loopback."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as file:
        file.write(f"nameserver {RESOLVER}\noptions timeout:1 attempts:1\n")
    Path(file.name).chmod(0o644)
    real = str(Path("/etc/resolv.conf").resolve())
    subprocess.run(["mount", "--bind", file.name, real], check=True, capture_output=True)
    Path(file.name).unlink()


def _with_address(name: bytes, address: str) -> bytes:
    return struct.pack("16sHH4s16x", name, socket.AF_INET, 0, socket.inet_aton(address))


def _send_out(family: int, index: int, scope: int) -> None:
    """Send everything without another road into the tunnel: one route by rtnetlink (man 7 rtnetlink)."""
    route = struct.pack("BBBBBBBBI", family, 0, 0, 0, _MAIN_TABLE, _BOOT, scope, _UNICAST, 0)
    body = route + struct.pack("HHi", 8, _OIF, index)
    head = struct.pack("IHHII", 16 + len(body), _NEWROUTE, _REQUEST_ACK_CREATE, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as control:
        control.send(head + body)
        code = struct.unpack("i", control.recv(4_096)[16:20])[0]
    if code:
        raise OSError(-code, os.strerror(-code))


def main() -> None:
    """Run what the command line says."""
    report, seconds, until_seen, *command = sys.argv[1:]
    run(Path(report), float(seconds), command, until_seen=until_seen == "until-seen")


if __name__ == "__main__":
    main()
