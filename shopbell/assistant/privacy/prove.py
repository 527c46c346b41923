"""Prove: a day's work of the shop in a sealed network, and what tried to leave it meanwhile."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from shopbell.assistant.errors import CannotProve
from shopbell.assistant.privacy.sealed import Report

STARTING_S = 3_600.0
"""Seconds a day's work may take besides the waiting; a slow PC loads its models for minutes."""
_UNSHARE = ("unshare", "--net", "--mount", "--propagation", "private")


def run_sealed(command: Sequence[str], seconds: float, *, until_seen: bool = False) -> Report:
    """Run a command in a network of its own; `until_seen` ends it as soon as something tried to leave.

    Raises `CannotProve` where the machine gives no such network.
    """
    own_user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    with tempfile.TemporaryDirectory(prefix="shopbell-prove-") as scratch:
        report = Path(scratch) / "report.json"
        word = "until-seen" if until_seen else "to-the-end"
        inside = (sys.executable, "-m", "shopbell.assistant.privacy.sealed", str(report), str(seconds), word)
        try:
            done = subprocess.run(
                [*_UNSHARE, *own_user, *inside, *command], check=False, stderr=subprocess.PIPE
            )
        except FileNotFoundError as fault:
            raise CannotProve(
                "The program `unshare` is not here. On Debian: apt install util-linux."
            ) from fault
        if not report.is_file():
            raise CannotProve(
                "This machine gives no sealed network: it needs user namespaces or root, and /dev/net/tun. "
                f"It said: {done.stderr.decode(errors='replace').strip()[-300:] or 'nothing'}"
            )
        return msgspec.json.decode(report.read_bytes(), type=Report)


def prove(data: Path, shop: Path, seconds: float) -> Report:
    """Do a day's work on a copy of the shop in a sealed network; raises `CannotProve`.

    `data` is the folder with the models; it is only read. `seconds` are waited after the models are loaded.
    """
    with tempfile.TemporaryDirectory(prefix="shopbell-day-") as scratch:
        place = Path(scratch)
        shutil.copytree(shop, place / "shop")
        (place / "data").mkdir()
        for path in data.iterdir() if data.is_dir() else ():
            if path.name != "shops":
                (place / "data" / path.name).symlink_to(path.resolve())
        day = (sys.executable, "-m", "shopbell.assistant.privacy.daywork", str(place), str(seconds))
        done = run_sealed(day, STARTING_S + seconds)
    if done.code:
        raise CannotProve(
            f"The day's work did not come to its end (code {done.code}). Run `shopbell doctor`."
        )
    return done
