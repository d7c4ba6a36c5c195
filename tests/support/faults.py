"""What every peer is put through: cut, refused, slowed, stopped; afterwards each post is there once."""

from collections.abc import Callable

from support.faulty import FaultyProxy
from support.reading import Reader, guarded

CODES = {
    "cut": {"net.cut", "net.unreachable", "net.broken"},
    "429": {"net.too_many"},
    "429-retry": {"net.too_many"},
    "500": {"net.server_error"},
    "401": {"net.login"},
    "down": {"net.unreachable"},
}
"""What the schedule is told for each fault."""


def survive(proxy: FaultyProxy, new_reader: Callable[[], Reader], *, passing: int = 1) -> Reader:
    """Break every read once at its first request and once after some, then read in peace with the same cursor.

    Args:
        passing: Requests that pass before the second fault, such as those of the first page.
    """
    reader = new_reader()
    for mode, codes in CODES.items():
        for skip in (0, passing):
            proxy.mode, proxy.skip = mode, skip
            error = reader.fails()
            if skip == 0 or error is not None:
                assert error is not None and error.code in codes, (mode, skip, error)
                wait = getattr(error, "retry_after", None)
                assert wait == (proxy.retry_after if mode == "429-retry" else None), (mode, wait)
    proxy.skip, proxy.mode = 0, "slow"
    # Slower than the bound: told as slow, nothing kept of half a page.
    reader.fetch = guarded(max_seconds=0.05)
    error = reader.fails()
    assert error is None or error.code == "net.slow", error
    # Slow but within the bound: read.
    proxy.mode, reader.fetch = "slow", guarded()
    reader.read()
    proxy.mode = "pass"
    return reader.read()
