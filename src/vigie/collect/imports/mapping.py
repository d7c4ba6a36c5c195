"""Which column of a file is which of ours; known for the exports of other tools, chosen by a person for others."""

import tomllib
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vigie.errors import SchemaError

FIELDS = (
    "id", "text", "title", "url", "network", "site", "origin", "author", "author_name", "author_verified", "lang", "country",
    "published_at", "followers", "in_reply_to", "repost_of", "quote_of", "rating", "media", "likes", "reposts",
    "replies", "views", "deleted",
)  # fmt: skip
"""What a post may have, as files name it (DESIGN §4)."""

DATE_ORDERS = ("dmy", "mdy", "ymd")
"""Orders of day, month and year in dates such as 03/04/2026."""

_EXT, _SRC = "article_extended_attributes.", "source_extended_attributes."
_WORLD = "world_data.country_code"

DIALECTS: MappingOf[str, MappingOf[str, Sequence[str]]] = {
    "vigie": {name: (name,) for name in FIELDS},
    "talkwalker": {
        "text": ("content", "content_snippet"),
        "title": ("title", "title_snippet"),
        "url": ("url",),
        "published_at": ("published", "search_indexed", "indexed"),
        "lang": ("lang",),
        "site": ("domain_url", "host_url", "root_url", "extra_source_attributes.name"),
        "in_reply_to": ("parent_url",),
        "media": ("images.url", "videos.url", "images", "videos"),
        "network": ("source_type", "post_type"),
        "author": ("extra_author_attributes.short_name", "extra_author_attributes.name"),
        "author_name": ("extra_author_attributes.name",),
        "country": (f"extra_article_attributes.{_WORLD}", f"extra_author_attributes.{_WORLD}", f"extra_source_attributes.{_WORLD}"),
        "likes": (f"{_EXT}twitter_likes", f"{_EXT}facebook_likes", f"{_EXT}instagram_likes", f"{_EXT}youtube_likes"),
        "reposts": (f"{_EXT}twitter_retweets", f"{_EXT}twitter_shares", f"{_EXT}facebook_shares", f"{_EXT}linkedin_shares"),
        "replies": (f"{_EXT}num_comments",),
        "views": (f"{_EXT}youtube_views", f"{_EXT}url_views"),
        "followers": (f"{_SRC}twitter_followers", f"{_SRC}facebook_followers", f"{_SRC}instagram_followers", f"{_SRC}pinterest_followers"),
    },
    "meltwater": {
        "id": ("Tweet Id",),
        "text": ("Hit Sentence", "Opening Text"),
        "title": ("Headline",),
        "url": ("URL",),
        "published_at": ("Date", "Alternate Date Format"),
        "site": ("Source",),
        "network": ("Source",),
        "author": ("Twitter Screen Name", "Influencer"),
        "lang": ("Language",),
        "country": ("Country",),
        "followers": ("Twitter Followers",),
        "views": ("Views", "Estimated Views"),
    },
    "brandwatch": {
        "text": ("Full Text", "fullText", "Snippet"),
        "title": ("Title", "title"),
        "url": ("Url", "url", "Expanded URLs"),
        "published_at": ("Date", "date"),
        "author": ("Author", "author"),
        "site": ("Domain", "domain"),
        "network": ("Page Type", "pageType", "Content Source Name", "Content Source", "contentSource", "Domain", "domain"),
        "lang": ("Language", "language"),
        "country": ("Country Code", "countryCode", "Country", "country"),
        "followers": ("X Followers", "Twitter Followers", "twitterFollowers", "Instagram Followers", "instagramFollowers"),
        "likes": ("X Likes", "Twitter Likes", "Facebook Likes", "facebookLikes", "Instagram Likes", "instagramLikes", "Likes", "likes"),
        "reposts": ("X Reposts", "Twitter Retweets", "twitterRetweets", "Facebook Shares", "facebookShares", "Shares", "shares"),
        "replies": ("X Replies", "Twitter Reply Count", "twitterReplyCount", "Facebook Comments", "facebookComments", "Comments", "comments"),
        "rating": ("Rating", "rating"),
        "media": ("Media URLs", "mediaUrls"),
    },
}  # fmt: skip
"""Columns of each tool's exports, first that holds something wins (headers as their exports were seen to have)."""

MARKS: MappingOf[str, frozenset[str]] = {
    "talkwalker": frozenset(
        {"title_snippet", "content_snippet", "root_url", "domain_url", "search_indexed", "matched_profile"}
    ),
    "meltwater": frozenset(
        {
            "Hit Sentence",
            "Opening Text",
            "Headline",
            "Influencer",
            "AVE",
            "Input Name",
            "Key Phrases",
            "Document Tags",
            "Desktop Reach",
        }
    ),
    "brandwatch": frozenset(
        {
            "Full Text",
            "fullText",
            "Thread Id",
            "Thread Author",
            "threadId",
            "threadAuthor",
            "Query Name",
            "queryName",
            "Expanded URLs",
            "expandedUrls",
            "Page Type",
            "pageType",
            "accountType",
            "authorCity",
            "Query Id",
            "queryId",
        }
    ),
    "vigie": frozenset({"id", "text"}),
}
"""Columns by which a tool's export is known."""

