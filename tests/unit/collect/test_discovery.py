"""How an address is asked: with the scheme that was typed, else by https, and by http only where nobody answers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from vigie.collect.discovery import is_plain, ways, with_scheme
from vigie.collect.source import Response
from vigie.errors import FatalError, RetryableError, VigieError
from vigie.net.client import Client

NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)
FEED = b"<rss version='2.0'><channel><title>Blog</title><item><title>Un</title></item></channel></rss>"


class Net:
    """A network in which https fails as told, and http gives a feed or fails too."""

    def __init__(self, secure: VigieError | None, plain: VigieError | None = None) -> None:
        self.answers, self.asked = {"https": secure, "http": plain}, set[str]()

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Response:
        scheme = url.split(":")[0]
        self.asked.add(scheme)
        if (failure := self.answers[scheme]) is not None:
            raise failure
        return Response(url, 200, {"content-type": "application/rss+xml"}, FEED if url.endswith("/feed") else b"<p>")

    def dial(self, host: str, port: int, *, tls: bool, timeout_s: float = 30.0) -> Any:
        raise AssertionError("no mailbox is asked for")


def failing(code: str, kind: type[VigieError] = RetryableError) -> VigieError:
    return kind("No.", code=code, facts={"host": "blog.example"})


@pytest.mark.parametrize("code", ["net.unreachable", "net.timeout"])
def test_bare_address_is_asked_by_http_where_nobody_answers_by_https(code: str) -> None:
    net = Net(failing(code))
    found = ways("blog.example/feed", fetch=net, now=NOW)[0]
    assert (found.kind, found.address, net.asked) == ("feed", "http://blog.example/feed", {"https", "http"})
    assert is_plain("blog.example/feed", found.address)


def test_bare_address_that_answers_by_https_is_not_asked_by_http() -> None:
    net = Net(None)
    found = ways("blog.example/feed", fetch=net, now=NOW)[0]
    assert (found.address, net.asked) == ("https://blog.example/feed", {"https"})
    assert not is_plain("blog.example/feed", found.address)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("net.private", FatalError), ("net.certificate", FatalError), ("net.robots", FatalError), ("net.login", FatalError),
        ("net.dns", RetryableError), ("net.too_many", RetryableError), ("net.server_error", RetryableError),
    ],
)  # fmt: skip
def test_refusal_by_https_is_no_reason_to_ask_by_http(code: str, kind: type[VigieError]) -> None:
    net = Net(failing(code, kind))
    with pytest.raises(VigieError) as raised:
        ways("blog.example/feed", fetch=net, now=NOW)
    assert raised.value.code == code and net.asked == {"https"}


@pytest.mark.parametrize("address", ["https://blog.example/feed", "http://blog.example/feed"])
def test_scheme_that_was_typed_is_kept(address: str) -> None:
    net = Net(failing("net.unreachable"), failing("net.unreachable"))
    with pytest.raises(RetryableError):
        ways(address, fetch=net, now=NOW)
    assert net.asked == {address.split(":")[0]} and with_scheme(address) == address and not is_plain(address, address)


def test_where_neither_answers_the_failure_is_that_of_https() -> None:
    net = Net(failing("net.timeout"), failing("net.unreachable"))
    with pytest.raises(RetryableError) as raised:
        ways("blog.example/feed", fetch=net, now=NOW)
    assert raised.value.code == "net.timeout"


@pytest.mark.parametrize("host", ["127.0.0.1", "10.4.0.9", "[::1]", "169.254.169.254"])
def test_private_address_stays_refused_by_both_schemes(host: str) -> None:
    client = Client(allowed_private_networks=(), version="test", sleep=lambda _: None, monotonic=lambda: 0.0)
    with pytest.raises(FatalError) as raised:
        ways(f"{host}/feed", fetch=client, now=NOW)
    assert raised.value.code == "net.private"
