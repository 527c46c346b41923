"""Set Shopbell up, step by step, as far as it is not yet: for `scripts/start` and `scripts/test`.

Standard library only: it runs before anything is installed. Each step is safe to stop at any moment; the next
run goes on from there. What a step was done for is stamped, so a second run has next to nothing to do.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from setup_engine import MENDS, PACKAGE, Engine
from setup_machine import (
    check_disk,
    check_port,
    check_venv_module,
    compiler,
    cpu_digest,
    find_chromium,
    install_package,
)
from setup_packages import Environment
from setup_steps import Stamps, Steps, TroubleError, alone, digest_of

ROOT = Path(__file__).resolve().parent.parent
DEMO_SHOP = ROOT / "examples" / "lantern-street"
DEMO_LOG = ROOT / ".cache" / "demo-year.log"
TELEPHONES = ("baresip", "kamailio")
"""What calls the shop in tests, and what it registers at."""
"""The package of Debian, and the program in it."""
STOPPED = 130
"""Exit code after Ctrl-C."""

# What would make pip, or the environment's Python, look or install elsewhere.
_ELSEWHERE = {"PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"}


class Setup:
    """The steps, in order; which of them are needed is asked one by one."""

    def __init__(self, environ: Mapping[str, str], *, dev: bool, engine: bool, more_steps: int) -> None:
        self.environment = Environment(ROOT, environ)
        self.steps = Steps(total=5 + engine + more_steps)
        self._stamps = Stamps(self.environment.venv / ".stamps")
        self._tool_stamps = Stamps(self.environment.tools / ".stamps")
        self._lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
        self._with_engine = engine
        self._cache = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")

    def run(self) -> None:
        """Do what is not done yet. Raises TroubleError."""
        identity = digest_of(self.environment.identity())
        self._check_machine(environment_is_new=not self._stamps.fresh("environment", identity))
        self._step("environment", self._stamps, identity, self.environment.make)
        tools = digest_of(ROOT / "scripts" / "tools.lock", sys.version)
        self._step("build tools", self._tool_stamps, tools, self._install_tools)
        self._packages()
        self._engine()
        itself = digest_of(ROOT / "pyproject.toml", identity)
        self._step("Shopbell itself", self._stamps, itself, self.environment.install_self)

    def fetch_models(self, *, tests: bool) -> None:
        """Bring the models that are not on this machine yet. Raises TroubleError."""
        command = [str(self.environment.python), "-m", "shopbell.models.commands", "fetch"]
        command += ["--tests"] if tests else []
        with self.steps.step("models"):
            done = subprocess.run(command, env=dict(self.environment.environ), check=False)
        if done.returncode == STOPPED:
            raise KeyboardInterrupt
        if done.returncode != 0:
            raise TroubleError(
                "the models are not all here. Run again to go on, or open the shop without: --no-models"
            )

    def _check_machine(self, *, environment_is_new: bool) -> None:
        engine_is_new = self._with_engine and not self._stamps.fresh("LLM engine", self._engine_digest())
        if not environment_is_new and not engine_is_new:
            self.steps.skip()
            return
        with self.steps.step("machine"):
            check_venv_module()
            if engine_is_new:
                self.steps.say(f"  compiler: {compiler(self.environment.environ)}")
                check_disk([ROOT, self._cache, Path.home()])

    def _packages(self) -> None:
        runtime = digest_of(ROOT / "requirements.lock")
        wanted = digest_of(self._lock)
        # The development lock holds the runtime lock whole.
        if wanted == runtime and self._stamps.fresh("packages for", runtime):
            self.steps.skip()
            return
        done = self._step(
            "packages",
            self._stamps,
            wanted,
            lambda: self.environment.install_lock(self._lock, without=[PACKAGE]),
        )
        if done:
            self._stamps.set("packages for", runtime)

    def _engine(self) -> None:
        if not self._with_engine:
            return
        digest = self._engine_digest()
        if self._stamps.fresh("LLM engine", digest):
            self.steps.skip()
            return
        lock = ROOT / "requirements.lock"
        engine = Engine(self.environment, lock, compiler(self.environment.environ), cpu_digest(), self._cache)
        with self.steps.step("LLM engine"):
            if engine.wheel() is None:
                self.environment.install_tools(
                    ROOT / "scripts" / "engine-tools.lock", self.environment.engine_tools
                )
            took = engine.make(self.steps.show)
            shutil.rmtree(self.environment.engine_tools, ignore_errors=True)
            engine.install()
            self.steps.say(f"  LLM engine: {took}")
        self._stamps.set("LLM engine", digest)

    def _engine_digest(self) -> str:
        return digest_of(
            ROOT / "requirements.lock", *(ROOT / "scripts" / name for name in MENDS), cpu_digest()
        )

    def _install_tools(self) -> None:
        self.environment.install_tools(ROOT / "scripts" / "tools.lock", self.environment.tools)

    def _step(self, name: str, stamps: Stamps, digest: str, work: Callable[[], None]) -> bool:
        if stamps.fresh(name, digest):
            self.steps.skip()
            return False
        with self.steps.step(name):
            work()
        stamps.set(name, digest)
        return True


def start(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Set up, and turn into `shopbell serve`. Raises TroubleError."""
    parser = argparse.ArgumentParser(prog="scripts/start", description="Set Shopbell up and open a shop.")
    parser.add_argument("--port", type=int, default=8000, help="where to serve (default 8000)")
    parser.add_argument(
        "--shop", type=Path, default=DEMO_SHOP, help="the shop's folder (default: the demo shop)"
    )
    parser.add_argument("--no-models", action="store_true", help="fetch no models: the FAQ answers alone")
    parser.add_argument("--set-up-only", action="store_true", help="do not serve")
    chosen = parser.parse_args(arguments)
    if not chosen.set_up_only:
        check_port(chosen.port)
    with alone(ROOT):
        setup = Setup(environ, dev=False, engine=True, more_steps=0 if chosen.no_models else 1)
        setup.run()
        if not chosen.no_models:
            setup.fetch_models(tests=False)
        setup.steps.say(setup.steps.summary())
    if chosen.shop == DEMO_SHOP and not chosen.no_models:
        _fill_demo(setup)
    if not chosen.set_up_only:
        _serve(setup.environment, chosen.port, chosen.shop.absolute())
    return 0


