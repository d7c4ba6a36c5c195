"""A page of a real WordPress, watched through the guarded client and through trouble: one post, a version per text."""

from datetime import UTC, datetime

import pytest
from support.faulty import FaultyProxy
from support.wordpress import WordPress

from vigie.collect.source import Place
from vigie.errors import FatalError, RetryableError
from vigie.net.client import Client
from vigie.platforms.page.source import SOURCE

pytestmark = pytest.mark.enable_socket

WORDS = "Le fabricant rappelle un lot de l’inhalateur, que la pharmacie échange sans frais. "


def test_page_is_followed_through_trouble(wordpress: WordPress, guarded: Client) -> None:
    post = wordpress.publish("Rappel de lot", f"<p>{WORDS * 8}</p>")
    place = Place("", {})
    texts: list[str] = []
    with FaultyProxy(wordpress.port) as proxy:
        place = Place(f"{proxy.url}/?p={post}", {})
        cursor = None
        for mode, code in [("down", "net.unreachable"), ("cut", ""), ("429", "net.too_many"), ("429-retry", "net.too_many"),
                           ("401", "net.login"), ("500", "net.server_error"), ("slow", None), ("pass", None)]:  # fmt: skip
            proxy.mode = mode
            if code is not None:
                with pytest.raises((RetryableError, FatalError)) as caught:
                    list(SOURCE.pages(place, cursor, fetch=guarded, now=datetime.now(UTC)))
                assert not code or caught.value.code == code
                continue
            for page in SOURCE.pages(place, cursor, fetch=guarded, now=datetime.now(UTC)):
                texts += SOURCE.parse(page).posts["text"].to_pylist()
                cursor = page.cursor
        assert len(texts) == 1 and WORDS.strip() in texts[0]
        wordpress.edit(post, f"<p>{'Le rappel est levé. ' * 30}</p>")
        for _ in range(2):
            for page in SOURCE.pages(place, cursor, fetch=guarded, now=datetime.now(UTC)):
                texts += SOURCE.parse(page).posts["text"].to_pylist()
                cursor = page.cursor
        assert len(texts) == 2 and "Le rappel est levé." in texts[1]
