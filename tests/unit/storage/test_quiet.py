import os
import subprocess
import sys

from shopbell.storage.quiet import SWITCHES, silence


def test_sets_every_switch_over_what_was_there() -> None:
    """Every switch is set, even where the environment said otherwise."""
    environ = {"ORT_DISABLE_TELEMETRY": "0", "HOME": "/srv/shop"}
    silence(environ)
    assert environ == {"HOME": "/srv/shop", **SWITCHES}
    assert environ["ORT_DISABLE_TELEMETRY"] == "1"
    assert environ["ANONYMIZED_TELEMETRY"] == "False"


def test_importing_the_rooms_touches_nothing() -> None:
    """Importing knowledge sets no variable and loads no engine."""
    code = (
        "import os, sys; before = dict(os.environ); import shopbell.knowledge.retriever, "
        "shopbell.knowledge.evaluate; assert dict(os.environ) == before; "
        "assert not {'onnxruntime', 'chromadb', 'tokenizers'} & set(sys.modules)"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