def _fill_demo(setup: Setup) -> None:
    """Let the demo shop's year of customers and purchases be loaded while the shop opens.

    That takes a quarter of one core for some minutes; stopped with the shop, it goes on at the next start. A
    shop without it is no trouble.
    """
    shopbell = str(setup.environment.venv / "bin" / "shopbell")
    command = [shopbell, "loyalty", "simulate", "--into", str(DEMO_SHOP), "--first-start"]
    with DEMO_LOG.open("w") as log:
        subprocess.Popen(command, env=dict(setup.environment.environ), stdout=log, stderr=log)
    setup.steps.say(f"  the demo shop's made-up year is loaded meanwhile; {DEMO_LOG} tells how far it is")


def _serve(environment: Environment, port: int, shop: Path) -> NoReturn:
    shopbell = str(environment.venv / "bin" / "shopbell")
    sys.stderr.flush()
    command = [shopbell, "serve", "--port", str(port), str(shop)]
    os.execve(shopbell, command, dict(environment.environ))  # noqa: S606  (a fixed program, no shell wanted)


def test(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Set up for development, then run `scripts/check` and pytest. Raises TroubleError."""
    parser = argparse.ArgumentParser(
        prog="scripts/test", description="Run every check and test.", allow_abbrev=False
    )
    parser.add_argument(
        "--quick", action="store_true", help="no LLM build, no models, no browser: fakes only"
    )
    parser.add_argument("--no-browser", action="store_true", help="leave out the tests that need Chromium")
    parser.add_argument("--set-up-only", action="store_true", help="run no test")
    chosen, for_pytest = parser.parse_known_args(arguments)
    left_out = ["model", "browser", "netns", "slow"] if chosen.quick else []
    with alone(ROOT):
        setup = Setup(environ, dev=True, engine=not chosen.quick, more_steps=0 if chosen.quick else 3)
        setup.run()
        if not chosen.quick:
            setup.fetch_models(tests=True)
            if chosen.no_browser or not _chromium(setup.steps, environ):
                left_out.append("browser")
            _telephone(setup.steps, environ)
        setup.steps.say(setup.steps.summary())
    if chosen.set_up_only:
        return 0
    checking = subprocess.Popen([str(ROOT / "scripts" / "check")], env=dict(environ))
    if not chosen.quick:  # many of its tests look at the clock
        checking.wait()
    marks = ["-m", " and ".join(f"not {mark}" for mark in left_out)] if left_out else []
    tested = 0
    for part in _parts(quick=chosen.quick, asked=for_pytest):
        pytest = [str(setup.environment.python), "-m", "pytest", *marks, *part]
        tested = subprocess.run(pytest, cwd=ROOT, env=dict(environ), check=False).returncode or tested
    checked = checking.wait()
    if chosen.quick:
        setup.steps.say("Left out: all but the unit tests")
    if left_out:
        setup.steps.say(f"Left out: the tests marked {', '.join(left_out)}")
    return checked or tested


def _parts(*, quick: bool, asked: Sequence[str]) -> list[list[str]]:
    """Return the runs of pytest by their arguments: what measures nothing on every core, then the rest."""
    if quick:
        return [["-n", "auto", "tests/unit", *asked]]
    if asked:
        return [list(asked)]
    return [["-n", "auto", "tests/unit", "tests/snapshots"], ["tests/integration", "tests/e2e"]]


def _chromium(steps: Steps, environ: Mapping[str, str]) -> bool:
    """Whether there is a Chromium now; on Debian, root gets one installed."""
    if find_chromium(environ):
        steps.skip()
        return True
    if _may_install(environ):
        log = ROOT / ".cache" / "setup" / "chromium.log"
        with steps.step("Chromium"):
            if not install_package("chromium", log):
                raise TroubleError(
                    f"Chromium could not be installed; see {log}. Or run: scripts/test --no-browser"
                )
        return find_chromium(environ) is not None
    steps.say(
        "NO CHROMIUM: the browser tests are left out. To run them: apt install chromium, then run again"
    )
    return False


def _telephone(steps: Steps, environ: Mapping[str, str]) -> None:
    """Install a telephone and a registrar, where that is allowed; their tests are left out without."""
    path = f"{environ.get('PATH', '')}:/usr/sbin"
    missing = [name for name in TELEPHONES if shutil.which(name, path=path) is None]
    if missing and _may_install(environ):
        with steps.step("telephone"):
            for name in missing:
                install_package(name, ROOT / ".cache" / "setup" / f"{name}.log")
        missing = [name for name in missing if shutil.which(name, path=path) is None]
    else:
        steps.skip()
    if missing:
        names = " ".join(missing)
        steps.say(f"NO TELEPHONE: its tests are left out. To run them: apt install {names}, then run again")


def _may_install(environ: Mapping[str, str]) -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get", path=environ.get("PATH", "")) is not None


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one verb and return its exit code; trouble becomes one clear line."""
    signal.signal(signal.SIGTERM, _stop)
    verbs = {"start": start, "test": test}
    try:
        return verbs[arguments[0]](arguments[1:], environ)
    except TroubleError as error:
        sys.stderr.write(f"\nCannot go on: {error}.\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. Run the same command again to go on from here.\n")
        return STOPPED


if __name__ == "__main__":
    kept = {key: value for key, value in os.environ.items() if key not in _ELSEWHERE}
    raise SystemExit(main(sys.argv[1:], kept))
