"""PeerTube's videos and comments to posts, purely.

Source: docs.joinpeertube.org/api-rest-reference.html (models Video, VideoDetails, VideoComment, VideoCommentThreadTree),
read 2026-11-25.

Lists cut a description at 250 characters: such a video is left to the page of its own that `walk` asks for. A comment
does not name its video, so the video's address stands behind the `#` of its page's.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec

from vigie.collect.columns import (
    TEXT_MOST,
    UNREADABLE,
    clean,
    count,
    counts,
    given,
    instants,
    links,
    origins,
    posts_of,
    read,
    said,
    unmarked,
)
from vigie.collect.source import Counts, Page, Parsed, Skipped
from vigie.errors import SkippableError
from vigie.schema.vocab import Network
from vigie.text.html import text_of

CUT_FROM = 200
"""Characters from which a description that ends with dots was cut: at 250, back to the end of a word."""


class _Actor(msgspec.Struct, rename="camel", gc=False):
    name: str = ""
    display_name: str = ""
    host: str = ""
    followers_count: int | None = None


class _Language(msgspec.Struct, gc=False):
    id: str | None = None


class Video(msgspec.Struct, rename="camel", gc=False):
    """A video, in a list or by itself."""

    uuid: str
    url: str = ""
    name: str = ""
    description: str | None = None
    truncated_description: str | None = None
    published_at: str | None = None
    updated_at: str | None = None
    language: _Language | None = None
    thumbnail_path: str | None = None
    thumbnail_url: str | None = None
    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    account: _Actor = msgspec.field(default_factory=_Actor)

    @property
    def text(self) -> str:
        """Return the description, cut or not."""
        return self.description or self.truncated_description or ""

    @property
    def is_cut(self) -> bool:
        """Say whether the description is the beginning of a longer one."""
        return len(self.text) >= CUT_FROM and self.text.endswith(("...", "…"))


class _Comment(msgspec.Struct, rename="camel", gc=False):
    id: int
    url: str = ""
    text: str | None = None
    in_reply_to_comment_id: int | None = None
    created_at: str | None = None
    is_deleted: bool = False
    total_replies: int | None = None
    account: _Actor | None = None


class _List(msgspec.Struct):
    data: list[msgspec.Raw]


class _Videos(msgspec.Struct):
    data: list[Video]


class _Comments(msgspec.Struct):
    data: list[_Comment]


class _Tree(msgspec.Struct):
    comment: msgspec.Raw
    children: "list[_Tree]" = []


_NOBODY = _Actor()
_LIST, _TREE = msgspec.json.Decoder(_List), msgspec.json.Decoder(_Tree)
_VIDEOS, _VIDEO = msgspec.json.Decoder(_Videos), msgspec.json.Decoder(Video)
_COMMENTS, _COMMENT = msgspec.json.Decoder(_Comments), msgspec.json.Decoder(_Comment)


def parse(page: Page) -> Parsed:
    """Turn a page into posts.

    Raises:
        SkippableError: it is none of a server's answers.
    """
    url, _, video = page.url.partition("#")
    try:
        if page.part in ("threads", "thread"):
            comments = _comments(page)
            return _parsed(comments, _comment_columns(given(comments), video or url))
        videos = _videos(page)
    except UNREADABLE as exc:
        raise SkippableError("The server's answer holds neither videos nor comments.", code="peertube.answer") from exc
    # A list cuts descriptions: such a video is left to its own page.
    whole = [item for item in given(videos) if page.part != "videos" or not item.is_cut]
    return _parsed(videos, _video_columns(whole, url))


def _parsed(items: Sequence[Video | _Comment | None], columns: dict[str, Any]) -> Parsed:
    table, repeated = posts_of(columns)
    skipped = [
        Skipped(f"item {number}", "peertube.item", "The item can't be read.")
        for number, item in enumerate(items, start=1)
        if item is None
    ]
    return Parsed(table, tuple(skipped), repeated)


def _videos(page: Page) -> Sequence[Video | None]:
    body = unmarked(page.body)
    if page.part == "video":
        return [read(_VIDEO, body)]
    whole = read(_VIDEOS, body)
    return whole.data if whole is not None else [read(_VIDEO, raw) for raw in _LIST.decode(body).data]


def _comments(page: Page) -> Sequence[_Comment | None]:
    body = unmarked(page.body)
    if page.part == "thread":
        return [read(_COMMENT, raw) for raw in _of_tree(_TREE.decode(body))]
    whole = read(_COMMENTS, body)
    return whole.data if whole is not None else [read(_COMMENT, raw) for raw in _LIST.decode(body).data]


def _of_tree(root: _Tree) -> Iterator[msgspec.Raw]:
    """Give the comments of a tree as deep as people argue, without recursion of ours."""
    open_ones = [root]
    while open_ones:
        tree = open_ones.pop()
        yield tree.comment
        open_ones += reversed(tree.children)


def _video_columns(videos: list[Video], url: str) -> dict[str, Any]:
    base = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    pictures = [clean(v.thumbnail_url) or _joined(base, clean(v.thumbnail_path)) for v in videos]
    return {
        **_common([address_of(video, base) for video in videos], [video.account for video in videos]),
        "published_at": instants([video.published_at for video in videos]),
        "title": said([video.name for video in videos]),
        "text": [clean(text_of(video.text))[:TEXT_MOST] for video in videos],
        "lang_claimed": [clean(v.language.id if v.language else "")[:35] or None for v in videos],
        "media": [links([picture]) for picture in pictures], "likes": counts([video.likes for video in videos]),
        "replies": counts([video.comments for video in videos]), "views": counts([video.views for video in videos]),
    }  # fmt: skip


def address_of(video: Video, base: str) -> str:
    """Return the ActivityPub address of a video."""
    host = video.account.host
    home = f"{urlsplit(base).scheme}://{host}" if host and "/" not in host else base
    return clean(video.url) or f"{home}/videos/watch/{clean(video.uuid)}"


def _comment_columns(comments: list[_Comment], video: str) -> dict[str, Any]:
    known = {comment.id: comment for comment in comments}
    parents = [known.get(comment.in_reply_to_comment_id or -1) for comment in comments]
    addresses = [_address(comment, video) for comment in comments]
    return {
        **_common(addresses, [comment.account or _NOBODY for comment in comments]),
        "published_at": instants([comment.created_at for comment in comments]),
        "text": [clean(text_of(comment.text or ""))[:TEXT_MOST] for comment in comments],
        "in_reply_to": [_answered(*pair, video) for pair in zip(comments, parents, strict=True)],
        "engaging_with": [_handle(parent.account) if parent and parent.account else None for parent in parents],
        "media": [()] * len(comments), "replies": counts([comment.total_replies for comment in comments]),
        "deleted": [True if comment.is_deleted else None for comment in comments],
    }  # fmt: skip


def _answered(comment: _Comment, parent: _Comment | None, video: str) -> str:
    if parent is not None:
        return _address(parent, video)
    number = comment.in_reply_to_comment_id
    return video if number is None else f"{video}/comments/{number}"


def _address(comment: _Comment, video: str) -> str:
    return clean(comment.url) or f"{video}/comments/{comment.id}"


def _common(addresses: list[str], actors: list[_Actor]) -> dict[str, Any]:
    return {
        "origin": origins([address if "://" in address else "" for address in addresses], "peertube"),
        "native_id": addresses, "network": Network.PEERTUBE.value, "url": addresses,
        "author": [_handle(by) for by in actors], "author_name": said([by.display_name for by in actors]),
        "followers": counts([by.followers_count for by in actors]),
    }  # fmt: skip


def _handle(by: _Actor) -> str | None:
    name, host = clean(by.name), clean(by.host)
    return f"{name}@{host}" if name and host else name or None


def _joined(base: str, path: str) -> str:
    try:
        return urljoin(f"{base}/", path) if path else ""
    except ValueError:
        return ""


class _Either(msgspec.Struct):
    data: list[msgspec.Raw] | None = None
    uuid: str | None = None


def videos_of(body: bytes) -> list[Video] | None:
    """Return the videos of a list, or the one of its own page; `None` when the answer is neither."""
    try:
        either = msgspec.json.decode(body, type=_Either)
        if either.data is None:
            return [_VIDEO.decode(body)] if either.uuid else None
    except UNREADABLE:
        return None
    return given(read(_VIDEO, raw) for raw in either.data)


class _Head(msgspec.Struct, rename="camel"):
    id: int
    total_replies: int | None = None


class _Heads(msgspec.Struct):
    data: list[_Head]


def answered_of(body: bytes) -> tuple[int, list[int]] | None:
    """Return how many comments a page of them holds, and those that have answers; `None` when it is no such page."""
    try:
        heads = msgspec.json.decode(body, type=_Heads).data
    except UNREADABLE:
        return None
    return len(heads), [head.id for head in heads if head.total_replies]


def counts_of(body: bytes) -> Counts | None:
    """Return the counts of one video; `None` when the answer is none."""
    videos = videos_of(body)
    if not videos:
        return None
    return Counts(likes=count(videos[0].likes), replies=count(videos[0].comments), views=count(videos[0].views))
