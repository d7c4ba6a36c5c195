"""What the index of the network (the AppView) knows beside feeds: counts, accounts, threads.

Source: lexicons app.bsky.feed.getPosts, app.bsky.actor.getProfile, app.bsky.feed.getPostThread, read on 2026-11-25.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from vigie.collect.source import Account, Counts, Fetch, Page
from vigie.platforms.bluesky.client import answer_of, asked, xrpc
from vigie.platforms.bluesky.parse import Count
from vigie.schema.vocab import Network

POSTS_A_CALL = 25
"""Posts of one call for counts (lexicon app.bsky.feed.getPosts, `uris` has at most 25)."""

DEPTH = 1_000
"""Answers below, and posts above, that a thread is asked for (lexicon app.bsky.feed.getPostThread, the most)."""


class _Counted(msgspec.Struct, rename="camel"):
    uri: str
    like_count: Count | None = None
    repost_count: Count | None = None
    reply_count: Count | None = None


class _Posts(msgspec.Struct):
    posts: list[_Counted]


class _Profile(msgspec.Struct, rename="camel"):
    did: str
    handle: str = ""
    display_name: str = ""
    followers_count: Count | None = None
    follows_count: Count | None = None
    posts_count: Count | None = None


def counts(appview: str, uris: Sequence[str], fetch: Fetch) -> Mapping[str, Counts]:
    """Return the counts of posts; a post that the index leaves out of its answer is no more."""
    found: dict[str, Counts] = {}
    for start in range(0, len(uris), POSTS_A_CALL):
        wanted = uris[start : start + POSTS_A_CALL]
        answer = asked(fetch, xrpc(appview, "app.bsky.feed.getPosts", {"uris": list(wanted)}))
        found |= dict.fromkeys(wanted, Counts(gone=True))
        for post in answer_of(answer.body, _Posts).posts:
            if post.uri in found:
                found[post.uri] = Counts(post.like_count, post.repost_count, post.reply_count)
    return found


def account(appview: str, actor: str, fetch: Fetch) -> Account:
    """Return an account with its counts."""
    answer = asked(fetch, xrpc(appview, "app.bsky.actor.getProfile", {"actor": actor}))
    profile = answer_of(answer.body, _Profile)
    return Account(
        f"https://bsky.app/profile/{profile.did}", profile.display_name or profile.handle or profile.did,
        Network.BLUESKY.value, profile.followers_count, profile.follows_count, profile.posts_count,
    )  # fmt: skip


def thread(appview: str, uri: str, fetch: Fetch, now: datetime) -> Page:
    """Return what a post answers, and its answers."""
    query = {"uri": uri, "depth": DEPTH, "parentHeight": DEPTH}
    answer = asked(fetch, xrpc(appview, "app.bsky.feed.getPostThread", query))
    return Page(answer.url, answer.body, answer.headers.get("content-type", ""), "thread", now, "")
