"""The environment `.venv` and what is installed in it, from lock files with every hash."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from setup_steps import TroubleError

_EDITABLE = "from hatchling.build import build_editable; import sys; print(build_editable(sys.argv[1]))"


class Environment:
    """The paths of one checkout, and commands run in its environment."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self.root = root
        self.environ = environ
        self.venv = root / ".venv"
        self.python = self.venv / "bin" / "python"
        self.scratch = root / ".cache" / "setup"
        self.tools = root / ".cache" / "tools"
        self.engine_tools = root / ".cache" / "engine-tools"
        self.log = self.scratch / "install.log"

    def identity(self) -> str:
        """Return what the environment depends on besides the locks: its place and its Python."""
        return f"{self.venv} {os.path.realpath(sys.executable)} {sys.version}"

    def make(self) -> None:
        """Make `.venv`, or take over one that works."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        if self._works():
            return
        self._run(
            [sys.executable, "-m", "venv", "--clear", str(self.venv)], "the environment .venv cannot be made"
        )

    def _works(self) -> bool:
        """Whether there is a whole environment of Python 3.11, made at this very place."""
        pip = self.venv / "bin" / "pip"
        if not pip.exists() or not pip.read_text(errors="replace").startswith(f"#!{self.venv}/"):
            return False
        question = "import pip, sys; sys.exit(sys.version_info[:2] != (3, 11))"
        return (
            subprocess.run([str(self.python), "-c", question], capture_output=True, check=False).returncode
            == 0
        )

    def install_tools(self, lock: Path, folder: Path) -> None:
        """Install build tools in a folder beside the environment, not in it: the shop runs without them."""
        shutil.rmtree(folder, ignore_errors=True)
        self._pip(["install", "--quiet", "--target", str(folder), *_locked(lock)])

    def install_lock(self, lock: Path, *, without: Sequence[str] = ()) -> None:
        """Install what the lock says, and only that; `without` names what is built by itself."""
        chosen = self.scratch / lock.name
        chosen.write_text(
            "".join(block for name, block in lock_blocks(lock.read_text()) if name not in without)
        )
        self._install(_locked(chosen))

    def install_wheel(self, wheel: Path) -> None:
        """Install one wheel made on this machine."""
        self._install(["--no-deps", "--no-index", "--force-reinstall", str(wheel)])

    def install_self(self) -> None:
        """Put Shopbell in the environment so that an edit of the source is live."""
        out = self.scratch / "self"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        command = [str(self.python), "-c", _EDITABLE, str(out)]
        environ = {**self.environ, "PYTHONPATH": str(self.tools)}
        self._run(command, "Shopbell itself cannot be installed", environ)
        self.install_wheel(next(out.glob("*.whl")))

    def _install(self, arguments: Sequence[str]) -> None:
        """Install with uv, which takes seconds; with pip, which takes a minute, where uv cannot."""
        uv = self.tools / "bin" / "uv"
        quick = [str(uv), "pip", "install", "--quiet", "--python", str(self.python), *arguments]
        quick = ["--reinstall" if word == "--force-reinstall" else word for word in quick]
        environ = {**uv_settings(self._pip_settings()), **self.environ}
        if uv.exists() and self._logged(quick, environ):
            return
        self._pip(["install", "--quiet", *arguments])

    def _pip(self, arguments: Sequence[str]) -> None:
        command = [str(self.python), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
        self._run(command, "packages could not be installed: is the network there? What has come is kept")

    def _pip_settings(self) -> str:
        command = [str(self.python), "-m", "pip", "config", "list"]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=dict(self.environ)
        ).stdout

    def _run(self, command: Sequence[str], trouble: str, environ: Mapping[str, str] | None = None) -> None:
        if not self._logged(command, environ or self.environ):
            last = self.log.read_text(errors="replace").strip().splitlines()[-1:] or ["no word why"]
            raise TroubleError(f"{trouble} ({last[0][:200]}; more in {self.log}). Run again to go on")

    def _logged(self, command: Sequence[str], environ: Mapping[str, str]) -> bool:
        self.scratch.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            done = subprocess.run(command, cwd=self.root, env=environ, stdout=log, stderr=log, check=False)
        return done.returncode == 0


def lock_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield each package of a lock file: its name, and its lines with their hashes."""
    for block in re.split(r"(?m)^(?=[a-zA-Z0-9])", text):
        if "==" in block:
            yield block.partition("==")[0].strip(), block


def uv_settings(pip_config: str) -> dict[str, str]:
    """Translate `pip config list` to uv's environment, so that the owner's mirror holds for both."""
    said: dict[str, str] = {}
    for line in pip_config.splitlines():
        key, _, value = line.partition("=")
        said[key.rpartition(".")[2]] = str(ast.literal_eval(value))
    settings = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    if index := said.get("index-url"):
        settings["UV_DEFAULT_INDEX"] = index
    if extra := [url for url in said.get("extra-index-url", "").split() if url.startswith("http")]:
        settings["UV_INDEX"] = " ".join(extra)
    if links := said.get("find-links", "").split():
        settings["UV_FIND_LINKS"] = ",".join(links)
    if said.get("no-index", "false").lower() in {"1", "true", "yes", "on"}:
        settings["UV_NO_INDEX"] = "1"
    if certificate := said.get("cert"):
        settings["SSL_CERT_FILE"] = certificate
    if hosts := said.get("trusted-host", "").split():
        settings["UV_INSECURE_HOST"] = " ".join(hosts)
    if proxy := said.get("proxy"):
        settings |= {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy}
    return settings


def _locked(lock: Path) -> list[str]:
    # The lock is whole, so nothing is resolved: what is not in it is not installed.
    return ["--no-deps", "--require-hashes", "--only-binary=:all:", "--requirement", str(lock)]
