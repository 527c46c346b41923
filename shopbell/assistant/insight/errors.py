"""Errors of the figures.

AssistantError
├── BadRequest
│   └── NoSuchFigure    no-such-figure
└── ReportRefused       report-refused
"""

from shopbell.assistant.errors import AssistantError, BadRequest


class NoSuchFigure(BadRequest):
    """Nothing is counted under this name."""

    code = "no-such-figure"


class ReportRefused(AssistantError):
    """The report cannot be written there, or not in this form."""

    code = "report-refused"
