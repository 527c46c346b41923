"""A package index on loopback that breaks connections off on purpose."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class FlakyIndex(ThreadingHTTPServer):
    """Serves the wheels of a folder; the first `breaks` downloads end half-way."""

    daemon_threads = True

    def __init__(self, folder: Path, breaks: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.breaks = breaks
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple/"


class _Handler(BaseHTTPRequestHandler):
    server: FlakyIndex

    def do_GET(self) -> None:
        name = self.path.strip("/").split("/")[-1]
        if name.endswith(".whl"):
            self._send_wheel(name)
        else:
            self._send_page(name)

    def _send_page(self, project: str) -> None:
        stem = project.replace("-", "_")
        links = "".join(
            f'<a href="/{path.name}">{path.name}</a>' for path in self.server.folder.glob(f"{stem}-*")
        )
        self._answer(f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), "text/html")

    def _send_wheel(self, name: str) -> None:
        self.server.asked.append(name)
        raw = (self.server.folder / name).read_bytes()
        whole = self.server.breaks <= 0
        self.server.breaks -= 1
        self._answer(raw, "application/octet-stream", sent=len(raw) if whole else len(raw) // 2)

    def _answer(self, raw: bytes, kind: str, sent: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw[:sent])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the library's name)
        pass


@contextlib.contextmanager
def flaky_index(folder: Path, *, breaks: int) -> Iterator[FlakyIndex]:
    """Run such an index for the length of a test."""
    server = FlakyIndex(folder, breaks)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
