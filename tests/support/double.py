"""A server of our own that answers JSON as a documented interface says."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BEGAN = datetime(2026, 10, 1, 8, tzinfo=UTC)

Query = dict[str, list[str]]


def stamp(seconds: float) -> str:
    """Return an instant of the double's time, in ISO 8601."""
    return (BEGAN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Double:
    """Answers GET requests by `value`, on loopback."""

    def __init__(self, port: int = 0) -> None:
        double = self
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                double.asked.append(self.path)
                double.headers.append({name.lower(): value for name, value in self.headers.items()})
                status, value = double.value(parts.path, parse_qs(parts.query))
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.public_port = self.port
        """The port in its addresses, where a proxy stands before it."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def host(self) -> str:
        """Return its name."""
        return f"127.0.0.1:{self.public_port}"

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{self.host}"

    def value(self, path: str, query: Query) -> tuple[int, Any]:
        """Return status and JSON of an address."""
        raise NotImplementedError

    def stop(self) -> None:
        """Close its port."""
        self._server.shutdown()
        self._server.server_close()


def number(query: Query, name: str, default: int) -> int:
    """Return a number of a query."""
    return int(query.get(name, [str(default)])[0])
