"""ONNX models: one way to open them, so that small models never fight the language model for the cores."""

import os
from pathlib import Path
from typing import Any

from shopbell.storage.quiet import silence


def open_session(model: Path) -> Any:
    """Open a model for one thread that sleeps between runs.

    ONNX Runtime's idle threads spin for a second or more after each run unless told not to.
    """
    silence(os.environ)
    import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415 - after silence(); it has no stubs

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
