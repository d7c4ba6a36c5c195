"""A proxy of TCP in front of a real peer, which does what networks do: slow down, cut off, refuse, be away."""

import socket
import threading
import time
from contextlib import suppress

REFUSALS = {
    "429": b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "429-retry": b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 77\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "401": b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "500": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
}

CUT_BYTES = 700
"""Bytes of an answer let through before it is cut off: the head and a part of the body."""

SLOW_S = 0.2
"""Seconds between pieces of an answer that is slowed."""


class FaultyProxy:
    """Passes bytes to a port of loopback; `mode` says what goes wrong, from the next request on.

    `pass` nothing; `slow` pieces with pauses; `cut` closed in mid-answer; `429`, `429-retry`, `401`, `500` answered in
    the peer's stead; `down` every connection closed at once.
    """

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port, self.mode = upstream_port, "pass"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._open.add(client)
        upstream: socket.socket | None = None
        with suppress(OSError), client:
            while data := client.recv(65536):
                mode = self.mode
                if mode == "down":
                    break
                if mode in REFUSALS:
                    client.sendall(REFUSALS[mode])
                    break
                if upstream is None:
                    upstream = socket.create_connection(("127.0.0.1", self.upstream_port))
                    self._open.add(upstream)
                    threading.Thread(target=self._back, args=(upstream, client), daemon=True).start()
                upstream.sendall(data)
        self._hang_up(client, upstream)

    def _back(self, upstream: socket.socket, client: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while data := upstream.recv(4096):
                if self.mode == "down":
                    break
                if self.mode == "cut":
                    client.sendall(data[: max(CUT_BYTES - passed, 0)])
                    passed += len(data)
                    if passed >= CUT_BYTES:
                        break
                    continue
                if self.mode == "slow":
                    time.sleep(SLOW_S)
                client.sendall(data)
        self._hang_up(client, upstream)

    def _hang_up(self, *sockets: socket.socket | None) -> None:
        for each in sockets:
            if each is not None:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
                self._open.discard(each)

    def drop(self) -> None:
        """Close what is open now, as a restart does."""
        self._hang_up(*list(self._open))

    def stop(self) -> None:
        """Stop listening, and close what is open."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()
