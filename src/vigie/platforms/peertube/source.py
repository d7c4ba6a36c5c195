"""Read PeerTube: https://HOST/c/CHANNEL, /a/ACCOUNT, /w/VIDEO, /search?search=WORDS, and a server's own videos."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from vigie.collect.source import Account, Counts, Fetch, Found, Option, Page, Parsed, Place, Tried
from vigie.errors import FatalError, RetryableError
from vigie.platforms.peertube import client
from vigie.platforms.peertube.client import Target, own_of, target_of
from vigie.platforms.peertube.parse import counts_of, parse
from vigie.platforms.peertube.walk import walk
from vigie.schema import ids
from vigie.schema.vocab import Network


class PeerTubeSource:
    """Videos of a channel, an account, a search or a server, and their comments."""

    kind = "peertube"
    title = "PeerTube"
    tried = Tried.DOUBLE
    options: tuple[Option, ...] = ()

    def __repr__(self) -> str:
        return "PeerTubeSource()"

    def discover(self, url: str, *, fetch: Fetch, now: datetime) -> Found | None:
        """Say whether the address has one of PeerTube's shapes, on a PeerTube server."""
        target = target_of(url)
        server = client.server_of(target.base, fetch) if target else None
        if target is None or server is None:
            return None
        host = ids.origin_of(target.base)
        title = f"{target.name} · {host}" if target.name else f"{server or host} ({host})"
        if target.kind in ("channel", "account"):
            actor = client.actor_of(target, fetch)
            if actor is None:
                return None
            title = f"{actor.display_name or target.name} · {host}"
        return Found("peertube", target.address, title[:200], Network.PEERTUBE.value, ("videos", "comments"))

    def pages(self, place: Place, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give new and changed videos, then what is written under them."""
        target = target_of(place.address)
        if target is None:
            raise FatalError("This is no address of a PeerTube server.", code="peertube.address")
        yield from walk(target, json.loads(cursor) if cursor else {}, fetch, now)

    def parse(self, page: Page) -> Parsed:
        """Turn a page into posts."""
        return parse(page)

    def conversation(self, place: Place, native_id: str, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give a video and all that is written under it, as its own server knows it."""
        base, video, _ = own_of(native_id)
        if base:
            yield from walk(Target(base, "video", video), {}, fetch, now)

    def recounts(self, native_id: str) -> bool:
        """Say that videos have counts; comments have none."""
        base, _, comment = own_of(native_id)
        return bool(base and not comment)

    def recount(self, place: Place, native_ids: Sequence[str], *, fetch: Fetch) -> Mapping[str, Counts]:
        """Read videos again, each on its own server; 404 says that it is gone."""
        found = {}
        for native_id in native_ids:
            counts = _counts(place, native_id, fetch)
            if counts is not None:
                found[native_id] = counts
        return found

    def account(self, url: str, *, fetch: Fetch, now: datetime) -> Account | None:
        """Return a channel or an account."""
        target = target_of(url)
        if target is None or target.kind not in ("channel", "account"):
            return None
        found = client.actor_of(target, fetch)
        if found is None:
            return None
        name, videos = found.display_name or found.name, client.total_of(target, fetch)
        return Account(
            found.url or target.address,
            name,
            Network.PEERTUBE.value,
            found.followers_count,
            found.following_count,
            videos,
        )


def _counts(place: Place, native_id: str, fetch: Fetch) -> Counts | None:
    """Read one video's counts; another server than the place's may refuse or be away, which is no fault of the place."""
    base, video, comment = own_of(native_id)
    if not base or comment:
        return None
    own = target_of(place.address)
    is_own = own is not None and own.base == base
    try:
        return counts_of(fetch(client.video_at(base, video)).body)
    except FatalError as error:
        if error.code == "net.gone":
            return Counts(gone=True)
        if is_own:
            raise
    except RetryableError:
        if is_own:
            raise
    return None


SOURCE = PeerTubeSource()
