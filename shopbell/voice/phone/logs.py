"""Logs of the telephone libraries: they name callers in full and tell of every stray packet; ours do not."""

import logging

LIBRARIES = ("aiosipua", "aiortp")


def quiet() -> None:
    """Let the libraries log nothing but their own failures."""
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL)
