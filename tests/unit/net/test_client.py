"""The client against servers on loopback that misbehave, and names that lie."""

import gzip
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.site import Site, running

from vigie.collect.discovery import ways
from vigie.errors import FatalError, RetryableError
from vigie.net.client import Client
from vigie.net.guard import checked_addresses, is_private, networks_of


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


def client(**options: Any) -> Client:
    slept: list[float] = []
    options = {
        "allowed_private_networks": networks_of("127.0.0.0/8"),
        "version": "0",
        "sleep": slept.append,
        "monotonic": time.monotonic,
        **options,
    }
    made = Client(**options)
    made.slept = slept  # type: ignore[attr-defined]
    return made


def refused(code: str, act: Callable[[], Any]) -> FatalError | RetryableError:
    with pytest.raises((FatalError, RetryableError)) as caught:
        act()
    assert caught.value.code == code
    assert caught.value.sentence.endswith(".")
    return caught.value


def test_answer_is_given_whole_with_lower_case_headers(site: Site) -> None:
    answer = client()(site.says("/a", body=b"hello", ETag='"1"'))
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"hello", '"1"')


def echoed(site: Site, path: str, *more: tuple[str, bytes]) -> str:
    """Answer an address with the headers it was asked with, and with headers of ours; return the address."""

    def script(handler: BaseHTTPRequestHandler) -> None:
        body = bytes(handler.headers)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % len(body))
        for name, value in more:
            handler.wfile.write(name.encode() + b": " + value + b"\r\n")
        handler.wfile.write(b"\r\n" + body)

    site.scripts[path] = script
    return site.url + path


def test_log_in_that_stands_in_an_address_goes_into_its_header(site: Site) -> None:
    address = echoed(site, "/a").replace("http://", "http://ada:p%40ss@")
    asked = client()(address).body.decode()
    assert "Authorization: Basic YWRhOnBAc3M=" in asked
    assert "p%40ss" not in asked


def test_request_says_who_asks_and_what_is_read_once_each(site: Site) -> None:
    asked = client()(echoed(site, "/a"), headers={"Accept": "application/json"}).body.decode()
    said = sorted(line.split(":")[0].lower() for line in asked.splitlines() if line)
    assert said == ["accept", "accept-encoding", "host", "user-agent"]
    assert "Accept: application/json" in asked


def test_header_that_comes_twice_is_one_list_and_every_encoding_is_read(site: Site) -> None:
    address = echoed(site, "/a", ("Link", b"<a>"), ("Link", b"<b>"), ("X-Name", "é".encode()), ("X-Old", b"\xe9"))
    headers = client()(address).headers
    assert (headers["link"], headers["x-name"], headers["x-old"]) == ("<a>, <b>", "é", "é")


def test_cookies_of_one_answer_are_not_shown_to_the_next_request(site: Site) -> None:
    reading = client()
    reading(site.says("/a", Set_Cookie="who=1; Path=/"))
    assert "who=1" not in reading(echoed(site, "/b")).body.decode()