FEWEST_MARKS = 2
"""Marks that must be there: one alone (“Headline”) stands in many files."""

LIKELY: MappingOf[str, Sequence[str]] = {
    "id": ("id", "post_id", "message_id", "status_id", "identifiant"),
    "text": ("text", "texte", "content", "contenu", "full text", "fulltext", "message", "body", "comment", "commentaire", "sentence", "sentences", "review", "avis"),
    "title": ("title", "titre", "subject", "objet", "headline"),
    "url": ("url", "link", "lien", "permalink"),
    "author": ("author", "auteur", "user", "username", "pseudo", "screen_name"),
    "published_at": ("published_at", "date", "published", "created_at", "timestamp", "datetime", "date_publication"),
    "lang": ("lang", "language", "langue"),
    "network": ("network", "source_type", "platform", "reseau"),
    "site": ("site", "domain", "source"),
    "likes": ("likes", "favorites", "like_count", "favourites_count"),
    "reposts": ("reposts", "shares", "retweets", "partages"),
    "replies": ("replies", "comments", "num_comments", "reponses"),
    "views": ("views", "vues", "impressions"),
    "rating": ("rating", "stars", "note", "score"),
}  # fmt: skip
"""Names, in lower case, that likely mean a field: what a page proposes for columns of no known tool."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a file is read."""

    columns: MappingOf[str, tuple[str, ...]]
    """Our field to their columns, the first that holds something wins."""
    constants: MappingOf[str, str] = field(default_factory=dict)
    """Values for all rows, such as `network = "forum"`."""
    date_order: str = "dmy"
    time_zone: str = "UTC"
    """Of dates that name none."""

    def to_json(self) -> dict[str, Any]:
        """Return the mapping as plain values."""
        return {
            "columns": {name: list(columns) for name, columns in self.columns.items()},
            "constants": dict(self.constants),
            "date_order": self.date_order,
            "time_zone": self.time_zone,
        }

    @classmethod
    def from_json(cls, values: MappingOf[str, Any]) -> "Mapping":
        """Read a mapping.

        Raises:
            SchemaError: it names a field that posts do not have, or a date order that is none.
        """
        columns = {name: (c,) if isinstance(c, str) else tuple(c) for name, c in values.get("columns", {}).items()}
        constants = dict(values.get("constants", {}))
        unknown = next((name for name in (*columns, *constants) if name not in FIELDS), None)
        if unknown is not None:
            raise SchemaError(
                f"“{unknown}” is not a field of a post; the fields are {', '.join(FIELDS)}.",
                code="import.field",
                facts={"name": unknown},
            )
        order = values.get("date_order", "dmy")
        if order not in DATE_ORDERS:
            raise SchemaError(
                f"“{order}” is not an order of dates; use dmy, mdy or ymd.",
                code="import.date_order",
                facts={"name": str(order)},
            )
        return cls(columns, constants, order, values.get("time_zone", "UTC"))

    @classmethod
    def from_toml(cls, path: Path) -> "Mapping":
        """Read a mapping from a TOML file with the same keys.

        Raises:
            SchemaError: the file is not TOML, or `from_json` refuses it.
        """
        try:
            return cls.from_json(tomllib.loads(path.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
            raise SchemaError(
                f"{path.name} is not a TOML file: {exc}.", code="import.map", facts={"name": path.name}
            ) from exc


def dialect_of(header: Sequence[str]) -> str | None:
    """Return the tool whose export has this header; `None` when it is none we know."""
    names = set(header)
    scores = {tool: len(marks & names) for tool, marks in MARKS.items()}
    best = max(scores, key=lambda tool: scores[tool])
    return best if scores[best] >= FEWEST_MARKS else None


def suggest(header: Sequence[str]) -> Mapping:
    """Propose a mapping: a known tool's, else by likely names; a field without a likely column is left out."""
    tool = dialect_of(header)
    known = _known(header, DIALECTS[tool]) if tool else {}
    # Two of our own names stand in many a file: what it calls otherwise is known by likely names.
    likely = _likely(header) if tool in (None, "vigie") else {}
    return Mapping({**likely, **known})


def _known(header: Sequence[str], wanted: MappingOf[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    found = {name: tuple(c for c in columns if c in header) for name, columns in wanted.items()}
    return {name: columns for name, columns in found.items() if columns}


def _likely(header: Sequence[str]) -> dict[str, tuple[str, ...]]:
    lowered = {name.strip().lower(): name for name in header}
    found = {name: tuple(lowered[w] for w in words if w in lowered)[:1] for name, words in LIKELY.items()}
    return {name: columns for name, columns in found.items() if columns}
