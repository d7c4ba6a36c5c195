"""What every source must do, whatever it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from vigie.collect.source import Page, Response, Source
from vigie.errors import FatalError, RetryableError, SkippableError
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Network

NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)
"""The present of the contract."""

GARBAGE = (b"", b"\x00\xff\xfe garbage", b"<html><body>not what you think</body></html>", b"[1, 2", b'{"a": {}}')
"""Bytes that no source may stumble over."""


@dataclass
class Recorded:
    """A network that answers from a table, by path and query; what is not there is gone."""

    answers: Mapping[str, Response]
    asked: list[str] = field(default_factory=list)
    fails: RetryableError | None = None
    """Raised instead of every answer."""

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None) -> Response:
        parts = urlsplit(url)
        name = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self.asked.append(name)
        if self.fails is not None:
            raise self.fails
        found = self.answers.get(name) or self.answers.get(parts.path)
        if found is None:
            raise FatalError("There is nothing at this address.", code="net.gone")
        return replace(found, url=url)


def check_source(source: Source, address: str, answers: Mapping[str, Response], *, secrets: Sequence[str] = ()) -> int:
    """Hold a source against its contract; return the posts that its recorded answers give.

    Raises:
        AssertionError: naming what the source must do and does not.
    """
    pages = list(source.pages(address, None, fetch=Recorded(answers), now=NOW))
    assert pages, "the recorded answers give at least one page"
    posts = sum(_check_page(source, page) for page in pages)
    _check_cursor(source, address, answers, pages)
    _check_refusal(source, address, answers)
    _check_garbage(source, pages[0])
    assert not any(secret in repr(source) for secret in secrets), "no secret stands in repr"
    return posts


def _check_page(source: Source, page: Page) -> int:
    first, second = source.parse(page), source.parse(page)
    assert first.posts.schema == POSTS, "posts have exactly the schema's columns"
    assert first.posts.equals(second.posts), "the same bytes give the same posts"
    keys = list(zip(first.posts["origin"].to_pylist(), first.posts["native_id"].to_pylist(), strict=True))
    assert len(set(keys)) == len(keys), "(origin, native id) is unique within a page"
    assert set(first.posts["network"].to_pylist()) <= set(Network), "the network is of the vocabulary"
    return int(first.posts.num_rows)


def _check_cursor(source: Source, address: str, answers: Mapping[str, Response], pages: Sequence[Page]) -> None:
    """Resuming after any page gives every page that follows it."""
    for number, page in enumerate(pages):
        rest = list(source.pages(address, page.cursor, fetch=Recorded(answers), now=NOW))
        met = {body.body for body in rest}
        missing = [later for later in pages[number + 1 :] if later.body not in met]
        assert not missing, f"resuming after page {number + 1} loses a page"


def _check_refusal(source: Source, address: str, answers: Mapping[str, Response]) -> None:
    """A site that asks to come back later is not asked again, and its wish reaches the schedule."""
    wish = RetryableError("Later.", code="net.too_many", retry_after=77)
    try:
        list(source.pages(address, None, fetch=Recorded(answers, fails=wish), now=NOW))
    except RetryableError as error:
        assert error.retry_after == 77, "retry_after is passed on"  # noqa: PLR2004 -- the wish above
    else:
        raise AssertionError("a refusal is an error")


def _check_garbage(source: Source, page: Page) -> None:
    for body in GARBAGE:
        try:
            parsed = source.parse(replace(page, body=body))
        except SkippableError as error:
            assert error.sentence and error.code, "what can't be read is said in a sentence"
        else:
            assert parsed.posts.schema == POSTS
