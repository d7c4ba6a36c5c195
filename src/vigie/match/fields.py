"""What a query can test besides words: names, forms of values, and what is refused by name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from babel.core import Locale, get_global

from vigie.match.faults import QueryError, Span
from vigie.schema.vocab import Intent, Network, Ownership, Speaker, Tone
from vigie.text import words

ANY_VALUE = re.compile(r".+", re.DOTALL)
NAME = re.compile(r"[\w-]+")
"""Short names of spaces and lists: letters, digits, hyphens."""

HOST = re.compile(r"[\w-]+(\.[\w-]+)*")
HANDLE = re.compile(r"@?[^\s*?@\ud800-\udfff]+(@[\w.-]+)?")
"""A name on a network, with or without its server; it is compared as a keyed hash, so it takes no wildcard."""

REGION = re.compile(r"([a-z]{3})\.[^\s.*?][^.*?]*")
"""A country in three letters and a region of it (Brandwatch's page “Query Operators”)."""

CITY = re.compile(r"([a-z]{3})\.[^\s.*?][^.*?]*\.[^\s.*?][^*?]*")
"""The same, and a city of that region."""

NUMBER = re.compile(r"[0-9]+")
POST = re.compile(r"[0-9]+(_[0-9]+)?")
"""Number of a post; Facebook's is that of the page, then that of the post (the same page)."""

KEY = re.compile(r"[a-z0-9_-]+")
"""Number or short key: posts of Reddit and channels of YouTube have letters in theirs."""

SOMETHING = re.compile(r"[^*?]*\w[^*?]*", re.DOTALL)
"""A name with a letter or digit at least; its signs stand for themselves, so that a wildcard would never be one."""

CONTINENTS = ("africa", "antarctica", "asia", "europe", "north america", "oceania", "south america")
"""The seven of the usual count, as Brandwatch names them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field is read."""

    name: str
    """As it is written in the normal form."""
    kind: str
    """`zone`, `word`, `said`, `range`, `label`, `later` (refused), or `nothing`: posts have no data for it."""
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
    Rule("continent", "nothing", "continent:europe", values=_same(*CONTINENTS)),
    Rule("region", "nothing", "region:fra.75", REGION),
    Rule("city", "nothing", 'city:"fra.75.paris"', CITY),
    Rule("authorGender", "nothing", "authorGender:F", values=_same("f", "m")),
    Rule("authorVerifiedType", "nothing", "authorVerifiedType:blue", values=_same("blue", "business", "government")),
    Rule("imageType", "nothing", "imageType:image", values=_same("image")),
    Rule("publisherSubType", "nothing", "publisherSubType:IMAGE", values=_same("image", "video")),
    Rule("sensitiveContent", "nothing", "sensitiveContent:true", values=TRUTH),
    Rule("redditSpoiler", "nothing", "redditSpoiler:true", values=TRUTH),
    Rule("subredditNSFW", "nothing", "subredditNSFW:true", values=TRUTH),
    *(Rule(name, "nothing", f"{name}:12", NUMBER) for name in ("brandIds", "objects", "authorId", "pageId")),
    *(Rule(name, "nothing", f"{name}:857284431631011841", POST) for name in ("guid", "engagingWithGuid")),
    *(Rule(name, "nothing", f"{name}:129596930020", KEY) for name in ("channelId", "parentPostId", "rootPostId")),
    *(Rule(name, "nothing", f"{name}:exemple", SOMETHING) for name in (
        "blogName", "parentBlogName", "rootBlogName", "tags", "itemReview", "pubType", "publication",
        "redditAuthorFlair", "redditPostFlair", "subreddit", "subredditTopics", "weblogTitle", "taggedUsers",
    )),
    Rule("drug", "label", "drug:paracetamol", SOMETHING),
    Rule("reaction", "label", 'reaction:"mal de tête"', SOMETHING),
    Rule("condition", "label", "condition:asthme", SOMETHING),
    Rule("device", "label", "device:inhalateur", SOMETHING),
    Rule("tone", "label", "tone:negative", values=_same(*Tone)),
    Rule("who", "label", "who:patient", values=_same(*Speaker)),
    Rule("intent", "label", "intent:question", values=_same(*Intent)),
    Rule("category", "label", 'category:"effets ressentis"', SOMETHING),
    Rule("story", "label", "story:12", NUMBER),
    Rule("safety", "later", "safety:exemple"),
)  # fmt: skip
"""Every field by name. Those without data are fields of Brandwatch's list (its help page “Query Operators”), read so that
a query copied from there keeps its meaning: a test of what no source says does not hold."""

