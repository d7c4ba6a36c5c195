"""A site on loopback whose answers a test writes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A server whose answers a test writes."""

    def __init__(self) -> None:
        site = self
        self.scripts: dict[str, Script] = {}
        self.asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                with suppress(BrokenPipeError, ConnectionResetError):
                    site.scripts[self.path.split("?")[0]](self)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=lambda: self.server.serve_forever(0.02), daemon=True).start()

    def says(self, path: str, status: int = 200, body: bytes = b"", **headers: str) -> str:
        """Answer an address with a whole body; return the address."""

        def script(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.scripts[path] = script
        return self.url + path

    def drips(self, path: str, pieces: Callable[[], Iterator[bytes]], **headers: str) -> str:
        """Answer an address piece by piece, without saying how long; return the address."""

        def script(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            for piece in pieces():
                handler.wfile.write(piece)

        self.scripts[path] = script
        return self.url + path


@contextmanager
def running() -> Iterator[Site]:
    """Run a site."""
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()