def self_signed(folder: Path) -> ssl.SSLContext:
    """Return what a server needs for a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    at = datetime.now(UTC)
    signed = made.not_valid_before(at - timedelta(days=1)).not_valid_after(at + timedelta(days=1)).sign(key, SHA256())
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "both.pem").write_bytes(plain + signed.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


def test_certificate_that_nobody_vouches_for_is_an_answer_and_said(site: Site, tmp_path: Path) -> None:
    site.server.socket = self_signed(tmp_path).wrap_socket(site.server.socket, server_side=True)
    address = site.says("/a").replace("http://", "https://")
    refused("net.certificate", lambda: client()(address))
    refused("net.certificate", lambda: ways(address.removeprefix("https://"), fetch=client(), now=datetime.now(UTC)))


def test_not_modified_is_an_answer(site: Site) -> None:
    assert client()(site.says("/a", status=304)).status == 304


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "net.gone"), (410, "net.gone"), (403, "net.refused"), (401, "net.login"), (418, "net.status")],
)
def test_refusals_are_final(site: Site, status: int, code: str) -> None:
    refused(code, lambda: client()(site.says("/a", status=status)))
    assert site.asked == ["/a"]


def test_too_many_requests_says_when_to_come_back(site: Site) -> None:
    error = refused("net.too_many", lambda: client()(site.says("/a", status=429, Retry_After="120")))
    assert isinstance(error, RetryableError) and error.retry_after == 120


def test_server_in_trouble_is_asked_three_times_with_longer_pauses(site: Site) -> None:
    asker = client()
    refused("net.server_error", lambda: asker(site.says("/a", status=503)))
    assert site.asked == ["/a"] * 3
    first, second = asker.slept  # type: ignore[attr-defined]
    assert 1.0 <= first <= 1.25 and 2.0 <= second <= 2.5, "each longer, none of two readers at the same instant"


def test_announced_size_over_the_bound_is_refused_before_it_is_read(site: Site) -> None:
    def script(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(21 * 2**20))
        handler.end_headers()

    site.scripts["/a"] = script
    refused("net.too_large", lambda: client()(site.url + "/a"))


def test_endless_answer_is_cut(site: Site) -> None:
    def script(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65_536)

    site.scripts["/a"] = script
    refused("net.too_large", lambda: client(max_bytes=2**20)(site.url + "/a"))


def test_slow_drip_ends_by_the_total_time(site: Site) -> None:
    def script(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.05)

    site.scripts["/a"] = script
    started = time.monotonic()
    refused("net.slow", lambda: client(max_seconds=0.4)(site.url + "/a"))
    assert time.monotonic() - started < 3


def test_decompression_bomb_is_stopped_while_it_unfolds(site: Site) -> None:
    bomb = gzip.compress(b"\0" * 50 * 2**20)
    assert len(bomb) < 2**17
    refused("net.too_large", lambda: client()(site.says("/a", body=bomb, Content_Encoding="gzip")))


def test_compressed_answer_is_given_plain(site: Site) -> None:
    assert client()(site.says("/a", body=gzip.compress(b"bonjour"), Content_Encoding="gzip")).body == b"bonjour"


def test_redirect_to_a_private_address_is_refused(site: Site) -> None:
    for target in (
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://0.0.0.0/",
        "http://[::ffff:10.0.0.1]/",
    ):
        refused("net.private", lambda t=target: client()(site.says("/a", status=302, Location=t)))


def test_redirect_to_another_kind_of_address_is_refused(site: Site) -> None:
    refused("net.address", lambda: client()(site.says("/a", status=302, Location="file:///etc/passwd")))


def test_redirects_without_end_are_cut(site: Site) -> None:
    refused("net.redirects", lambda: client()(site.says("/a", status=302, Location="/a")))


def test_password_is_not_shown_to_another_host(site: Site) -> None:
    seen: dict[str, str | None] = {}

    def end(handler: BaseHTTPRequestHandler) -> None:
        seen["authorization"] = handler.headers.get("Authorization")
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    other = Site()
    other.scripts["/b"] = end
    client()(site.says("/a", status=302, Location=other.url + "/b"), headers={"Authorization": "Basic x"})
    other.server.shutdown()
    other.server.server_close()
    assert seen == {"authorization": None}


def test_name_that_turns_private_after_the_check_is_never_reached(site: Site) -> None:
    """DNS rebinding: the connection is made to the address that was checked, so a second answer changes nothing."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    reached: list[str] = []
    original = socket.create_connection

    def connect(address: Any, *args: Any, **kwargs: Any) -> Any:
        reached.append(address[0])
        raise OSError("no route in this test")

    socket.create_connection = connect  # type: ignore[assignment]
    try:
        with pytest.raises((RetryableError, FatalError)):
            client(allowed_private_networks=(), resolver=resolver, pace_s=0.0)("http://rebind.example/")
    finally:
        socket.create_connection = original
    assert set(reached) <= {"93.184.216.34"}


def test_name_with_one_private_address_among_public_ones_is_refused() -> None:
    with pytest.raises(FatalError):
        checked_addresses("trap.example", 80, allowed=(), resolver=lambda h, p: ["93.184.216.34", "192.168.1.1"])


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:1::",
    ],
)
def test_address_of_no_public_network_is_private(text: str) -> None:
    assert is_private(ip_address(text))


@pytest.mark.parametrize("text", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_public_address_is_not_private(text: str) -> None:
    assert not is_private(ip_address(text))


def test_unknown_name_is_tried_later() -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise OSError

    refused("net.dns", lambda: client(resolver=resolver)("http://nowhere.example/"))


def test_secret_of_an_address_stands_in_no_error(site: Site) -> None:
    error = refused("net.gone", lambda: client()(site.says("/a", status=404) + "?token=secret"))
    assert "secret" not in error.sentence and "secret" not in str(error.facts)


def test_two_requests_to_a_host_keep_their_distance() -> None:
    asker = client(allowed_private_networks=(), resolver=lambda h, p: ["10.0.0.1"], monotonic=lambda: 100.0)
    for _ in range(2):
        refused("net.private", lambda: asker("http://a.example/"))
    assert asker.slept == [1.0]  # type: ignore[attr-defined]


def test_hosts_of_this_machine_are_paced_when_told_to_be(site: Site) -> None:
    asker = client(monotonic=lambda: 100.0, pace_own=True)
    for _ in range(3):
        asker(site.says("/a"))
    assert asker.slept == [1.0, 2.0]  # type: ignore[attr-defined]


def test_wait_for_a_host_is_told_without_being_waited(site: Site) -> None:
    now = [100.0]
    asker = client(monotonic=lambda: now[0], pace_own=True)
    address = site.says("/a")
    assert asker.wait_s(address) == 0
    asker(address)
    now[0] += 0.25
    assert asker.wait_s(address) == 0.75 and asker.wait_s("http://b.example/") == 0
    assert asker.slept == []  # type: ignore[attr-defined]


def test_first_contact_reads_the_rules_and_the_page_need_not_wait_after_them(site: Site) -> None:
    site.says("/robots.txt", body=b"User-agent: *\nDisallow: /b")
    asker = client(monotonic=lambda: 100.0, pace_own=True, obey_robots=True)
    assert asker.wait_s(site.says("/a")) == 0
    asker(site.url + "/a")
    assert site.asked == ["/robots.txt", "/a"] and asker.slept == []  # type: ignore[attr-defined]
    assert asker.wait_s(site.url + "/a") == 1.0


def test_turns_that_are_past_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie.net.client.MOST_TURNS", 3)
    now = [100.0]
    asker = client(monotonic=lambda: now[0])
    for n in range(9):
        asker._pace(f"{n}.example")
        now[0] += 1.0
    assert len(asker._next) <= 4
