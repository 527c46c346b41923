"""Imports: a till's export is sent, tried, and only then taken into the books."""

from typing import Annotated

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, MultipartBody, QueryParameter
from msgspec import Struct

from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.assistant.web.loyalty.door import SCOPE
from shopbell.assistant.web.loyalty.refusals import REFUSALS, TILL
from shopbell.loyalty import uploads
from shopbell.loyalty.answers import Imported
from shopbell.loyalty.tills import Scope
from shopbell.loyalty.uploads import DryRun

MOST_BYTES = 24_000_000
"""The largest file taken over the web; the command line takes larger ones."""


class SentFile(Struct, kw_only=True):
    """A file that is sent."""

    file: UploadFile


@post(
    "/imports",
    opt={SCOPE: Scope.MANAGE},
    request_max_body_size=MOST_BYTES,
    responses=REFUSALS,
    security=TILL,
    summary="Try a file of sales",
)
async def upload(
    data: MultipartBody[SentFile],
    loyalty: NamedDependency[LoyaltyDesk],
    recipe: Annotated[
        str,
        QueryParameter(
            pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$",
            description="square, shopify, woocommerce, lightspeed, or one of the shop's own.",
        ),
    ],
) -> DryRun:
    """Read a CSV or XLSX file and say what it holds and what is wrong with it; nothing is taken in yet."""
    content = await data.file.read()
    place = uploads.Place(loyalty.shop, loyalty.imports)
    return await loyalty.study(uploads.keep, loyalty.room, place, recipe, content, loyalty.now())


@post(
    "/imports/{upload_id:str}/commit",
    status_code=200,
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Take a file into the books",
)
async def commit(upload_id: FromPath[str], loyalty: NamedDependency[LoyaltyDesk]) -> Imported:
    """Take all of a tried file in, or nothing; what was known already is not added again."""
    place = uploads.Place(loyalty.shop, loyalty.imports)
    report = await loyalty.study(uploads.reread, loyalty.room, place, upload_id, loyalty.now())
    return await loyalty.act(loyalty.room.club.import_all, report.accepted(), loyalty.now())


@get(
    "/imports/{upload_id:str}/errors",
    media_type="text/csv",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Download the error file",
)
async def errors(upload_id: FromPath[str], loyalty: NamedDependency[LoyaltyDesk]) -> Response[bytes]:
    """Return one row for each bad row of the file: where, why, and what to do."""
    place = uploads.Place(loyalty.shop, loyalty.imports)
    found = await loyalty.study(uploads.error_file, loyalty.room, place, upload_id, loyalty.now())
    disposition = 'attachment; filename="errors.csv"'
    return Response(found, media_type="text/csv", headers={"Content-Disposition": disposition})


HANDLERS: tuple[HTTPRouteHandler, ...] = (upload, commit, errors)