FIELDS = {rule.name.lower(): rule for rule in RULES}

SHOWN = tuple(rule.name for rule in RULES if rule.kind in ("zone", "word", "said", "range", "label"))
"""The fields that an error lists."""

NEAR = 0.6
"""Likeness from which a name may be what was meant (`difflib`): `auteur` and `author` have 0.67."""


LONGEST_NAME = 40
"""Characters of a name that are compared: no field's is so long."""


def nearest_to(name: str) -> str:
    """Return the fields as an error lists them, those first that a name may have meant."""
    like = get_close_matches(name[:LONGEST_NAME].lower(), [one.lower() for one in SHOWN], 3, NEAR)
    near = [FIELDS[one].name for one in like]
    return ", ".join(f"{one}:" for one in dict.fromkeys([*near, *SHOWN]))


HOLDS_NOTHING = frozenset(rule.name for rule in RULES if rule.kind.startswith("nothing"))

NAMED = frozenset({"drug", "reaction", "condition", "device", "category"})
"""Labels that are asked for by a name in free words."""

UNKNOWN = {"language": "query.language_value", "country": "query.country_value"}
"""What a value is refused for, where more can be said than that it has not the form."""

NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "ZZ", "XA", "XB"})
"""Codes of groups of countries, and of none (Unicode CLDR)."""

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
    settled = _settled(rule.name, small) if rule.form.fullmatch(small) else None
    if settled is None:
        code = UNKNOWN.get(rule.name, "query.field_form")
        raise QueryError(code, at, field=rule.name, value=value, example=rule.example)
    return settled


def _settled(name: str, value: str) -> str | None:
    """Return a value of the field's form as it is compared; nothing when there is no such country or language."""
    if name in ("author", "engagingWith"):
        return value.removeprefix("@")
    if name == "site":
        return value.removeprefix("www.")
    if name == "topLevelDomain":
        return value.removeprefix(".")
    if name == "country":
        return country_of(value)
    if name == "language":
        return language_of(value)
    if name in NAMED:
        return label_form(value) or None
    if name in ("region", "city"):
        return value if value[:3] in _countries() else None
    return value


def label_form(text: str) -> str:
    """Return a name of a label as it is compared: its words folded, without accents, one space between."""
    return " ".join(word.plain for word in words.words(text))


def country_of(code: str) -> str | None:
    """Return the two letters of a country (ISO 3166-1); three are taken too, and codes such as UK that have another."""
    return _countries().get(code)


def language_of(tag: str) -> str | None:
    """Return the shortest tag of a language (ISO 639, BCP 47): `fr` for `fra` and `fre`, `he` for the older `iw`."""
    aliases: Mapping[str, str] = get_global("language_aliases")
    short = tag if tag in _languages() else aliases.get(tag)
    return short if short in _languages() else None


@cache
def _countries() -> dict[str, str]:
    """Return the two letters of each country by every code of it (Unicode CLDR, as Babel keeps it)."""
    names: Mapping[str, str] = Locale("en").territories  # type: ignore[assignment]  # Babel does not type what it reads
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    known = {code for code in names if len(code) == 2 and code.isalpha()} - NO_COUNTRIES  # noqa: PLR2004 -- ISO 3166-1 alpha-2
    renamed = {code: to[0] for code, to in aliases.items() if len(to) == 1 and to[0] in known}
    return {code.lower(): renamed.get(code, code).lower() for code in known | renamed.keys()}


@cache
def _languages() -> frozenset[str]:
    """Return the tags of languages that have a name (Unicode CLDR, as Babel keeps it)."""
    names: Mapping[str, str] = Locale("en").languages  # type: ignore[assignment]  # Babel does not type what it reads
    return frozenset(tag for tag in names if tag.isalpha())


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
