"""A proxy on loopback that stands before a real server and fails as networks do."""

import contextlib
import socket
import struct
import threading
import time
from types import TracebackType

REFUSALS = {
    "429": b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "429-retry": b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: %d\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "401": b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "500": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
}

MODES = {"pass", "slow", "cut", "down", *REFUSALS}

SLOW_BYTES, SLOW_S = 2_000, 0.02
"""Bytes and seconds of one piece of a slow answer: 100 kB a second."""


CUT_BYTES = 1_500
"""Bytes of a stream that pass before it is cut."""


class FaultyProxy:
    """Passes requests on, one a connection, unless told to fail; web sockets and other streams pass through."""

    def __init__(self, upstream_port: int, port: int = 0, *, http: bool = True) -> None:
        """Take the peer's port; `http=False` passes bytes as they come, and knows `pass`, `slow`, `cut` and `down`."""
        self.upstream_port, self.http = upstream_port, http
        self.mode = "pass"
        self.skip = 0
        """Requests that pass before `mode` holds."""
        self.retry_after = 120
        """Seconds of Retry-After: longer than the client waits by itself."""
        self.asked: list[str] = []
        """First lines of the requests."""
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._stopped = False
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "FaultyProxy":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def requests(self) -> int:
        """Return how many requests came."""
        return len(self.asked)

    def stop(self) -> None:
        """Close the port and all that is open."""
        self._stopped = True
        self._socket.close()
        self.drop()

    def drop(self) -> None:
        """Break what is open, such as a stream."""
        for one in list(self._open):
            _reset(one)

    def _accept(self) -> None:
        while not self._stopped:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._open.add(client)
        try:
            if not self.http:
                self._pipe(client)
            elif head := _head(client):
                self._answer(client, head)
        except OSError:
            pass
        finally:
            self._open.discard(client)
            _end(client)

    def _answer(self, client: socket.socket, head: bytes) -> None:
        self.asked.append(head.split(b"\r\n")[0].decode("latin-1"))
        mode, self.skip = ("pass", self.skip - 1) if self.skip > 0 else (self.mode, 0)
        assert mode in MODES, mode
        if mode == "down":
            _reset(client)
        elif mode in REFUSALS:
            text = REFUSALS[mode]
            client.sendall(text % self.retry_after if b"%d" in text else text)
        else:
            self._pass(client, head, mode)

    def _pass(self, client: socket.socket, head: bytes, mode: str) -> None:
        with socket.create_connection(("127.0.0.1", self.upstream_port)) as server:
            self._open.add(server)
            if b"upgrade: websocket" in head.lower():
                server.sendall(head)
                threading.Thread(target=_pump, args=(client, server), daemon=True).start()
                self._stream(server, client)
            else:
                threading.Thread(target=_pump, args=(client, server), daemon=True).start()
                server.sendall(_closing(head))
                self._relay(server, client, mode)
            self._open.discard(server)
            _end(server)

    def _pipe(self, client: socket.socket) -> None:
        """Pass bytes both ways, for protocols in which the server may speak first."""
        if self.mode == "down":
            return
        with socket.create_connection(("127.0.0.1", self.upstream_port)) as server:
            self._open.add(server)
            threading.Thread(target=_pump, args=(client, server), daemon=True).start()
            self._stream(server, client)
            self._open.discard(server)
            _end(server)

    def _stream(self, server: socket.socket, client: socket.socket) -> None:
        """Pass what the server says as it comes; a fault that is told meanwhile holds for what comes next."""
        passed = 0
        while piece := server.recv(4_096):
            passed += len(piece)
            if self.mode in ("down", *REFUSALS):
                return
            if self.mode == "cut" and passed > CUT_BYTES:
                client.sendall(piece[: len(piece) // 2])
                return
            if self.mode == "slow":
                time.sleep(SLOW_S)
            client.sendall(piece)

    @staticmethod
    def _relay(server: socket.socket, client: socket.socket, mode: str) -> None:
        if mode == "pass":
            _pump(server, client)
            return
        answer = b"".join(iter(lambda: server.recv(65_536), b""))
        if mode == "cut":
            start = answer.find(b"\r\n\r\n") + 4
            start = start if start < len(answer) else 0  # an answer without a body is cut in its head
            client.sendall(answer[: start + (len(answer) - start) // 2])
            return
        for at in range(0, len(answer), SLOW_BYTES):
            client.sendall(answer[at : at + SLOW_BYTES])
            time.sleep(SLOW_S)


def _head(client: socket.socket) -> bytes:
    """Read a request to the end of its head, and what came with it."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = client.recv(65_536)
        if not piece:
            return b""
        head += piece
    return head


def _closing(head: bytes) -> bytes:
    """Ask the server to close after its answer, so that each request comes by here."""
    lines, _, body = head.partition(b"\r\n\r\n")
    kept = [line for line in lines.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close"]) + b"\r\n\r\n" + body


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _end(one: socket.socket) -> None:
    """Close for every thread that waits on it: closing alone leaves a blocked read, and so the connection."""
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


def _reset(one: socket.socket) -> None:
    """Close without a word, as a machine that lost power does."""
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RDWR)
    one.close()
