"""Prove: what tries to leave a sealed network is seen, and a day's work of the shop tries nothing."""

import os
import subprocess
import sys

import pytest

from shopbell.assistant.privacy.prove import run_sealed

pytestmark = pytest.mark.netns
REACHES_OUT = """
import socket
for host in ("telemetry.example.com", "192.0.2.7"):
    try:
        socket.create_connection((host, 443), timeout=2)
    except OSError:
        pass
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("203.0.113.9", 5000))
"""
STAYS_HOME = """
import os, socket
assert "CI" not in os.environ
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname()).close()
"""
TELEMETRY_ON = "import onnxruntime, time; time.sleep(300)"
TELEMETRY_OFF = """
import os, time
from shopbell.storage.quiet import silence
silence(os.environ)
import onnxruntime
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _sealed() -> None:
    """Skip where the machine gives no network namespace with a way out that can be watched."""
    made = subprocess.run(["unshare", "--net", "--mount", "true"], check=False, capture_output=True)
    if made.returncode or not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        pytest.skip("this machine gives no network namespace, or has no /dev/net/tun")


def test_what_tries_to_leave_is_seen() -> None:
    """Names, connections and datagrams are each noted with where they were going."""
    done = run_sealed((sys.executable, "-c", REACHES_OUT), 30)
    seen = {(one.kind, one.to) for one in done.attempts}
    assert ("name", "telemetry.example.com") in seen
    assert ("tcp", "198.51.100.80:443") in seen
    assert ("tcp", "192.0.2.7:443") in seen
    assert ("udp", "203.0.113.9:5000") in seen


def test_loopback_is_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that speaks with this machine alone is not blamed, and runs as if no test were watching."""
    monkeypatch.setenv("CI", "true")
    done = run_sealed((sys.executable, "-c", STAYS_HOME), 30)
    assert (done.code, done.attempts) == (0, ())


@pytest.mark.slow
def test_it_trips_when_telemetry_is_left_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that imports onnxruntime without our switches is caught reaching out."""
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)
    done = run_sealed((sys.executable, "-c", TELEMETRY_ON), 300, until_seen=True)
    assert done.attempts


@pytest.mark.slow
def test_our_switches_keep_it_quiet() -> None:
    """The same library, imported as the product does it, tries nothing in a minute."""
    done = run_sealed((sys.executable, "-c", TELEMETRY_OFF), 90)
    assert (done.code, done.attempts) == (0, ())
