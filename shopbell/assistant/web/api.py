"""The REST interface: the same conversations, for programs.

Whoever sends a conversation's token in `Authorization: Bearer` is its customer. There are no cookies.
"""

import asyncio
from contextlib import aclosing
from typing import Annotated

from litestar import MediaType, Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from shopbell.assistant import wire
from shopbell.assistant.errors import NoSuchConversation
from shopbell.assistant.web.desk import Desk
from shopbell.assistant.web.errors import NoToken, TooFast
from shopbell.assistant.web.forms import (
    Events,
    HealthReport,
    Kept,
    Logged,
    Message,
    NewConversation,
    ProblemReport,
    Question,
    ShopCard,
)
from shopbell.assistant.web.transcript import transcript
from shopbell.assistant.web.words import checked_key, checked_words

CHANNEL = "api"
MAX_WAIT_S = 20

Plain = Request[None, None, State]

PROBLEMS = {
    status: ResponseSpec(ProblemReport, description=text, generate_examples=False)
    for status, text in (
        (400, "The request is not of the form expected, or asks by a query parameter that is not known."),
        (401, "No token was sent, or it does not open that conversation."),
        (403, "The request comes from another site's page."),
        (409, "The conversation was ended."),
        (413, "The body is too large."),
        (415, "The body is not JSON."),
        (429, "Too many requests; try again in a minute."),
        (503, "The language model cannot answer at the moment."),
    )
}
BEARER = [{"bearer": list[str]()}]


async def provide_customer(request: Plain, conversation: FromPath[str], desk: NamedDependency[Desk]) -> str:
    """Return the id of the conversation after proof that the caller is its customer."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NoToken("Send the conversation's token as `Authorization: Bearer TOKEN`.")
    try:
        await desk.service.resume(conversation, token.strip())
    except NoSuchConversation as error:
        # Told alike, so that nobody learns which conversations there are.
        raise NoToken("That token opens no such conversation. Begin another one.") from error
    return conversation


@post("/conversations", responses=PROBLEMS, summary="Begin a conversation")
async def begin(desk: NamedDependency[Desk]) -> NewConversation:
    """Begin a conversation and return its token."""
    opened = await desk.service.open(CHANNEL)
    first = desk.service.greeting()
    return NewConversation(
        conversation=opened.conversation,
        token=opened.token,
        notice=first.notice,
        greeting=first.greeting,
        suggestions=tuple(first.suggestions),
        presence=first.presence,
    )


@post(
    "/conversations/{conversation:str}/say",
    status_code=202,
    responses=PROBLEMS,
    security=BEARER,
    summary="Say something",
)
async def say(
    data: JSONBody[Message], customer: NamedDependency[str], desk: NamedDependency[Desk], request: Plain
) -> Kept:
    """Keep the customer's words; the reply is among the events that follow."""
    _pace(desk, request)
    words, key = checked_words(data.text), checked_key(data.key)
    return Kept(seq=await desk.service.say(customer, words, key))


@get(
    "/conversations/{conversation:str}/events",
    responses=PROBLEMS,
    security=BEARER,
    summary="Read what happened",
)
async def events(
    customer: NamedDependency[str],
    desk: NamedDependency[Desk],
    after: Annotated[int, QueryParameter(ge=0, le=2**53)] = 0,
    wait: Annotated[int, QueryParameter(ge=0, le=MAX_WAIT_S)] = 0,
) -> Events:
    """Return what is in the log past `after`; when that is nothing, wait up to `wait` seconds."""
    frames = await logged(desk, customer, after, wait)
    return Events(frames=frames, seq=max((frame.seq for frame in frames), default=after))


@get(
    "/conversations/{conversation:str}/transcript",
    media_type=MediaType.TEXT,
    responses=PROBLEMS,
    security=BEARER,
    summary="Download the transcript",
)
async def read_transcript(customer: NamedDependency[str], desk: NamedDependency[Desk]) -> Response[str]:
    """Return what was said as plain text."""
    settings = desk.settings
    text = transcript(
        await logged(desk, customer, 0, 0),
        shop=settings.shop.name,
        assistant=settings.assistant.name,
        zone=settings.zone,
    )
    disposition = 'attachment; filename="conversation.txt"'
    return Response(text, media_type=MediaType.TEXT, headers={"Content-Disposition": disposition})


@post("/ask", status_code=200, responses=PROBLEMS, summary="Ask one question")
async def ask(data: JSONBody[Question], desk: NamedDependency[Desk], request: Plain) -> wire.Replied:
    """Answer one question outside any conversation; nothing is kept of it."""
    _pace(desk, request)
    return await desk.service.answer(checked_words(data.text))


@get("/shop", responses={400: PROBLEMS[400]}, summary="Who the shop is")
async def shop(desk: NamedDependency[Desk]) -> ShopCard:
    """Return the shop's name, hours and how to reach it."""
    known, first = desk.settings.shop, desk.service.greeting()
    open_now, open_text = desk.open_line()
    return ShopCard(
        name=known.name,
        tagline=known.tagline,
        assistant=desk.settings.assistant.name,
        open_now=open_now,
        open_text=open_text,
        presence=first.presence,
        suggestions=tuple(first.suggestions),
        address=known.address,
        phone=known.phone,
        email=known.email,
        language=known.language,
        timezone=known.timezone,
    )


@get("/health", responses={400: PROBLEMS[400]}, summary="How the server is")
async def health(desk: NamedDependency[Desk]) -> HealthReport:
    """Return how the server is."""
    now = desk.service.health()
    return HealthReport(
        status=now.status,
        model=now.model,
        passages=now.passages,
        queue=now.queue,
        chats=len(desk.seats),
        version=now.version,
    )


async def logged(desk: Desk, conversation: str, after: int, wait_s: float) -> list[Logged]:
    """Return the frames of the log past `after`, waiting for one when there is none yet."""
    found: list[Logged] = []
    try:
        async with (
            asyncio.timeout(None) as patience,
            aclosing(desk.service.follow(conversation, after)) as frames,
        ):
            async for frame in frames:
                if isinstance(frame, Logged):
                    found.append(frame)
                if isinstance(frame, wire.Current):
                    patience.reschedule(asyncio.get_running_loop().time() + wait_s)
                if found and patience.when() is not None:
                    break
    except TimeoutError:
        return found
    return found


def _pace(desk: Desk, request: Plain) -> None:
    client = request.client
    if not desk.says.take(client.host if client else ""):
        raise TooFast("Too many messages at once. Try again in a few seconds.")


def router() -> Router:
    """Return the routes under `/api`."""
    return Router(
        "/api",
        route_handlers=[begin, say, events, read_transcript, ask, shop, health],
        dependencies={"customer": Provide(provide_customer)},
        cache_control=None,
    )
