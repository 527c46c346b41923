"""The set-up: its checks of the machine, its lock files, and what it remembers."""

import fcntl
import importlib
import importlib.metadata
import os
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "scripts"
LOCKS = ("requirements.lock", "requirements-dev.lock", "scripts/tools.lock", "scripts/engine-tools.lock")
HOSTS = ("://", "--index", "--find" + "-links", "--extra", "hosted")
BASH = ("scripts/start", "scripts/test", "scripts/check", "scripts/lock", "scripts/python311", ".ci/run")


@pytest.fixture(autouse=True)
def scripts_on_the_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name == "setup" or name.startswith("setup_"):
            del sys.modules[name]


def load(name: str) -> ModuleType:
    return importlib.import_module(name)


def locked(path: str) -> dict[str, str]:
    blocks = load("setup_packages").lock_blocks((ROOT / path).read_text())
    return {name: block.partition("==")[2].split()[0] for name, block in blocks}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_hash(lock: str) -> None:
    """Each package of a lock has an exact version and hashes, and no lock names an index."""
    text = (ROOT / lock).read_text()
    blocks = list(load("setup_packages").lock_blocks(text))
    assert len(blocks) == sum("==" in line for line in text.splitlines())
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for _, block in blocks)
    assert not [host for host in HOSTS if host in text]


