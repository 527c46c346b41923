"""From what is asked of the worker to what its crew does."""

import msgspec

from shopbell.assistant.errors import TooLong
from shopbell.assistant.llm.composer import KEEPING, Composer
from shopbell.assistant.llm.crew import Task
from shopbell.assistant.llm.requests import (
    Forget,
    Generate,
    Judge,
    Keep,
    KeepOnly,
    Request,
    Response,
    Warm,
)
from shopbell.assistant.llm.work import Steps
from shopbell.models.worker import OpenJob, Refused

_REQUESTS = msgspec.msgpack.Decoder(Request)
_ENCODER = msgspec.msgpack.Encoder()


def task_of(encoded: bytes, composer: Composer, job: OpenJob) -> Task:
    """Return what the crew has to do for an encoded `Request`; too long a prompt is refused."""
    request: Request = _REQUESTS.decode(encoded)

    def say(response: Response) -> None:
        job.emit(_ENCODER.encode(response))

    def end(error: TooLong | None) -> None:
        job.end(Refused(error.code, str(error)) if error else None)

    def begin() -> Steps:
        match request:
            case Generate():
                return composer.generate(request, say)
            case Judge():
                return composer.judge(request)
            case Warm():
                return composer.warm(request)
            case Keep():
                return composer.keep(request)
            case KeepOnly(keys):
                return composer.keep_only(keys)
            case Forget(conversation):
                return composer.forget(conversation)

    return Task(
        steps=begin,
        say=say,
        end=end,
        cancelled=job.cancelled,
        conversation=_whose(request),
        alone=isinstance(request, Warm),
        spare=isinstance(request, Keep),
    )


def _whose(request: Request) -> str | None:
    if isinstance(request, Keep):
        return KEEPING
    return request.conversation if isinstance(request, Generate | Judge | Forget) else None
