"""Records of the AT Protocol to rows of posts, the same however a record was met.

The origin of every post is `bsky.app`, whichever server holds the repository: an AT-URI is unique in the whole network,
accounts move between servers, an answer lies on another server than its question, and relays, indexes and feeds do not
say which one. So one post is one post by repository, index, search, firehose and feed. The author is the DID, which
stays when the handle changes and is all that a firehose gives; the handle is the name shown.

Source: atproto.com/specs/record-key, github.com/bluesky-social/atproto lexicons app.bsky.feed.post, app.bsky.embed.*,
app.bsky.richtext.facet, read on 2026-11-25.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import libipld
import msgspec
import pyarrow as pa

from vigie.collect import columns
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Network

ORIGIN = "bsky.app"
"""Host whose addresses name every post of the network."""

POST, REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
"""Collections that are read."""

TEXT_MOST = 100_000
"""Characters of a post's text: longer is a book, and is cut (the lexicon allows 3,000 bytes)."""

MEDIA_MOST = 20
"""Links of media kept of a post (the lexicon allows 4 pictures; galleries hold more)."""


class Ref(msgspec.Struct):
    """A strong reference; of a quote with media, one within another."""

    uri: str = ""
    record: "Ref | None" = None


class _Blob(msgspec.Struct):
    ref: Any = None
    cid: str = ""


class _Image(msgspec.Struct):
    alt: str = ""
    image: _Blob | None = None


class _External(msgspec.Struct):
    uri: str = ""
    title: str = ""


class _Embed(msgspec.Struct):
    images: list[_Image] = []
    alt: str = ""
    video: _Blob | None = None
    external: _External | None = None
    record: Ref | None = None
    media: "_Embed | None" = None


class _Feature(msgspec.Struct):
    uri: str = ""


class _Facet(msgspec.Struct):
    features: list[_Feature] = []


class _Reply(msgspec.Struct):
    parent: Ref | None = None


class Plain(msgspec.Struct, rename="camel"):
    """What of a post must be readable; the rest may be strange."""

    text: str
    created_at: str = ""


class Post(Plain, rename="camel"):
    """A record of `app.bsky.feed.post`."""

    langs: list[str] = []
    reply: _Reply | None = None
    embed: _Embed | None = None
    facets: list[_Facet] = []
    tags: list[str] = []


class Repost(msgspec.Struct, rename="camel"):
    """A record of `app.bsky.feed.repost`."""

    subject: Ref
    created_at: str = ""


class Who(NamedTuple):
    """The author as an index gives it."""

    name: str | None = None
    verified: bool | None = None


class Tally(NamedTuple):
    """Counts as an index gives them."""

    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None


class Row(NamedTuple):
    """The columns that this network fills."""

    native_id: str
    url: str | None
    text: str
    author: str
    author_name: str | None = None
    author_verified: bool | None = None
    lang_claimed: str | None = None
    published_at: datetime | None = None
    in_reply_to: str | None = None
    repost_of: str | None = None
    quote_of: str | None = None
    media: Sequence[str] = ()
    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    deleted: bool | None = None
    engaging_with: str | None = None


NOBODY, UNCOUNTED = Who(), Tally()


def parts_of(uri: str) -> tuple[str, str, str] | None:
    """Return DID, collection and key of the AT-URI of a record; nothing for what is none."""
    pieces = uri.split("/")
    if len(pieces) != 5 or pieces[0] != "at:" or pieces[1] or not pieces[2].startswith("did:") or not pieces[4]:  # noqa: PLR2004 -- at: "" DID COLLECTION KEY
        return None
    return pieces[2], pieces[3], pieces[4]


def post_row(uri: str, did: str, key: str, post: Plain, who: Who = NOBODY, tally: Tally = UNCOUNTED) -> Row:
    """Return the row of a post."""
    text, name, verified = post.text, who.name, who.verified
    lang = answers = quotes = None
    media: list[str] = []
    if isinstance(post, Post):
        lang = post.langs[0] if post.langs else None
        answers = (post.reply.parent.uri or None) if post.reply and post.reply.parent else None
        if post.embed or post.facets or post.tags:
            quotes, media, more = _beside(post, did)
            text = "\n".join([text, *(piece for piece in more if piece not in text)]) if more else text
    return Row(
        uri, f"https://bsky.app/profile/{did}/post/{key}", text[:TEXT_MOST], did, name, verified, lang,
        instant(post.created_at), answers, None, quotes, media, *tally, None, _holder(answers or quotes),
    )  # fmt: skip


def repost_row(uri: str, did: str, repost: Repost, who: Who = NOBODY) -> Row:
    """Return the row of a repetition: it has no words of its own; those it repeats are the other post's."""
    subject = repost.subject.uri
    found = parts_of(subject)
    url = f"https://bsky.app/profile/{found[0]}/post/{found[2]}" if found else None
    return Row(
        uri, url, "", did, who.name, who.verified, published_at=instant(repost.created_at), repost_of=subject or None,
        engaging_with=_holder(subject),
    )  # fmt: skip


def gone_row(uri: str, did: str, key: str) -> Row:
    """Return the row that says that a post is no more."""
    return Row(uri, f"https://bsky.app/profile/{did}/post/{key}", "", did, deleted=True)


def _holder(uri: str | None) -> str | None:
    found = parts_of(uri) if uri else None
    return found[0] if found else None


def _beside(post: Post, did: str) -> tuple[str | None, list[str], list[str]]:
    """Return what is quoted, the media, and the words and links that stand beside the text."""
    media: list[str] = []
    more: list[str] = []
    quotes = None
    if post.embed is not None:
        record = post.embed.record
        if record is not None:
            quoted = (record.record.uri if record.record else record.uri) or ""
            quotes = quoted if f"/{POST}/" in quoted else None
        for embed in (post.embed, post.embed.media):
            if embed is not None:
                _media(embed, did, media, more)
    # The text shows a link cut short; the facet has it whole.
    more += [feature.uri for facet in post.facets for feature in facet.features if feature.uri]
    more += [f"#{tag}" for tag in post.tags]
    return quotes, media[:MEDIA_MOST], list(dict.fromkeys(more))


def _media(embed: _Embed, did: str, media: list[str], more: list[str]) -> None:
    for image in embed.images:
        if name := _cid(image.image):
            media.append(f"https://cdn.bsky.app/img/feed_fullsize/plain/{did}/{name}@jpeg")
        if image.alt:
            more.append(image.alt)
    if name := _cid(embed.video):
        media.append(f"https://video.bsky.app/watch/{did}/{name}/playlist.m3u8")
    if embed.alt:
        more.append(embed.alt)
    if embed.external is not None:
        more += [piece for piece in (embed.external.title, embed.external.uri) if piece]


def _cid(blob: _Blob | None) -> str:
    """Return the name of a blob: `{"$link": …}` in JSON, bytes in DAG-CBOR, bare in old records."""
    if blob is None:
        return ""
    if isinstance(blob.ref, Mapping):
        return str(blob.ref.get("$link") or "")
    if isinstance(blob.ref, bytes):
        try:
            return str(libipld.encode_cid(blob.ref))
        except ValueError:
            return ""
    return blob.cid


def instant(text: str) -> datetime | None:
    """Read a time; one that is none, or that no calendar holds in UTC, is absent."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Return rows as a table of posts, column by column."""
    if not rows:
        return POSTS.empty_table()
    given = dict(zip(Row._fields, zip(*rows, strict=True), strict=True))
    return columns.table_of({"origin": ORIGIN, "network": Network.BLUESKY.value, **given})
