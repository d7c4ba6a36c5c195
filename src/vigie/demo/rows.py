"""Rows as sources give them: ids, links and counts in the manner of each network."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from vigie.demo.grammar import Draw
from vigie.demo.records import DemoSpace
from vigie.demo.writer import Said
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Network


class Row(NamedTuple):
    """One row of `tables.POSTS`, its columns in that order; the instant in microseconds since 1970."""

    origin: str
    native_id: str
    network: str
    site: str
    url: str | None
    title: str | None
    text: str
    author: str | None
    author_name: str | None
    author_verified: bool | None
    followers: int | None
    lang_claimed: str | None
    country: str | None
    published_at: int
    in_reply_to: str | None
    repost_of: str | None
    quote_of: str | None
    rating: float | None
    media: list[str] | None
    likes: int | None
    reposts: int | None
    replies: int | None
    views: int | None
    deleted: bool | None
    engaging_with: str | None = None


class Counts(NamedTuple):
    """What a network shows of a post's success; absent where it shows nothing."""

    likes: int | None
    reposts: int | None
    replies: int | None
    views: int | None

    @property
    def known(self) -> bool:
        """Say whether there is anything to grow."""
        return self.likes is not None or self.views is not None


_WORDS = "abcdefghijklmnopqrstuvwxyz234567"


def native_id(network: str, origin: str, *, seed: int, day: int, number: int) -> str:
    """Return the id that this kind of network would give to the nth post of a day."""
    digest = int.from_bytes(hashlib.blake2b(f"{seed}/{day}/{number}".encode(), digest_size=8).digest(), "big")
    if network == Network.BLUESKY:
        return f"at://did:plc:{_base32(digest, 8)}/app.bsky.feed.post/3{_base32(digest >> 8, 11)}"
    if network == Network.MASTODON:
        return f"https://{origin}/statuses/{digest % 10**18}"
    if network == Network.YOUTUBE:
        return f"Ug{_base32(digest, 12)}4AaABAg"
    if network == Network.LINKEDIN:
        return f"urn:li:activity:{digest % 10**19}"
    return f"https://{origin}/{_FOLDERS.get(network, 'p')}/{digest % 10**13}"


_FOLDERS: dict[str, str] = {
    Network.FORUM: "sujet",
    Network.PRESS: "article",
    Network.REVIEW: "avis",
    Network.BLOG: "billet",
}


def _base32(number: int, size: int) -> str:
    return "".join([_WORDS[(number >> (5 * i)) & 31] for i in range(size)])


def _link(space: DemoSpace, origin: str, native: str) -> str:
    if native.startswith("https:"):
        return native
    return f"https://{origin}/{native.rsplit('/', 1)[-1].rsplit(':', 1)[-1]}"


def counts(draw: Draw, network: str, reach: int, *, buzz: bool) -> Counts:
    """Draw the counts of a post: small for most, large for a few; `reach` is the followers of the well-followed, else 0."""
    loud = 2.2 if buzz else 1.0
    luck = draw()
    likes = int(loud * (0.9 / (1.0006 - luck) ** 0.9 - 0.9)) + int(reach * (0.008 + 0.03 * draw()))
    replies = int(likes * draw() * 0.3)
    if network in (Network.MASTODON, Network.BLUESKY):
        return Counts(likes, int(likes * (0.1 + 0.4 * draw())), replies, None)
    if network == Network.YOUTUBE:
        return Counts(likes, None, replies, None)
    if network == Network.LINKEDIN:
        return Counts(likes, int(likes * 0.1), replies, likes * (20 + int(30 * draw())) + int(draw() * 300))
    if network == Network.FORUM:
        return Counts(None, None, replies, int((15 + likes * 9) * (0.5 + draw())))
    if network == Network.REVIEW:
        return Counts(likes // 3, None, None, None)
    return Counts(None, None, replies if network == Network.BLOG else None, None)


_STARS = {"positive": (4.0, 5.0, 5.0, 5.0), "neutral": (2.0, 3.0, 3.0, 4.0), "negative": (1.0, 1.0, 2.0, 2.0)}


def row(
    space: DemoSpace, origin: str, native: str, said: Said, seen: Counts, *, handle: str | None, name: str | None, followers: int, draw: Draw, language: str,
    influencer: bool, in_reply_to: str | None, repost_of: str | None,
) -> Row:  # fmt: skip
    """Return the row of a post as this space would give it; its instant is filled in when it is heard."""
    network = space.network
    micro = network in (Network.MASTODON, Network.BLUESKY)
    stars = _STARS[said.tone][int(draw() * 4)] if network == Network.REVIEW else None
    claimed = language if micro and draw() < 0.9 else language if network == Network.PRESS else None  # noqa: PLR2004 -- most, not all, set their language
    picture = draw()
    media = (
        [f"https://{origin}/media/{int(picture * 1e9)}.jpg"] if picture < 0.04 and network != Network.REVIEW else None
    )  # noqa: PLR2004 -- one in twenty-five
    printed = network == Network.PRESS
    return Row(
        origin, native, network, origin if printed else space.title, _link(space, origin, native), said.title, said.text,
        None if printed else handle, None if printed else name, True if influencer else None, followers if micro or network == Network.LINKEDIN else None,
        claimed, None, 0, in_reply_to, repost_of, None, stars, media, *seen, None,
    )  # fmt: skip


def table(rows: Sequence[Row]) -> pa.Table:
    """Return rows as `tables.POSTS`."""
    columns = zip(*rows, strict=True)
    arrays = [_array(list(values), f) for values, f in zip(columns, POSTS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=POSTS)


def _array(values: list[object], column: pa.Field) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        return pa.array(values, pa.int64()).cast(column.type)
    return pa.array(values, column.type)
