"""A real S3-compatible server (moto) on loopback, and a gate before it that closes at a chosen moment."""

import contextlib
import http.client
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import boto3

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
START_S = 30.0


class Moto:
    """moto's server as a process; what it holds lives in its memory, and is gone when the process ends."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        command = [
            sys.executable,
            "-c",
            "from moto.server import main; main()",
            "-H",
            "127.0.0.1",
            "-p",
            str(self.port),
        ]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("the S3 server does not start")

    def client(self):  # type: ignore[no-untyped-def] -- boto3 has no types of its own
        return boto3.client(
            "s3", endpoint_url=f"http://127.0.0.1:{self.port}", region_name=KEYS["AWS_REGION"],
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip

    def make_bucket(self, name: str) -> None:
        """Make an empty bucket."""
        self.client().create_bucket(Bucket=name)

    def names(self, bucket: str) -> list[str]:
        """Return the names of all objects."""
        return [o["Key"] for o in self.client().list_objects_v2(Bucket=bucket).get("Contents", [])]

    def bodies(self, bucket: str) -> bytes:
        """Return the bytes of all objects, one after another."""
        return b"".join(self.client().get_object(Bucket=bucket, Key=name)["Body"].read() for name in self.names(bucket))

    def stop(self) -> None:
        """End the process."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


PASS, BEFORE, AFTER, AFTER_ONCE = range(4)
"""What happens when the log's next entry is written, the very moment of a commit: it passes; the server stops before it
arrives; after it is done and before it is told; or only the answer is lost."""

SPAWN = multiprocessing.get_context("spawn")


class Gate:
    """Stands before the server; once closed nothing passes, as with a server that was stopped, until it is opened.

    A process of its own: the Delta library holds Python's lock while it waits for some answers.
    """

    def __init__(self, upstream_port: int) -> None:
        self._port, self._commit = SPAWN.Value("i", 0), SPAWN.Value("i", PASS)
        self._open, self._forgetful = SPAWN.Value("b", 1), SPAWN.Value("b", 0)
        given = (upstream_port, self._port, self._commit, self._open, self._forgetful)
        self._process = SPAWN.Process(target=_stand, args=given, daemon=True)
        self._process.start()
        while not self._port.value:
            time.sleep(0.02)

    def __enter__(self) -> "Gate":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join()

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that name this server."""
        return {**KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._port.value}", "AWS_ALLOW_HTTP": "true"}

    def at_the_commit(self, what: int) -> None:
        """Choose what happens at the next commit."""
        self._commit.value = what

    def close(self) -> None:
        """Let nothing pass."""
        self._open.value = 0

    def open(self) -> None:
        """Let everything pass again."""
        self._commit.value, self._open.value = PASS, 1

    def forget_conditions(self, *, on: bool = True) -> None:
        """Take `If-None-Match` out of requests, as a store that does not know it."""
        self._forgetful.value = on


def _stand(upstream_port: int, port: Any, commit: Any, is_open: Any, forgetful: Any) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            what = commit.value if self.command == "PUT" and "/_delta_log/" in self.path else PASS
            if not is_open.value or what == BEFORE:
                is_open.value = 0
                self._drop()
                return
            answer, content = self._forward(body)
            if what in (AFTER, AFTER_ONCE):
                is_open.value, commit.value = int(what == AFTER_ONCE), PASS
                self._drop()
                return
            self._answer(answer, content)

        def _answer(self, answer: http.client.HTTPResponse, content: bytes) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"connection", "transfer-encoding", "content-length"}:
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            self.wfile.write(content)

        def _forward(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
            dropped = {"connection", "if-none-match"} if forgetful.value else {"connection"}
            headers = {k: v for k, v in self.headers.items() if k.lower() not in dropped}
            connection = http.client.HTTPConnection("127.0.0.1", upstream_port, timeout=30)
            connection.request(self.command, self.path, body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            return answer, content

        def _drop(self) -> None:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *args: object) -> None:
            pass

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # noqa: N815 -- names of http.server

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port.value = server.server_address[1]
    server.serve_forever()
