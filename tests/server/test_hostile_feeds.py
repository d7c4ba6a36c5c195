"""A feed that means harm or is broken, from the socket to the space's page: a sentence in both languages, never a trace."""

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from support.site import Site, running

from vigie.errors import VigieError
from vigie.net.client import Client
from vigie.net.guard import networks_of
from vigie.schema.vocab import Role
from vigie.server.models import Membership, Post, Space, SpaceRead, User
from vigie.server.permissions import COMMAND
from vigie.server.services import collecting, spaces
from vigie.server.services.spaces import SpaceDraft

from .conftest import NOW, House

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
FEED = "<rss version='2.0'><channel><title>Blog</title><item><guid>1</guid><description>{}</description></item></channel></rss>"
NO_FEED = ("n’est pas un flux", "This is no feed")


def trickle() -> Iterator[bytes]:
    for _ in range(100):
        yield b"<"
        time.sleep(0.05)


def announced(site: Site) -> str:
    return site.drips("/a", lambda: iter(()), Content_Length=str(21 * 2**20), Content_Type="application/rss+xml")


HOSTILE: dict[str, tuple[Callable[[Site], str], str, tuple[str, str]]] = {
    "huge": (announced, "net.too_large", ("a envoyé plus de 20", "sent more than 20 MB")),
    "endless": (
        lambda site: site.drips("/a", lambda: itertools.repeat(b"<item>" * 10_000)),
        "net.too_large",
        ("a envoyé plus de 20", "sent more than 20 MB"),
    ),
    "slow": (lambda site: site.drips("/a", trickle), "net.slow", ("répond trop lentement", "answers too slowly")),
    "a page, not XML": (lambda site: site.says("/a", body=b"<html><body>Bonjour</body></html>"), "feed.not_a_feed", NO_FEED),
    "bytes of nothing": (lambda site: site.says("/a", body=bytes(range(256)) * 99), "feed.not_a_feed", NO_FEED),
    "empty": (lambda site: site.says("/a"), "feed.not_a_feed", NO_FEED),
    "not found": (lambda site: site.says("/a", 404), "net.gone", ("n’y a plus rien", "there is nothing at this address")),
    "gone": (lambda site: site.says("/a", 410), "net.gone", ("n’y a plus rien", "there is nothing at this address")),
    "sent to a private address": (
        lambda site: site.says("/a", 302, Location="http://169.254.169.254/latest/meta-data/"),
        "net.private",
        ("réseau privé", "lies in a private network"),
    ),
    "packed otherwise than it says": (
        lambda site: site.says("/a", body=FEED.encode(), Content_Encoding="gzip"),
        "net.broken",
        ("est abîmée", "is broken"),
    ),
    "packed in what was not offered": (
        lambda site: site.says("/a", body=b"x", Content_Encoding="br"),
        "net.encoding",
        ("compresse sa réponse", "in a way that was not offered"),
    ),
}  # fmt: skip


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


def fetch(**bounds: Any) -> Client:
    """Return the real client, which may reach loopback and waits for nothing."""
    return Client(
        allowed_private_networks=networks_of("127.0.0.0/8"), version="0", sleep=lambda s: None,
        monotonic=time.monotonic, **{"max_seconds": 2.0, **bounds},
    )  # fmt: skip


def read(address: str, **bounds: Any) -> tuple[Space, SpaceRead]:
    space = spaces.add(SpaceDraft("Blog", "feed", "blog", address), asker=COMMAND, now=NOW)
    try:
        collecting.collect(space.pk, fetch=fetch(**bounds), clock=lambda: NOW)
    except VigieError as error:
        assert error.sentence.endswith((".", ")."))
    return space, SpaceRead.objects.get(space=space)


def page(browser: Browser, space: Space, language: str) -> str:
    user = User.objects.create_user(f"{language}@example.org", language=language)
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    browser.force_login(user, backend=BACKEND)
    answer = browser.get(f"/spaces/{space.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_feed_is_a_sentence_on_the_page_of_its_space(
    name: str, house: House, site: Site, client: Browser
) -> None:
    address, code, sentences = HOSTILE[name]
    started = time.monotonic()
    space, row = read(address(site), **({"max_seconds": 0.3} if name == "slow" else {}))
    assert time.monotonic() - started < 15
    assert (row.code, Post.objects.count()) == (code, 0)
    for language, sentence in zip(("fr", "en"), sentences, strict=True):
        shown = page(client, space, language)
        assert sentence in shown and "Traceback" not in shown and "Error" not in shown


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "a billion laughs": f'<!DOCTYPE rss [<!ENTITY l0 "lol">{LAUGHS}]>' + FEED.format("Sérélium &l9;"),
    "a long entity, often": f'<!DOCTYPE rss [<!ENTITY a "{"a" * 60_000}">]>' + FEED.format("Sérélium " + "&a;" * 60_000),
    "a file of this machine": '<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + FEED.format("Sérélium &f;"),
    "a thousand levels": FEED.format("Sérélium " + "<b>" * 5_000),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_xml_bomb_does_not_unfold(name: str, house: House, site: Site, client: Browser) -> None:
    address = site.says("/a", body=BOMBS[name].encode(), Content_Type="application/rss+xml")
    started = time.monotonic()
    space, row = read(address)
    assert time.monotonic() - started < 30
    assert row.code or row.heard == 1
    assert all(len(post.text) < 200_000 and "root:" not in post.text for post in Post.objects.all())
    shown = page(client, space, "fr")
    assert "Traceback" not in shown and "root:" not in shown


LIES = {
    "says UTF-8, is Latin-1": ("utf-8", FEED.format("Sérélium apaisé").encode("latin-1")),
    "says UTF-16, is UTF-8": ("utf-16", FEED.format("Sérélium apaisé").encode()),
    "says ASCII, is UTF-8": ("us-ascii", FEED.format("Sérélium apaisé").encode()),
    "says what nobody knows": ("x-martian", FEED.format("Sérélium apaisé").encode()),
}


@pytest.mark.parametrize("name", LIES)
def test_feed_that_lies_of_its_encoding_is_read_or_told(name: str, house: House, site: Site, client: Browser) -> None:
    charset, body = LIES[name]
    space, row = read(site.says("/a", body=body, Content_Type=f"application/rss+xml; charset={charset}"))
    assert (row.code, [post.text for post in Post.objects.all()]) == ("", ["Sérélium apaisé"])
    assert "Traceback" not in page(client, space, "fr")
