"""`hosts.py`: many sites in one process, each a feed on an address of its own in 127.0.0.0/8; prints its ports.

A site's address is its number. One in twenty is at fault from its first request on, for a minute: what is down, 500,
429 with Retry-After, slow without end, cut off in mid-body; or answers with what is no XML, for good.
"""

import asyncio
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

ITEMS = 10
"""Items of a feed: what WordPress, the commonest server of feeds, sends by default (`posts_per_rss`)."""

LASTS_S = 60.0
"""Seconds that a fault lasts: a restart, a deployment, a limit by the minute."""

KINDS = ("down", "500", "429", "slow", "cut", "not XML")
ONE_IN = 20
"""One site in twenty is at fault: 5 %."""

NAMED = (
    "Je prends du Sérélium depuis trois semaines et j'ai des vertiges le matin, vous aussi ?",
    "La nouvelle formule de Sérélium passe mieux, la fatigue s'en va doucement, merci à ma pharmacienne.",
)
"""The one item of ten that a watch may match."""

ROBOTS = b"User-agent: *\nDisallow: /admin/\n"


def address(n: int) -> str:
    """Return the address of a site; the first is 127.1.0.1."""
    return f"127.{1 + n // 50_000}.{n // 200 % 250}.{1 + n % 200}"


def number(host: str) -> int:
    """Return the site at an address."""
    _, a, b, c = map(int, host.split("."))
    return (a - 1) * 50_000 + b * 200 + c - 1


def fault(n: int) -> str:
    """Return what is wrong with a site; empty when nothing is."""
    return KINDS[n // ONE_IN % len(KINDS)] if n % ONE_IN == 7 else ""  # noqa: PLR2004 -- any one of the twenty


def feed(n: int, texts: list[str]) -> bytes:
    """Return the feed of a site."""
    items = []
    for k in range(ITEMS):
        text = NAMED[n % len(NAMED)] if k == n % ITEMS else texts[(n * ITEMS + k) % len(texts)]
        link = f"https://site{n}.example/{k}"
        items.append(
            f"<item><title>Billet {k}</title><link>{link}</link><guid>{link}</guid>"
            f"<pubDate>Fri, 30 Oct 2026 08:{k:02d}:00 GMT</pubDate><description><![CDATA[<p>{text}</p>]]></description></item>"
        )
    head = f"<title>Site {n}</title><link>https://site{n}.example/</link><description>Un blog</description>"
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'.encode()


class Sites:
    """Answers for every site."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.first: dict[int, float] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the other side hangs up; nobody but this machine is served."""
        try:
            if writer.get_extra_info("peername")[0].startswith("127."):
                n = number(writer.get_extra_info("sockname")[0])
                while head := await reader.readuntil(b"\r\n\r\n"):
                    if not await self.answer(n, head, writer):
                        break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, n: int, head: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; say whether the connection goes on."""
        if head.startswith(b"GET /robots.txt"):
            return said(writer, "200 OK", ROBOTS, "text/plain")
        since = time.monotonic() - self.first.setdefault(n, time.monotonic())
        wrong = fault(n) if since < LASTS_S or fault(n) == "not XML" else ""
        if wrong == "500":
            return said(writer, "500 Internal Server Error", b"", "text/plain")
        if wrong == "429":
            return said(writer, "429 Too Many Requests", b"", "text/plain", "Retry-After: 60\r\n")
        if wrong == "not XML":
            return said(writer, "200 OK", b"<!doctype html><html><body>Maintenance</body></html>", "text/html")
        if wrong:
            return await broken(writer, feed(n, self.texts), slow=wrong == "slow")
        tag = f'"{n}"'
        if tag.encode() in head:
            return said(writer, "304 Not Modified", None, "", f"ETag: {tag}\r\n")
        return said(writer, "200 OK", feed(n, self.texts), "application/rss+xml", f"ETag: {tag}\r\n")


def said(writer: asyncio.StreamWriter, status: str, body: bytes | None, media_type: str, more: str = "") -> bool:
    """Send an answer."""
    about = "" if body is None else f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
    writer.write(f"HTTP/1.1 {status}\r\n{about}{more}\r\n".encode() + (body or b""))
    return True


async def broken(writer: asyncio.StreamWriter, body: bytes, *, slow: bool) -> bool:
    """Send the half of a body; then hang up, or go on by a byte a second."""
    writer.write(
        f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    )
    half = len(body) // 2
    writer.write(body[:half])
    await writer.drain()
    for place in range(half, len(body) if slow else half):
        await asyncio.sleep(1.0)
        writer.write(body[place : place + 1])
        await writer.drain()
    return False


async def main() -> None:
    """Serve; the second port opens a minute after the first connection, where sites are that are down till then."""
    from matching import drawn

    sites = Sites(drawn.posts(5_000)["text"].to_pylist())
    listening = [socket.create_server(("0.0.0.0", 0), backlog=1024), socket.socket()]  # noqa: S104 -- all of 127.0.0.0/8; others are hung up on
    listening[1].bind(("0.0.0.0", 0))  # noqa: S104 -- as above
    print(*(one.getsockname()[1] for one in listening), flush=True)
    servers = [await asyncio.start_server(sites.serve, sock=listening[0])]
    while not sites.first:
        await asyncio.sleep(0.1)
    await asyncio.sleep(LASTS_S)
    servers.append(await asyncio.start_server(sites.serve, sock=listening[1], backlog=1024))
    await servers[0].serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