def test_the_lock_holds_what_the_project_asks_for() -> None:
    """Each library of pyproject.toml is in the lock, and the development lock pins the same versions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime, dev = locked("requirements.lock"), locked("requirements-dev.lock")

    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[^A-Za-z0-9._-]", text)[0].lower().replace("_", "-") for text in requirements}

    assert names(project["project"]["dependencies"]) <= set(runtime)
    assert names(project["dependency-groups"]["dev"]) <= set(dev)
    assert runtime.items() <= dev.items()


def test_what_is_left_out_is_not_needed() -> None:
    """No lock holds what is left out, and the vector index works in a process that could not import it."""
    left_out = {"kubernetes", "build", "hf-xet"}
    assert r"printf '%s\n' kubernetes build hf-xet >" in (SCRIPTS / "lock").read_text()
    assert not left_out & (set(locked("requirements.lock")) | set(locked("requirements-dev.lock")))
    program = (
        "import sys, tempfile\n"
        "sys.modules |= dict.fromkeys(('kubernetes', 'build', 'hf_xet'))\n"
        "import chromadb, tokenizers\n"
        "from chromadb.config import Settings\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    client = chromadb.PersistentClient(folder, Settings(anonymized_telemetry=False))\n"
        "    rows = client.create_collection('rows', embedding_function=None)\n"
        "    rows.add(ids=['a', 'b'], embeddings=[[1.0, 0.0], [0.0, 1.0]])\n"
        "    assert rows.query(query_embeddings=[[0.9, 0.1]], n_results=1)['ids'] == [['a']]\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("script", BASH)
def test_scripts_are_sound_bash(script: str) -> None:
    """Each script parses, may be run, and stops at the first fault or counts them."""
    path = ROOT / script
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", str(path)], check=True)
    assert script == "scripts/python311" or "set -" in path.read_text()


def test_ci_runs_the_test_script() -> None:
    """Continuous integration runs what a developer runs, and nothing else."""
    lines = [
        line
        for line in (ROOT / ".ci" / "run").read_text().splitlines()
        if not line.startswith(("#", "set", "cd"))
    ]
    assert lines == ['exec scripts/test "$@"']


def test_wrong_python_is_one_clear_line(tmp_path: Path) -> None:
    """Without Python 3.11 the scripts say so in one line, with what was found and how to mend it."""
    (tmp_path / "python3").write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n'
    )
    (tmp_path / "python3").chmod(0o755)
    for tool in ("bash", "env", "dirname", "readlink"):
        (tmp_path / tool).symlink_to(Path("/usr/bin") / tool)
    done = subprocess.run(
        [str(SCRIPTS / "start")], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "needs Python 3.11 and found Python 3.9.2" in done.stderr
    assert "apt install python3 python3-venv" in done.stderr


def test_no_compiler_is_one_clear_line(tmp_path: Path) -> None:
    """A machine without a C or C++ compiler is told which package brings it."""
    machine, steps = load("setup_machine"), load("setup_steps")
    with pytest.raises(steps.TroubleError, match=r"no C compiler.*build-essential"):
        machine.compiler({"PATH": str(tmp_path)})
    (tmp_path / "cc").symlink_to("/bin/true")
    with pytest.raises(steps.TroubleError, match=r"no C\+\+ compiler"):
        machine.compiler({"PATH": str(tmp_path)})
    (tmp_path / "c++").symlink_to("/bin/false")
    with pytest.raises(steps.TroubleError, match="does not run"):
        machine.compiler({"PATH": str(tmp_path)})


def test_no_venv_module_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian's Python without python3-venv is told which package brings it."""
    machine, steps = load("setup_machine"), load("setup_steps")
    machine.check_venv_module()
    monkeypatch.setattr(machine.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(steps.TroubleError, match="apt install python3-venv"):
        machine.check_venv_module()


def test_a_taken_port_is_one_clear_line() -> None:
    """A port another program listens on is named, with how to choose another; a free one is no fault."""
    machine, steps = load("setup_machine"), load("setup_steps")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(steps.TroubleError, match=rf"port {port} is taken.*--port {port + 1}"):
            machine.check_port(port)
    machine.check_port(port)


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    """Too little disk is said with what is needed and what there is, for a folder that need not exist yet."""
    machine, steps = load("setup_machine"), load("setup_steps")
    machine.check_disk([tmp_path / "not" / "yet"], needed=1)
    with pytest.raises(steps.TroubleError, match=r"needs 1000000 GB of free disk, and .* has [\d.]+ GB"):
        machine.check_disk([tmp_path / "not" / "yet"], needed=10**15)


def test_a_second_setup_waits_outside(tmp_path: Path) -> None:
    """While one set-up of a checkout is at work, another says so and changes nothing."""
    steps = load("setup_steps")
    (tmp_path / ".cache").mkdir()
    with (tmp_path / ".cache" / "setup.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(steps.TroubleError, match="another set-up is at work"), steps.alone(tmp_path):
            pass
    with steps.alone(tmp_path):
        pass


def test_stamps_hold_only_for_their_inputs(tmp_path: Path) -> None:
    """A step counts as done for exactly the inputs it was done for."""
    steps = load("setup_steps")
    stamps = steps.Stamps(tmp_path / "stamps")
    (tmp_path / "lock").write_text("a==1")
    digest = steps.digest_of(tmp_path / "lock", "3.11")
    assert not stamps.fresh("packages", digest)
    stamps.set("packages", digest)
    assert stamps.fresh("packages", digest)
    assert not stamps.fresh("packages", steps.digest_of(tmp_path / "lock", "3.12"))
    (tmp_path / "lock").write_text("a==2")
    assert not stamps.fresh("packages", steps.digest_of(tmp_path / "lock", "3.11"))


def test_lock_blocks_split_packages() -> None:
    """A lock is taken apart into packages with their hashes, comments aside."""
    text = (
        "# head\na==1 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\nb-c==2.0 ; x\\\n    --hash=sha256:3\n"
    )
    blocks = dict(load("setup_packages").lock_blocks(text))
    assert blocks == {
        "a": "a==1 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\n",
        "b-c": "b-c==2.0 ; x\\\n    --hash=sha256:3\n",
    }


def test_pips_settings_hold_for_uv() -> None:
    """An owner's mirror, certificate, proxy and folders of wheels are handed on."""
    said = (
        "global.index-url='https://mirror.example/simple'\n"
        "global.extra-index-url='file:///srv/simple https://more.example/simple'\n"
        ":env:.find-links='/srv/wheels /srv/more'\n"
        "global.cert='/etc/ca.pem'\nglobal.proxy='http://proxy:3128'\nglobal.trusted-host='mirror.example'\n"
        "install.no-index='true'\n"
    )
    assert load("setup_packages").uv_settings(said) == {
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://more.example/simple",
        "UV_FIND_LINKS": "/srv/wheels,/srv/more",
        "UV_NO_INDEX": "1",
        "SSL_CERT_FILE": "/etc/ca.pem",
        "UV_INSECURE_HOST": "mirror.example",
        "HTTP_PROXY": "http://proxy:3128",
        "HTTPS_PROXY": "http://proxy:3128",
    }
    assert load("setup_packages").uv_settings("") == {"UV_INDEX_STRATEGY": "unsafe-best-match"}


def test_the_engines_key_follows_what_it_is_built_from(tmp_path: Path) -> None:
    """A wheel is used again only for the same source, recipe, compiler and processor."""
    engine, packages = load("setup_engine"), load("setup_packages")
    environment = packages.Environment(ROOT, {})
    lock = ROOT / "requirements.lock"

    def key(compiler: str, cpu: str) -> str:
        return str(engine.Engine(environment, lock, compiler, cpu, tmp_path).key)

    assert key("c++ 12", "avx2") == key("c++ 12", "avx2")
    assert len({key("c++ 12", "avx2"), key("c++ 13", "avx2"), key("c++ 12", "avx512")}) == 3


def test_a_kept_engine_is_not_built_again(tmp_path: Path) -> None:
    """With the wheel in the user's cache, making the engine runs nothing."""
    engine, packages = load("setup_engine"), load("setup_packages")
    built = engine.Engine(packages.Environment(ROOT, {}), ROOT / "requirements.lock", "c++", "cpu", tmp_path)
    assert built.wheel() is None
    kept = tmp_path / "shopbell" / "wheels" / built.key
    kept.mkdir(parents=True)
    (kept / "engine.whl").write_bytes(b"")
    assert built.make(lambda _: None) == "kept from an earlier build"
    assert built.wheel() == kept / "engine.whl"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.04, "0.0 s"), (59.9, "59.9 s"), (60, "1 min 0 s"), (219.6, "3 min 40 s")]
)
def test_duration(seconds: float, words: str) -> None:
    """Seconds are said as a person says them."""
    assert load("setup_steps").duration(seconds) == words
