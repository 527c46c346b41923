"""Logs: events with keys, to one stream; one processor redacts what belongs to people."""

import logging
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

PRIVATE = frozenset({"text", "comment", "question", "name", "phone", "email", "token", "pin", "code_word"})
"""Keys whose values never reach a log: they may hold a person's words or secrets."""


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace private values by their length."""
    for key in PRIVATE & event.keys():
        event[key] = f"[{len(str(event[key]))} characters]"
    return event


def configure(stream: TextIO) -> None:
    """Send every log line of warning level and above, ours and the libraries', to `stream`."""
    logging.basicConfig(stream=stream, level=logging.WARNING, format="%(name)s: %(message)s", force=True)
    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.WARNING)  # a library may have opened its own logger for every detail
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
