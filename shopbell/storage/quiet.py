"""Quiet: every switch that keeps a dependency from calling home.

onnxruntime sends usage events on Linux unless told otherwise before it is imported, and an
environment with `CI` set hides that; so the switches are set here, in one place, by whoever
is about to import an engine.
"""

from collections.abc import MutableMapping
from types import MappingProxyType

SWITCHES = MappingProxyType(
    {
        "ANONYMIZED_TELEMETRY": "False",
        "DO_NOT_TRACK": "1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "HF_HUB_OFFLINE": "1",
        "ORT_DISABLE_TELEMETRY": "1",
        "TRANSFORMERS_OFFLINE": "1",
    },
)
"""Environment variable -> the value that switches the reporting off."""


def silence(environ: MutableMapping[str, str]) -> None:
    """Set every switch in `environ`, whatever it held; call it before an engine is imported."""
    environ.update(SWITCHES)
