"""The pages and their parts: read once at the start, addressed by content, so that browsers keep them."""

import hashlib
import html
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from shopbell.assistant.web import theme
from shopbell.assistant.web.desk import Desk

TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
}
LOGOS = ("logo.svg", "logo.png", "logo.webp", "logo.jpg")
MAX_LOGO_BYTES = 1_000_000
FOREVER = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"
_ALONE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}
"""Headers of the pages for staff."""


class Asset(Struct, frozen=True):
    """One file as it is sent."""

    body: bytes
    media_type: str


class Pages:
    """The static files, in memory: only what was there at the start can ever be asked for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._assets = read_static("shopbell.assistant.web")
        self.version = digest(self._assets)
        self.logo = _read_logo(desk.folder)

    def asset(self, version: str, name: str) -> Asset:
        """Return a file of the version that is served; raises NotFoundException."""
        asset = self._assets.get(name)
        if asset is None or version != self.version or name.endswith(".html"):
            raise NotFoundException("There is no such file.")
        return asset

    def raw(self, name: str) -> bytes:
        """Return a static file's bytes."""
        return self._assets[name].body

    def chat(self, *, embed: bool, accent: str) -> str:
        """Return the chat page for this shop."""
        settings, doorman = self._desk.settings, self._desk.doorman
        shop = settings.shop
        open_now, open_text = self._desk.open_line()
        return self._fill(
            "chat.html",
            {
                "embed": "embed" if embed else "page",
                "club": "yes" if doorman is not None else "no",
                "mail": "yes" if doorman is not None and doorman.postman is not None else "no",
                "theme": f"/theme.css?accent={accent}" if theme.parse(accent) else "/theme.css",
                "lang": shop.language,
                "shop": shop.name,
                "tagline": shop.tagline,
                "initial": shop.name[0].upper(),
                "assistant": settings.assistant.name,
                "logo": "/logo" if self.logo else "",
                "open": "open" if open_now else "closed",
                "open_text": open_text,
                "address": shop.address,
                "phone": shop.phone,
                "phone_link": "".join(c for c in shop.phone if c in "+0123456789"),
                "email": shop.email,
            },
        )

    def reference(self) -> str:
        """Return the page that shows the REST interface."""
        return self._fill("api.html", {"shop": self._desk.settings.shop.name})

    def staff(self) -> str:
        """Return the page on which somebody joins the staff."""
        return self._fill("staff.html", {"shop": self._desk.settings.shop.name})

    def figures(self) -> str:
        """Return the owner's page, before anybody has signed in."""
        return self._fill("figures.html", {"shop": self._desk.settings.shop.name})

    def stop(self, *, lead: str, below: str, button: bool) -> str:
        """Return the page behind the link that ends every message."""
        filling = {"shop": self._desk.settings.shop.name, "lead": lead, "below": below}
        return self._fill("stop.html", filling).replace("{{hidden}}", "" if button else " hidden")

    def _fill(self, name: str, values: Mapping[str, str]) -> str:
        return filled(self._assets[name].body.decode(), {"v": self.version} | dict(values))


@get("/", media_type=MediaType.HTML, include_in_schema=False)
async def chat_page(
    pages: NamedDependency[Pages], embed: FromQuery[str] = "", accent: FromQuery[str] = ""
) -> Response[str]:
    """Serve the chat page; with `embed=1` as the inside of the widget."""
    page = pages.chat(embed=embed == "1", accent=accent)
    return Response(page, media_type=MediaType.HTML, headers={"Cache-Control": REVALIDATED})


@get("/assets/{version:str}/{name:str}", include_in_schema=False)
async def asset(
    pages: NamedDependency[Pages], version: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """Serve a part of a page."""
    found = pages.asset(version, name)
    return Response(found.body, media_type=found.media_type, headers={"Cache-Control": FOREVER})


@get("/widget.js", include_in_schema=False)
async def widget(pages: NamedDependency[Pages]) -> Response[bytes]:
    """Serve the script that puts the chat on the shop's own site; any site may load it, the frame may not."""
    headers = {"Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(pages.raw("widget.js"), media_type=TYPES[".js"], headers=headers)


@get("/theme.css", include_in_schema=False)
async def stylesheet(desk: NamedDependency[Desk], accent: FromQuery[str] = "") -> Response[str]:
    """Serve the shop's colour, or the one the embedding page asks for."""
    colour = theme.parse(accent) or theme.parse(desk.settings.web.accent) or theme.BLACK
    headers = {"Cache-Control": REVALIDATED}
    return Response(theme.stylesheet(colour), media_type=TYPES[".css"], headers=headers)


@get("/logo", include_in_schema=False)
async def logo(pages: NamedDependency[Pages]) -> Response[bytes]:
    """Serve the shop's logo from its folder."""
    if pages.logo is None:
        raise NotFoundException("The shop's folder holds no logo.")
    return Response(
        pages.logo.body, media_type=pages.logo.media_type, headers={"Cache-Control": "max-age=300"}
    )


@get("/staff", media_type=MediaType.HTML, include_in_schema=False)
async def staff_page(pages: NamedDependency[Pages]) -> Response[str]:
    """Serve the page on which somebody joins the staff; no other page may frame it."""
    return Response(pages.staff(), media_type=MediaType.HTML, headers=_ALONE)


@get("/staff/figures", media_type=MediaType.HTML, include_in_schema=False)
async def figures_page(pages: NamedDependency[Pages]) -> Response[str]:
    """Serve the owner's page of figures, empty until somebody signs in; no other page may frame it."""
    return Response(pages.figures(), media_type=MediaType.HTML, headers=_ALONE)


HANDLERS = [chat_page, asset, widget, stylesheet, logo]


def filled(page: str, values: Mapping[str, str]) -> str:
    """Return the page with each `{{name}}` replaced by its value, escaped."""
    for key, value in values.items():
        page = page.replace("{{" + key + "}}", html.escape(value, quote=True))
    return page


def read_static(package: str) -> dict[str, Asset]:
    """Return the files of a package's `static` folder by name."""
    folder = files(package) / "static"
    return {
        item.name: Asset(item.read_bytes(), TYPES[Path(item.name).suffix])
        for item in folder.iterdir()
        if Path(item.name).suffix in TYPES
    }


def _read_logo(folder: Path) -> Asset | None:
    for name in LOGOS:
        path = folder / name
        if path.is_file() and path.stat().st_size <= MAX_LOGO_BYTES:
            return Asset(path.read_bytes(), TYPES[path.suffix])
    return None


def digest(assets: Mapping[str, Asset]) -> str:
    """Return what changes when any of the files does."""
    data = b"".join(asset.body for _, asset in sorted(assets.items()))
    return hashlib.sha256(data).hexdigest()[:16]
