"""What a query can test besides words: names, forms of values, and what is refused by name."""

import re
from dataclasses import dataclass
from functools import cache

from babel.core import get_global

from vigie.match.faults import QueryError, Span
from vigie.schema.vocab import Network, Ownership

ANY_VALUE = re.compile(r".+", re.DOTALL)
NAME = re.compile(r"[\w-]+")
"""Short names of spaces and lists: letters, digits, hyphens."""

HOST = re.compile(r"[\w-]+(\.[\w-]+)*")
HANDLE = re.compile(r"@?[^\s*?@\ud800-\udfff]+(@[\w.-]+)?")
"""A name on a network, with or without its server; it is compared as a keyed hash, so it takes no wildcard."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field is read."""

    name: str
    """As it is written in the normal form."""
    kind: str
    """`zone`, `word`, `said`, `range`, `label`, or `nothing`: posts have no data for it."""
    example: str
    form: re.Pattern[str] = ANY_VALUE
    values: tuple[tuple[str, str], ...] = ()
    """What may be written, in small letters, and what it is; anything of the form when empty."""
    limits: tuple[float, float] = (float("-inf"), float("inf"))


def _same(*values: str) -> tuple[tuple[str, str], ...]:
    return tuple((value, value) for value in values)


TRUTH = _same("true", "false")

RULES = (
    Rule("title", "zone", "title:rappel"),
    Rule("url", "zone", 'url:"exemple.fr/sante"'),
    Rule("links", "zone", "links:ansm.sante.fr"),
    Rule("hashtags", "word", "hashtags:migraine"),
    Rule("at_mentions", "word", "at_mentions:ansm"),
    Rule("author", "said", "author:ansm", HANDLE),
    Rule("site", "said", "site:doctissimo.fr", HOST),
    Rule("network", "said", "network:forum", values=_same(*Network)),
    Rule("language", "said", "language:fr", re.compile(r"[a-z]{2,3}")),
    Rule("country", "said", "country:fr", re.compile(r"[a-z]{2,3}")),
    Rule("space", "said", "space:forum-sante", NAME),
    Rule("spacekind", "said", "spacekind:owned", values=_same(*Ownership)),
    Rule("list", "said", "list:associations", NAME),
    Rule("engagementType", "said", "engagementType:reply", values=(
        *_same("reply", "repost", "quote"), ("comment", "reply"), ("retweet", "repost"), ("share", "repost"),
    )),
    Rule("engagingWith", "said", "engagingWith:ansm", HANDLE),
    Rule("authorVerified", "said", "authorVerified:true", values=TRUTH),
    Rule("topLevelDomain", "said", "topLevelDomain:fr", re.compile(r"\.?[\w-]+")),
    Rule("authorFollowers", "range", "authorFollowers:[500 TO 100000]", limits=(0, float("inf"))),
    Rule("rating", "range", "rating:[1 TO 2]", limits=(0, 5)),
    Rule("minuteOfDay", "range", "minuteOfDay:[1110 TO 1140]", limits=(0, 1439)),
    Rule("latitude", "nothing-range", "latitude:[48 TO 49]", limits=(-90, 90)),
    Rule("longitude", "nothing-range", "longitude:[2 TO 3]", limits=(-180, 180)),
    Rule("continent", "nothing", "continent:europe"),
    Rule("region", "nothing", "region:fra.75"),
    Rule("city", "nothing", 'city:"fra.75.paris"'),
    Rule("authorGender", "nothing", "authorGender:F", values=_same("f", "m")),
    Rule("authorVerifiedType", "nothing", "authorVerifiedType:blue", values=_same("blue", "business", "government")),
    Rule("imageType", "nothing", "imageType:image", values=_same("image")),
    Rule("publisherSubType", "nothing", "publisherSubType:IMAGE", values=_same("image", "video")),
    Rule("sensitiveContent", "nothing", "sensitiveContent:true", values=TRUTH),
    Rule("redditSpoiler", "nothing", "redditSpoiler:true", values=TRUTH),
    Rule("subredditNSFW", "nothing", "subredditNSFW:true", values=TRUTH),
    *(Rule(name, "nothing", f"{name}:exemple") for name in (
        "channelId", "blogName", "parentBlogName", "rootBlogName", "parentPostId", "rootPostId", "tags", "brandIds",
        "objects", "engagingWithGuid", "guid", "itemReview", "pubType", "publication", "redditAuthorFlair",
        "redditPostFlair", "subreddit", "subredditTopics", "weblogTitle", "taggedUsers", "authorId", "pageId",
    )),
    *(Rule(name, "label", f"{name}:exemple") for name in (
        "drug", "reaction", "tone", "who", "intent", "category", "story", "safety",
    )),
)  # fmt: skip
"""Every field by name. Those without data are fields of Brandwatch's list (its help page “Query Operators”), read so that
a query copied from there keeps its meaning: a test of what no source says does not hold."""

