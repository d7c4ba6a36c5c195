"""A proxy that stands before a real peer and does to its answers what networks do."""

import socket
import threading
import time
from contextlib import suppress

MODES = ("pass", "slow", "cut", "429", "429-retry", "down", "401", "500")


class FaultyProxy:
    """Passes each request on to a peer on loopback, or does what `mode` says instead.

    Modes: `pass`; `slow`, in pieces with pauses; `cut`, half an answer; `429` and `429-retry` (with Retry-After); `down`,
    the connection is closed; `401`; `500`.
    """

    def __init__(self, upstream_port: int, *, http: bool = True) -> None:
        """Take the peer's port; `http=False` passes bytes as they come, and knows `pass`, `slow`, `cut` and `down`."""
        self.upstream_port, self.http, self.mode, self.requests = upstream_port, http, "pass", 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> "FaultyProxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Listen no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(2)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(30)
        with client, suppress(OSError):
            if self.mode == "down":
                return
            if self.http:
                self._request(client)
            else:
                self._pipe(client)

    def _request(self, client: socket.socket) -> None:
        request = _request_of(client)
        if not request:
            return
        self.requests += 1
        if self.mode in ("429", "429-retry", "401", "500"):
            client.sendall(_refusal(self.mode))
            return
        answer = self._answer(request)
        if self.mode == "cut":
            client.sendall(answer[: max(len(answer) // 2, 1)])
        elif self.mode == "slow":
            size = max(len(answer) // 20, 1)
            for start in range(0, len(answer), size):
                client.sendall(answer[start : start + size])
                time.sleep(0.01)
        else:
            client.sendall(answer)

    def _answer(self, request: bytes) -> bytes:
        """Ask the peer, and read to the end of its answer."""
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        with socket.create_connection(("127.0.0.1", self.upstream_port), 30) as peer:
            peer.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body)
            found = b""
            while piece := peer.recv(65_536):
                found += piece
                if _is_whole(found):
                    break
        return found

    def _pipe(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self.upstream_port), 30) as peer:
            back = threading.Thread(target=self._copy, args=(client, peer, False), daemon=True)
            back.start()
            self._copy(peer, client, True)
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            back.join(2)

    def _copy(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        passed = 0
        with suppress(OSError):
            while piece := source.recv(4_096):
                if is_answer and self.mode == "down":
                    return
                if is_answer and self.mode == "cut":
                    passed += len(piece)
                    if passed > 1_500:
                        target.sendall(piece[: len(piece) // 2])
                        return
                if is_answer and self.mode == "slow":
                    time.sleep(0.01)
                target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


def _request_of(client: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        piece = client.recv(65_536)
        if not piece:
            return b""
        found += piece
    head, _, body = found.partition(b"\r\n\r\n")
    length = _length(head)
    while len(body) < (length or 0):
        body += client.recv(65_536)
    return head + b"\r\n\r\n" + body


def _length(head: bytes) -> int | None:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.split(b":", 1)[1])
    return None


def _is_whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    length = _length(head) if found else None
    return length is not None and len(body) >= length


def _refusal(mode: str) -> bytes:
    status = {"401": "401 Unauthorized", "500": "500 Internal Server Error"}.get(mode, "429 Too Many Requests")
    retry = "Retry-After: 120\r\n" if mode == "429-retry" else ""
    return f"HTTP/1.1 {status}\r\n{retry}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
