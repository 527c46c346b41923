"""What the set-up needs of the machine, each checked with one clear line when it is missing."""

import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from setup_steps import TroubleError

DISK = 6_000_000_000
"""Bytes of free disk a first set-up asks for: packages, the compiler's work, and the models."""


def check_venv_module() -> None:
    """Raise TroubleError when this Python cannot make an environment with pip in it."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise TroubleError(
            "this Python cannot make virtual environments. "
            "On Debian: apt install python3-venv; then run again"
        )


def compiler(environ: Mapping[str, str]) -> str:
    """Return the first line of the C++ compiler's --version; raises TroubleError when there is none."""
    path = environ.get("PATH", "")
    c = shutil.which(environ.get("CC", "cc"), path=path) or shutil.which("gcc", path=path)
    cxx = shutil.which(environ.get("CXX", "c++"), path=path) or shutil.which("g++", path=path)
    if c is None or cxx is None:
        missing = "C" if c is None else "C++"
        raise TroubleError(
            f"there is no {missing} compiler. On Debian: apt install build-essential; then run again"
        )
    said = subprocess.run([cxx, "--version"], capture_output=True, text=True, check=False)
    if said.returncode != 0:
        raise TroubleError(
            f"the compiler {cxx} does not run. On Debian: apt install --reinstall build-essential"
        )
    return said.stdout.splitlines()[0]


def cpu_digest() -> str:
    """Return a short hash of what this processor can do: an engine built for another may not run on it."""
    text = Path("/proc/cpuinfo").read_text(errors="replace") if Path("/proc/cpuinfo").exists() else ""
    lines = (line for line in text.splitlines() if line.startswith(("flags", "Features")))
    flags = " ".join(sorted(next(lines, "").partition(":")[2].split()))
    return hashlib.sha256(f"{os.uname().machine} {flags}".encode()).hexdigest()[:12]


def check_disk(folders: Sequence[Path], needed: int = DISK) -> None:
    """Raise TroubleError when the disk of one of the folders, there yet or not, has too little room."""
    for folder in folders:
        there = next(place for place in (folder, *folder.parents) if place.exists())
        free = shutil.disk_usage(there).free
        if free < needed:
            raise TroubleError(
                f"a first set-up needs {needed / 1e9:.0f} GB of free disk, and {there} has "
                f"{free / 1e9:.1f} GB. Free some space and run again"
            )


def check_port(port: int) -> None:
    """Raise TroubleError when another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise TroubleError(
                f"port {port} is taken by another program. Choose another: scripts/start --port {port + 1}"
            ) from error


def find_chromium(environ: Mapping[str, str]) -> str | None:
    """Return the path of a Chromium, if one is installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, (shutil.which(name, path=environ.get("PATH", "")) for name in names)), None)


def install_package(name: str, log: Path) -> bool:
    """Install a package of Debian; only for root. Returns whether that worked; the log says why not."""
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", name]]
    with log.open("wb") as out:
        # A failed update is no matter when the lists are there: only the install has to work.
        codes = [
            subprocess.run(
                command, env=environ, stdout=out, stderr=out, stdin=subprocess.DEVNULL, check=False
            ).returncode
            for command in commands
        ]
    return codes[-1] == 0