FIELDS = {rule.name.lower(): rule for rule in RULES}

SHOWN = ", ".join(f"{rule.name}:" for rule in RULES if rule.kind in ("zone", "word", "said", "range"))
"""The fields that an error lists."""

HOLDS_NOTHING = frozenset(rule.name for rule in RULES if rule.kind.startswith("nothing"))

_RANGE = re.compile(r"\[\s*(\S+)\s+TO\s+(\S+)\s*\]")


def value_of(rule: Rule, value: str, at: Span) -> str:
    """Return a field's value as it is compared.

    Raises:
        QueryError: it is missing or has not the field's form.
    """
    small = value.strip().lower()
    if not small:
        raise QueryError("query.field_value", at, field=rule.name, example=rule.example)
    if rule.form is HANDLE and re.search(r"[*?]", small):
        raise QueryError("query.author_star", at, field=rule.name)
    if rule.values:
        known = dict(rule.values).get(small)
        if known is None:
            shown = ", ".join(name for name, _ in rule.values)
            raise QueryError("query.one_of", at, field=rule.name, value=value, values=shown)
        return known
    if not rule.form.fullmatch(small):
        code = "query.language_value" if rule.name == "language" else "query.field_form"
        raise QueryError(code, at, field=rule.name, value=value, example=rule.example)
    return _settled(rule.name, small, at)


def _settled(name: str, value: str, at: Span) -> str:
    if name in ("author", "engagingWith"):
        return value.removeprefix("@")
    if name == "site":
        return value.removeprefix("www.")
    if name == "topLevelDomain":
        return value.removeprefix(".")
    if name == "country":
        return country_of(value, at)
    return value


def country_of(value: str, at: Span) -> str:
    """Return the two letters of a country; three are taken too (ISO 3166-1)."""
    if len(value) == 2:  # noqa: PLR2004 -- ISO 3166-1 alpha-2
        return value
    known = _three_letters().get(value)
    if known is None:
        raise QueryError("query.field_form", at, field="country", value=value, example="country:fr")
    return known


@cache
def _three_letters() -> dict[str, str]:
    aliases = get_global("territory_aliases").items()
    return {code.lower(): to[0].lower() for code, to in aliases if len(code) == 3 and code.isalpha() and len(to) == 1}  # noqa: PLR2004 -- ISO 3166-1 alpha-3


def bounds_of(rule: Rule, value: str, at: Span) -> tuple[float | None, float | None]:
    """Return the bounds of `[a TO b]`, or of one number twice; `*` is none.

    Raises:
        QueryError: they are no numbers, beyond what the field can be, or the wrong way round.
    """
    found = _RANGE.fullmatch(value.strip())
    low, high = (_number(rule, text, at) for text in (found.groups() if found else (value, value)))
    if low is not None and high is not None and low > high:
        raise QueryError("query.range_backwards", at, low=f"{low:g}", high=f"{high:g}", field=rule.name)
    if low is None and high is None:
        raise QueryError("query.range", at, field=rule.name, example=rule.example)
    return low, high


def _number(rule: Rule, text: str, at: Span) -> float | None:
    if text == "*":
        return None
    try:
        number = float(text)
    except ValueError:
        raise QueryError("query.range", at, field=rule.name, example=rule.example) from None
    least, most = rule.limits
    if not least <= number <= most:
        raise QueryError("query.range_limits", at, field=rule.name, low=f"{least:g}", high=f"{most:g}")
    return number
