"""What a worker is started with."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from shopbell.storage.quiet import SWITCHES

_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
QUIET = MappingProxyType(
    {
        **SWITCHES,
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
)
"""What keeps an engine's libraries quiet: no calls home, no threads of their own beside the engine's.

MKL is left alone: it takes the threads that CTranslate2 is told, and "1" here made them one for Whisper too.
"""
_ROOT = Path(__file__).parents[2]


class Launch(Struct, frozen=True, kw_only=True):
    """The engine a worker owns, and how the process is set up."""

    factory: str
    """`module:function` of a `worker.Factory`."""
    settings: bytes
    cautious: bytes | None = None
    """Settings for the starts that follow one in which the processor refused an instruction."""
    paths: tuple[Path, ...] = ()
    """Folders to import from, besides the product's own."""

    def environment(self, outer: Mapping[str, str]) -> dict[str, str]:
        """Return the worker's environment: a few named variables, never the house's secrets."""
        folders = [str(_ROOT), *map(str, self.paths)]
        folders += filter(None, outer.get("PYTHONPATH", "").split(os.pathsep))
        return {
            **{name: outer[name] for name in _INHERITED if name in outer},
            **QUIET,
            "OMP_NUM_THREADS": str(len(os.sched_getaffinity(0))),
            "PYTHONPATH": os.pathsep.join(folders),
        }


class Patience(Struct, frozen=True, kw_only=True):
    """How long a supervisor waits, and how often it tries."""

    start_s: float = 180.0
    """Seconds of silence allowed while the engine starts."""
    hang_s: float = 20.0
    """Seconds of silence allowed while a job runs."""
    stop_s: float = 1.5
    """Seconds the worker has to end itself when told to."""
    first_pause_s: float = 0.5
    """Seconds before the first restart; doubled with every crash in the window."""
    longest_pause_s: float = 30.0
    crashes: int = 5
    """Crashes within the window that make it give up."""
    window_s: float = 300.0
