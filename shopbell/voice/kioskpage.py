"""The kiosk's pages and their parts, read once at the start."""

from collections.abc import Sequence

from shopbell.assistant.kiosk import Kiosk
from shopbell.assistant.settings import Settings
from shopbell.assistant.web.pages import Asset, Pages, digest, filled, read_static
from shopbell.voice.visit import KEPT

PACKAGE = "shopbell.voice"
_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; connect-src 'self'; "
    "img-src 'self' data:; frame-ancestors 'none'"
)


class KioskPages:
    """Static files of the kiosk, in memory."""

    HEADERS = {  # noqa: RUF012 - never changed
        "Cache-Control": "no-cache",
        "Content-Security-Policy": _POLICY,
        "Permissions-Policy": "microphone=(self), screen-wake-lock=(self), camera=(), geolocation=(), usb=()",
    }

    def __init__(self) -> None:
        self._assets = read_static(PACKAGE)
        self.version = digest(self._assets)

    def asset(self, version: str, name: str) -> Asset | None:
        """Return a file of the version that is served."""
        known = version == self.version and not name.endswith(".html")
        return self._assets.get(name) if known else None

    def kiosk(self, pages: Pages, settings: Settings, kiosk: Kiosk, ideas: Sequence[str]) -> str:
        """Return the kiosk's page for this shop; `ideas` are questions to begin with."""
        return self._filled(
            "kiosk.html",
            pages,
            settings,
            {
                "hands_free": "yes" if kiosk.hands_free else "no",
                "phone": "yes" if kiosk.address else "no",
                "kept": KEPT,
                "ideas": "|".join(ideas),
                "telephone": settings.shop.phone,
                "logo": "/logo" if pages.logo else "",
                "initial": settings.shop.name[0].upper(),
            },
        )

    def phone(self, pages: Pages, settings: Settings) -> str:
        """Return the page that a phone opens."""
        return self._filled("phone.html", pages, settings, {})

    def calls(self, pages: Pages, settings: Settings) -> str:
        """Return the page on which staff talk to callers."""
        return self._filled("calls.html", pages, settings, {})

    def _filled(self, name: str, pages: Pages, settings: Settings, values: dict[str, str]) -> str:
        known = {
            "v": pages.version,
            "k": self.version,
            "lang": settings.shop.language,
            "shop": settings.shop.name,
            "tagline": settings.shop.tagline,
            "assistant": settings.assistant.name,
        }
        return filled(self._assets[name].body.decode(), known | values)
