"""Read an answer within bounds of size and time, decompressing as it comes."""

import zlib
from collections.abc import Callable, Iterator

from vigie.errors import FatalError, RetryableError

MAX_BYTES = 20 * 2**20
"""Bytes of an answer once decompressed: the largest real feeds are a few; beyond is a mistake or a trap."""

MAX_SECONDS = 30.0
"""Seconds of a whole answer: a drip of bytes that never ends would hold a runner for ever."""

CHUNK = 65_536


class Bounds:
    """The bounds of one answer."""

    def __init__(self, host: str, *, monotonic: Callable[[], float], max_bytes: int, max_seconds: float) -> None:
        self.host, self.monotonic = host, monotonic
        self.max_bytes, self.max_seconds = max_bytes, max_seconds
        self.until = monotonic() + max_seconds

    def check_time(self) -> None:
        """Stop an answer that takes too long."""
        if self.monotonic() > self.until:
            raise RetryableError(
                f"{self.host} answers too slowly: nothing whole within {self.max_seconds:.0f} seconds.",
                code="net.slow",
                facts={"host": self.host, "seconds": int(self.max_seconds)},
            )

    def check_size(self, size: int) -> None:
        """Stop an answer that is too large."""
        if size > self.max_bytes:
            megabytes = self.max_bytes // 2**20
            raise FatalError(
                f"{self.host} sent more than {megabytes} MB. Give a smaller feed, or import the file.",
                code="net.too_large",
                facts={"host": self.host, "megabytes": megabytes},
            )


def body_of(chunks: Iterator[bytes], encoding: str, bounds: Bounds) -> bytes:
    """Return a whole body; never more than the bounds is held, however well a bomb is packed.

    Raises:
        FatalError: it is too large, or its encoding is none that was offered.
        RetryableError: it is too slow, or broken off.
    """
    decoder = _decoder(encoding, bounds)
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        bounds.check_time()
        for piece in decoder(chunk):
            size += len(piece)
            bounds.check_size(size)
            parts.append(piece)
    return b"".join(parts)


def _decoder(encoding: str, bounds: Bounds) -> Callable[[bytes], Iterator[bytes]]:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return lambda chunk: iter((chunk,))
    if name not in ("gzip", "x-gzip", "deflate"):
        raise FatalError(
            f"{bounds.host} packs its answer in a way that was not offered.",
            code="net.encoding",
            facts={"host": bounds.host},
        )
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32 if name != "deflate" else zlib.MAX_WBITS)
    return lambda chunk: _inflated(inflater, chunk, bounds)


def _inflated(inflater: "zlib._Decompress", chunk: bytes, bounds: Bounds) -> Iterator[bytes]:
    """Inflate in pieces of bounded size: a kilobyte of a bomb may hold a gigabyte."""
    try:
        while chunk:
            yield inflater.decompress(chunk, CHUNK)
            chunk = inflater.unconsumed_tail
    except zlib.error as exc:
        raise RetryableError(
            f"The answer of {bounds.host} is broken.", code="net.broken", facts={"host": bounds.host}
        ) from exc
