"""robots.txt is obeyed as RFC 9309 says: read once a day a host, and a host that can't say is not read."""

from dataclasses import dataclass

import pytest

from vigie.errors import FatalError, RetryableError, VigieError
from vigie.net.robots import Robots


@dataclass(frozen=True)
class Answer:
    body: bytes


class Site:
    """A host that answers for its robots.txt."""

    def __init__(self, answer: bytes | VigieError) -> None:
        self.answer, self.asked, self.at = answer, list[str](), 0.0

    def read(self, url: str, *, headers: object) -> Answer:
        self.asked.append(url)
        if isinstance(self.answer, VigieError):
            raise self.answer
        return Answer(self.answer)

    def robots(self) -> Robots:
        return Robots(self.read, monotonic=lambda: self.at)


CLOSED = b"User-agent: *\nDisallow: /prive/\n\nUser-agent: Vigie\nDisallow: /forum/\nAllow: /forum/public/\n"


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("https://a.example/forum/1", False),
        ("https://a.example/forum/public/1", True),
        ("https://a.example/prive/1", True),
        ("https://a.example/", True),
    ],
)
def test_rules_that_name_us_stand_before_those_for_all(address: str, may: bool) -> None:
    robots = Site(CLOSED).robots()
    if may:
        robots.check(address)
        return
    with pytest.raises(FatalError) as caught:
        robots.check(address)
    assert caught.value.code == "net.robots"


def test_rules_are_read_once_a_day() -> None:
    site = Site(b"")
    robots = site.robots()
    for at in (0.0, 80_000.0):
        site.at = at
        robots.check("https://a.example/1")
    assert site.asked == ["https://a.example/robots.txt"]
    site.at = 90_000.0
    robots.check("https://a.example/2")
    assert len(site.asked) == 2


@pytest.mark.parametrize("code", ["net.gone", "net.refused", "net.login", "net.too_large"])
def test_host_without_rules_forbids_nothing(code: str) -> None:
    Site(FatalError("no", code=code)).robots().check("https://a.example/1")


def test_host_in_trouble_is_not_read() -> None:
    with pytest.raises(RetryableError):
        Site(RetryableError("no", code="net.server_error")).robots().check("https://a.example/1")


def test_private_host_stays_refused() -> None:
    with pytest.raises(FatalError) as caught:
        Site(FatalError("no", code="net.private")).robots().check("https://a.example/1")
    assert caught.value.code == "net.private"
