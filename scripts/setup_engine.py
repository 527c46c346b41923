"""The LLM engine: llama-cpp-python, compiled for this very machine from its hash-pinned source.

The wheel is kept per user, under a key of source, recipe, compiler and processor, so a new environment does
not compile again. An interrupted compile goes on where it stopped; one whose set-up was killed is waited for.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from setup_packages import Environment, lock_blocks
from setup_steps import TroubleError, duration

PACKAGE = "llama-cpp-python"
RECIPE = (
    *(
        "-DLLAVA_BUILD=OFF",
        "-DLLAMA_BUILD_TOOLS=OFF",
        "-DLLAMA_BUILD_EXAMPLES=OFF",
        "-DLLAMA_BUILD_TESTS=OFF",
    ),
    *("-DLLAMA_BUILD_SERVER=OFF", "-DGGML_NATIVE=ON"),
)
MENDS = ("llama_trim.cmake", "llama_tile_config.h")
"""Files beside this one that the compile takes in; the first includes the others."""
_BUILD = (
    "import sys; from scikit_build_core.build import build_wheel;"
    "build_wheel(sys.argv[1], {'build-dir': sys.argv[2]})"
)
_DONE_OF = re.compile(rb"^\[(\d+)/(\d+)\]", re.MULTILINE)
_TRY = "import llama_cpp; llama_cpp.llama_backend_init(); llama_cpp.llama_backend_free()"

Show = Callable[[str], None]


class Engine:
    """Builds, keeps and installs the engine's wheel."""

    def __init__(self, environment: Environment, lock: Path, compiler: str, cpu: str, cache: Path) -> None:
        self._environment = environment
        self._block = dict(lock_blocks(lock.read_text()))[PACKAGE]
        self._mends = {name: (environment.root / "scripts" / name).read_text() for name in MENDS}
        recipe = " ".join((self._block, *RECIPE, *self._mends.values(), compiler, cpu))
        self.key = hashlib.sha256(recipe.encode()).hexdigest()[:16]
        self._work = cache / "shopbell" / "engine" / self.key
        self._kept = cache / "shopbell" / "wheels" / self.key
        self._log = self._work / "build.log"

    def wheel(self) -> Path | None:
        """Return the finished wheel, if this machine has made it before."""
        return next(iter(sorted(self._kept.glob("*.whl"))), None)

    def make(self, show: Show) -> str:
        """Make sure the wheel is there and return what that took, in words. Raises TroubleError."""
        if self.wheel():
            return "kept from an earlier build"
        self._work.mkdir(parents=True, exist_ok=True)
        with self._alone(show) as lock:
            if not self.wheel():
                source = self._unpacked(show)
                begun = time.monotonic()
                self._compile(source, lock, show)
                self._keep()
                took = f"compiled in {duration(time.monotonic() - begun)}"
            else:
                took = "compiled by the run before"
        shutil.rmtree(self._work)
        return took

    def install(self) -> None:
        """Install the wheel and see that it loads. Raises TroubleError."""
        wheel = self.wheel()
        if wheel is None:
            raise TroubleError("the LLM engine's wheel vanished while it was being installed. Run again")
        self._environment.install_wheel(wheel)
        tried = subprocess.run([str(self._environment.python), "-c", _TRY], capture_output=True, check=False)
        if tried.returncode != 0:
            raise TroubleError(
                f"the LLM engine was built but does not load here. Remove {wheel.parent} and run again"
            )

    def _unpacked(self, show: Show) -> Path:
        source = self._work / "source"
        if not source.exists():
            archive = self._downloaded(show)
            fresh = self._work / "unpacking"
            shutil.rmtree(fresh, ignore_errors=True)
            with tarfile.open(archive) as tar:
                tar.extractall(fresh)  # noqa: S202  (its sha256 is in the lock)
            fresh.replace(source)
            archive.unlink()
        return next(source.iterdir())

    def _downloaded(self, show: Show) -> Path:
        """Download the source; pip proves its sha256 against the lock."""
        there = self._work / "download"
        if not (found := list(there.glob("*.tar.gz"))):
            wanted = self._work / "wanted.txt"
            wanted.write_text(self._block)
            coming = self._work / "coming"
            command = [
                *(
                    str(self._environment.python),
                    "-m",
                    "pip",
                    "download",
                    "--quiet",
                    "--no-cache-dir",
                    "--no-input",
                ),
                *("--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--require-hashes"),
                *(f"--no-binary={PACKAGE}", "--dest", str(coming), "--requirement", str(wanted)),
            ]
            show("downloading its source")
            with self._log.open("wb") as log:
                done = subprocess.run(command, env=self._environ(), stdout=log, stderr=log, check=False)
            if done.returncode != 0:
                raise TroubleError(
                    f"the LLM engine's source could not be downloaded; see {self._log}. Run again"
                )
            coming.replace(there)
            found = list(there.glob("*.tar.gz"))
        return found[0]

    def _compile(self, source: Path, lock: IO[str], show: Show) -> None:
        out = self._work / "wheel"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        for name, text in self._mends.items():
            (self._work / name).write_text(text)
        command = [str(self._environment.python), "-c", _BUILD, str(out), str(self._work / "build")]
        with self._log.open("wb") as log:
            # The child holds the lock too: should this process be killed, the next one waits for the child.
            process = subprocess.Popen(
                command,
                cwd=source,
                env=self._environ(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[lock.fileno()],
            )
        try:
            while process.poll() is None:
                self._show_compile(show)
                time.sleep(0.5)
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise
        if process.returncode != 0:
            raise TroubleError(f"the LLM engine did not compile. The last lines:\n{self._last_lines()}")

    def _show_compile(self, show: Show) -> None:
        if not self._log.exists():
            return
        with self._log.open("rb") as log:
            log.seek(max(0, self._log.stat().st_size - 65536))
            found = _DONE_OF.findall(log.read())
        if found:
            done, total = map(int, found[-1])
            show(f"compiling, {100 * done // max(total, 1)} % ({done} of {total} files; a few minutes, once)")

    def _keep(self) -> None:
        fresh = self._work / "wheel"
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self._kept, ignore_errors=True)
        fresh.replace(self._kept)

    @contextlib.contextmanager
    def _alone(self, show: Show) -> Iterator[IO[str]]:
        with (self._work.parent / f"{self.key}.lock").open("w") as handle:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    self._show_compile(lambda words: show(f"{words}; begun by an earlier run"))
                    time.sleep(0.5)
            yield handle

    def _environ(self) -> dict[str, str]:
        tools = self._environment.engine_tools
        environ = dict(self._environment.environ)
        return environ | {
            "PYTHONPATH": str(tools),
            "PATH": f"{tools / 'bin'}:{environ.get('PATH', '')}",
            "CMAKE_ARGS": shlex.join((*RECIPE, f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={self._work / MENDS[0]}")),
            "PYTHONUNBUFFERED": "1",
        }

    def _last_lines(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        shown = [line[:200] for line in lines if "error" in line.lower()][-5:] or lines[-5:]
        return "\n".join((*shown, f"(all of it in {self._log})"))
