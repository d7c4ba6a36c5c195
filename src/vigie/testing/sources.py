"""What every source must do, whatever it reads."""

import logging
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from vigie.collect.source import Page, Place, Response, Source, Tried
from vigie.errors import FatalError, RetryableError, SkippableError, VigieError
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Network

NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)
"""The present of the contract."""

Dials = Callable[[str, int], socket.socket] | None

GARBAGE = (b"", b"\x00\xff\xfe garbage", b"<html><body>not what you think</body></html>", b"[1, 2", b'{"a": {}}')
"""Bytes that no source may stumble over."""

REFUSALS = (
    RetryableError("Later.", code="net.too_many", retry_after=77),
    RetryableError("Later.", code="net.too_many"),
    RetryableError("In trouble.", code="net.server_error"),
    RetryableError("Broken off.", code="net.broken"),
    FatalError("Log in again.", code="net.login"),
    FatalError("Refused.", code="net.refused"),
    FatalError("Gone.", code="net.gone"),
)
"""What a network may answer instead: 429 with and without Retry-After, 5xx, a body cut off, 401, 403, 404."""


@dataclass
class Recorded:
    """A network that answers from a table, by path and query; what is not there is gone."""

    answers: Mapping[str, Response]
    asked: list[str] = field(default_factory=list)
    fails: VigieError | None = None
    """Raised instead of every answer."""
    after: int = 0
    """Answers given before it fails."""
    sent: list[Mapping[str, str]] = field(default_factory=list)
    """Headers of each request."""
    dials: Dials = None
    """Gives the connections of a host that is not spoken to by HTTP."""

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Response:
        parts = urlsplit(url)
        name = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self.asked.append(name)
        self.sent.append(dict(headers or {}))
        if self.fails is not None and len(self.asked) > self.after:
            raise self.fails
        found = self.answers.get(name) or self.answers.get(parts.path)
        if found is None:
            raise FatalError("There is nothing at this address.", code="net.gone")
        return replace(found, url=url)

    def dial(self, host: str, port: int, *, tls: bool, timeout_s: float = 30.0) -> socket.socket:
        self.asked.append(f"{host}:{port}")
        if self.fails is not None and len(self.asked) > self.after:
            raise self.fails
        if self.dials is None:
            raise FatalError("This network answers HTTP alone.", code="net.gone")
        return self.dials(host, port)


def check_source(
    source: Source,
    place: Place | str,
    answers: Mapping[str, Response],
    *,
    dials: Dials = None,
) -> int:
    """Hold a source against its contract; return the posts that its recorded answers give.

    Checked: the schema, ids that are the same on a second parse, dates in UTC, going on after a kill at every page,
    every refusal of `REFUSALS` passed on as it is, `GARBAGE` survived, and no secret in logs or in `repr`.

    Args:
        dials: Gives connections to a source that does not speak HTTP.

    Raises:
        AssertionError: naming what the source must do and does not.
    """
    where = Place(place) if isinstance(place, str) else place
    assert source.kind == source.kind.lower() and source.title and source.tried in Tried, "a source says what it is"
    with _watched_logs() as lines:
        pages = list(source.pages(where, None, fetch=Recorded(answers, dials=dials), now=NOW))
        assert pages, "the recorded answers give at least one page"
        posts = sum(_check_page(source, page) for page in pages)
        _check_cursor(source, where, answers, pages, dials)
        _check_refusals(source, where, answers, dials)
        _check_garbage(source, pages[0])
    _check_secrets(source, where, pages, lines)
    return posts


def _check_page(source: Source, page: Page) -> int:
    first, second = source.parse(page), source.parse(page)
    assert first.posts.schema == POSTS, "posts have exactly the schema's columns"
    assert first.posts.equals(second.posts), "the same bytes give the same posts"
    keys = list(zip(first.posts["origin"].to_pylist(), first.posts["native_id"].to_pylist(), strict=True))
    assert len(set(keys)) == len(keys), "(origin, native id) is unique within a page"
    assert all(origin and native_id for origin, native_id in keys), "every post has an origin and an id"
    assert set(first.posts["network"].to_pylist()) <= set(Network), "the network is of the vocabulary"
    assert page.fetched_at == NOW, "the time of a page is the time it was fetched, whatever its posts say"
    return int(first.posts.num_rows)


def _check_cursor(
    source: Source, place: Place, answers: Mapping[str, Response], pages: Sequence[Page], dials: Dials
) -> None:
    """Resuming after any page gives every page that follows it."""
    for number, page in enumerate(pages):
        rest = list(source.pages(place, page.cursor, fetch=Recorded(answers, dials=dials), now=NOW))
        met = {body.body for body in rest}
        missing = [later for later in pages[number + 1 :] if later.body not in met]
        assert not missing, f"resuming after page {number + 1} loses a page"


def _check_refusals(source: Source, place: Place, answers: Mapping[str, Response], dials: Dials) -> None:
    """A refusal, at the first answer or later, reaches the schedule as it was said; pages before it stay given."""
    for refusal in REFUSALS:
        try:
            list(source.pages(place, None, fetch=Recorded(answers, fails=refusal, dials=dials), now=NOW))
        except VigieError as error:
            assert type(error) is type(refusal), f"{refusal.code} keeps its kind: try again, or act first"
            wanted = refusal.retry_after if isinstance(refusal, RetryableError) else None
            assert getattr(error, "retry_after", None) == wanted, "retry_after is passed on"
        else:
            raise AssertionError(f"{refusal.code} is an error")


def _check_garbage(source: Source, page: Page) -> None:
    for body in (*GARBAGE, page.body[: len(page.body) // 2]):
        try:
            parsed = source.parse(replace(page, body=body))
        except SkippableError as error:
            assert error.sentence and error.code, "what can't be read is said in a sentence"
        else:
            assert parsed.posts.schema == POSTS


def _check_secrets(source: Source, place: Place, pages: Sequence[Page], lines: Sequence[str]) -> None:
    said = [repr(source), repr(place), *lines, *(f"{page.url} {page.cursor}" for page in pages)]
    for secret in place.secrets.values():
        assert not any(secret in text for text in said), "no secret stands in logs, repr, addresses or cursors"


@contextmanager
def _watched_logs() -> Iterator[list[str]]:
    """Collect what is logged, at every level."""
    lines: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.getMessage()} {record.__dict__}")

    handler, root = Collect(logging.DEBUG), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
