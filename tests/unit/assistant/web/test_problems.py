"""Errors become a status, a code and words."""

import logging

import pytest
from litestar.exceptions import ClientException, NotFoundException

from shopbell.assistant import errors
from shopbell.assistant.web import errors as web_errors
from shopbell.assistant.web.problems import problem


def every(kind: type[errors.AssistantError]) -> list[type[errors.AssistantError]]:
    """Return an error and all that come from it."""
    return [kind, *(below for child in kind.__subclasses__() for below in every(child))]


STATUS = {
    "no-token": 401,
    "no-such-conversation": 404,
    "conversation-over": 409,
    "bad-request": 400,
    "rate": 429,
    "model": 503,
    "model-unavailable": 503,
    "model-overdue": 503,
    "model-too-long": 503,
    "floor-taken": 409,
    "not-holder": 409,
    "name-taken": 409,
    "bad-login": 401,
    "no-right": 403,
    "no-such-staff": 404,
    "draft-closed": 409,
    "no-programme": 404,
    "no-such-figure": 400,
    "letter-refused": 409,
    "no-such-letter": 404,
}


@pytest.mark.parametrize("kind", every(errors.AssistantError), ids=lambda kind: kind.__name__)
def test_every_error_of_the_room_keeps_its_code_and_words(kind: type[errors.AssistantError]) -> None:
    """The code and the text of each error reach the program, under a fitting status."""
    found = problem(kind("What to do."))
    assert (found.code, found.text) == (kind.code, "What to do.")
    assert found.status == STATUS.get(kind.code, 500)
    assert web_errors.__doc__ is not None


def test_the_framework_s_own_refusals_have_codes() -> None:
    """A wrong path and a wrong body are told in the same form."""
    assert problem(NotFoundException()).code == "not-found"
    found = problem(ClientException(detail="x", extra=[{"key": "text", "message": "is missing"}]))
    assert (found.code, found.text) == ("bad-request", "text: is missing")


def test_an_unforeseen_error_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """What was not foreseen is logged and never shown."""
    with caplog.at_level(logging.ERROR):
        found = problem(ValueError("the secret"))
    assert (found.status, found.code) == (500, "fault")
    assert "secret" not in found.text
    assert caplog.records
