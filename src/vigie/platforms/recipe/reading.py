"""A recipe's TOML to a recipe, strictly: what is wrong is said with its line, its key, and how to mend it."""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lxml.cssselect import CSSSelector
from lxml.etree import XPathEvalError
from lxml.html import HtmlElement

from vigie.collect.imports.mapping import DATE_ORDERS
from vigie.errors import Facts, FatalError
from vigie.platforms.recipe.settings import LISTING_PAGES, MOST, PAGES, RECIPE_MOST, THREADS
from vigie.schema.vocab import Network


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a recipe, or with what it finds on a page."""

    line: int
    """In the recipe, from 1; 0 when it is of no one line."""
    key: str
    code: str
    sentence: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Selector:
    """A CSS selector, and the attribute to take of what it finds; without one, its text."""

    text: str
    find: CSSSelector | None
    """`None` takes the element itself, as in `@id`."""
    attribute: str

    def elements(self, root: HtmlElement) -> list[HtmlElement]:
        """Return what it finds under an element, in the order of the page."""
        return [root] if self.find is None else cast("list[HtmlElement]", self.find(root))


@dataclass(frozen=True, slots=True)
class Listing:
    """Where a start page names its threads."""

    thread: Selector
    row: Selector | None
    count: Selector | None
    last: Selector | None
    next: Selector | None


@dataclass(frozen=True, slots=True)
class Posts:
    """Where a page of a thread holds its posts."""

    item: Selector
    text: Selector
    found: Mapping[str, Selector]
    """The optional selectors by key: id, link, author, date, title, reply_to, quote, rating, likes, drop."""
    rating_out_of: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a site without a feed is read."""

    toml: str
    name: str
    engine: str
    start: tuple[str, ...]
    network: str
    language: str | None
    zone: ZoneInfo
    date_order: str
    date_format: tuple[str, ...]
    ids_of_site: bool
    """Ids are unique on the whole site; else within their thread."""
    ignore: tuple[str, ...]
    """Parameters of addresses that name a visit and not a page, such as `sid`."""
    listing: Listing | None
    thread_title: Selector | None
    thread_next: Selector | None
    post: Posts
    listing_pages: int
    pages: int
    threads: int


_EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "": {
        "name": 'name = "Forum du souffle"', "engine": 'engine = "phpbb"', "start": 'start = ["https://forum.example/f1"]',
        "network": 'network = "forum"', "language": 'language = "fr"', "time_zone": 'time_zone = "Europe/Paris"',
        "date_order": 'date_order = "dmy"', "date_format": 'date_format = "%d/%m/%Y %H:%M"', "ids": 'ids = "site"',
        "ignore": 'ignore = ["sid"]', "login": 'login = "none"',
    },
    "listing": {
        "thread": 'thread = "a.topictitle"', "row": 'row = "li.row"', "count": 'count = "dd.posts"',
        "last": 'last = "dd.lastpost time@datetime"', "next": 'next = "a[rel=next]"',
    },
    "thread": {"title": 'title = "h1"', "next": 'next = "a[rel=next]"'},
    "post": {
        "item": 'item = "div.post"', "text": 'text = "div.content"', "id": 'id = "@id"', "link": 'link = "a.permalink@href"',
        "author": 'author = "a.username"', "date": 'date = "time@datetime"', "title": 'title = "h3"',
        "reply_to": 'reply_to = "a.answered@href"', "quote": 'quote = "blockquote@cite"', "rating": 'rating = ".stars"',
        "rating_out_of": "rating_out_of = 5", "likes": 'likes = ".likes"', "drop": 'drop = "blockquote, .signature"',
    },
    "limits": {"listing_pages": "listing_pages = 5", "pages": "pages = 60", "threads": "threads = 30"},
}  # fmt: skip
"""Every key of each part, with how it is written: what an error shows."""

_REQUIRED = (("", "name"), ("post", "item"), ("post", "text"))
_OPTIONAL_POST = ("id", "link", "author", "date", "title", "reply_to", "quote", "rating", "likes", "drop")
_PLAIN = {("post", "rating_out_of")}
_CHOICES = {
    "network": tuple(n.value for n in Network), "date_order": DATE_ORDERS, "ids": ("site", "thread"), "login": ("none",),
}  # fmt: skip
_ATTRIBUTE = re.compile(r"^(?P<css>.*?)@(?P<name>[A-Za-z_][\w:.\-]*)$", re.DOTALL)


@lru_cache(maxsize=64)
def recipe_of(toml: str) -> Recipe:
    """Read a recipe.

    Raises:
        FatalError: it is none; the first thing to mend is said.
    """
    problems = problems_of(toml)
    if problems:
        first = problems[0]
        raise FatalError(first.sentence, code=first.code, facts=first.facts)
    return _built(toml, tomllib.loads(toml))


def problems_of(toml: str) -> list[Problem]:
    """Return everything that is wrong with a recipe, in the order of its lines."""
    if len(toml) > RECIPE_MOST:
        return [_problem("recipe.too_long", f"The recipe is longer than {RECIPE_MOST} characters.", most=RECIPE_MOST)]
    try:
        values = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as exc:
        return [_unreadable(toml, str(exc))]
    found = [*_lacking(values), *_parts(toml, values)]
    return sorted(found, key=lambda p: (p.line == 0, p.line))


def _problem(code: str, sentence: str, *, line: int = 0, key: str = "", **facts: str | int | float) -> Problem:
    known: dict[str, str | int | float] = {**facts}
    if line:
        known["line"] = line
    if key:
        known["key"] = key
    return Problem(line, key, code, sentence, known)


def _unreadable(toml: str, told: str) -> Problem:
    at = re.search(r"line (\d+)", told)
    line = int(at.group(1)) if at else max(toml.count("\n") + 1, 1)
    return _problem(
        "recipe.toml", f'Line {line} is no TOML: write a key, an equals sign, and a text between quotes, such as name = "Forum".',
        line=line,
    )  # fmt: skip


def _lacking(values: Mapping[str, Any]) -> list[Problem]:
    wanted = [*_REQUIRED, *([("listing", "thread")] if "listing" in values else [])]
    return [_lacks(part, key) for part, key in wanted if not _part(values, part).get(key)]


def _part(values: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    found = values if not part else values.get(part)
    return found if isinstance(found, Mapping) else {}


def _lacks(part: str, key: str) -> Problem:
    example, name = _EXAMPLES[part][key], f"{part}.{key}" if part else key
    where = f"[{part}] {example}" if part else example
    return _problem("recipe.lacks", f"The recipe lacks “{name}”; write it such as {where}", key=name, example=where)


def _parts(toml: str, values: Mapping[str, Any]) -> list[Problem]:
    found = []
    for key, value in values.items():
        if isinstance(value, dict) and key in _EXAMPLES:
            for inner, held in value.items():
                found += _checked(toml, key, inner, held)
        else:
            found += _checked(toml, "", key, value)
    return found


def _checked(toml: str, part: str, key: str, value: Any) -> list[Problem]:
    """Return what is wrong with one key."""
    line, name = _line_of(toml, part, key), f"{part}.{key}" if part else key
    if key not in _EXAMPLES[part]:
        parts = [p for p in _EXAMPLES if p] if not part else []
        near = difflib.get_close_matches(key, [*_EXAMPLES[part], *parts], 1)
        known = near[0] if near else ", ".join([*_EXAMPLES[part], *parts])
        return [_problem(
            "recipe.unknown_key", f"Line {line}: “{name}” is no key of a recipe. Known there: {known}.", line=line, key=name,
            known=known,
        )]  # fmt: skip
    if part == "limits":
        return _limit_fault(line, name, value)
    if key in _CHOICES and not part:
        return [] if value in _CHOICES[key] else [_choice_fault(line, name, _CHOICES[key])]
    if not _is_kind(part, key, value):
        example = _EXAMPLES[part][key]
        return [_problem("recipe.value", f"Line {line}: “{name}” can't be read; write it such as {example}",
                         line=line, key=name, example=example)]  # fmt: skip
    return _selector_fault(line, name, value) if part and (part, key) not in _PLAIN else []


def _limit_fault(line: int, name: str, value: Any) -> list[Problem]:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST:
        return []
    return [
        _problem(
            "recipe.range", f"Line {line}: “{name}” must lie between 1 and {MOST}.", line=line, key=name, most=MOST
        )
    ]


def _choice_fault(line: int, name: str, known: Sequence[str]) -> Problem:
    text = ", ".join(known)
    return _problem("recipe.choice", f"Line {line}: “{name}” must be one of: {text}.", line=line, key=name, known=text)


def _is_kind(part: str, key: str, value: Any) -> bool:
    if (part, key) in _PLAIN:
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1000  # noqa: PLR2004 -- marks
    if not part and key in ("start", "ignore", "date_format"):
        texts = value if isinstance(value, list) else [value]
        fits = all(isinstance(t, str) and t for t in texts)
        return fits and (key != "start" or all(re.match(r"https?://[^/\s]+", t) for t in texts))
    if not part and key == "time_zone":
        return isinstance(value, str) and _zone(value) is not None
    return isinstance(value, str) and bool(value.strip())


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _selector_fault(line: int, name: str, value: str) -> list[Problem]:
    try:
        selector_of(value)
    except ValueError:
        return [_problem("recipe.selector", f"Line {line}: the selector of “{name}” is no CSS: {value}", line=line,
                         key=name, selector=value[:200])]  # fmt: skip
    return []


def selector_of(text: str) -> Selector:
    """Read a selector such as `time@datetime`.

    Raises:
        ValueError: it is no CSS.
    """
    match = _ATTRIBUTE.match(text.strip())
    css, attribute = (match["css"].strip(), match["name"]) if match else (text.strip(), "")
    try:
        find = CSSSelector(css, translator="html") if css else None
    except (SyntaxError, RuntimeError, XPathEvalError, AssertionError) as exc:
        raise ValueError(text) from exc
    if find is None and not attribute:
        raise ValueError(text)
    return Selector(text.strip(), find, attribute)


def _line_of(toml: str, part: str, key: str) -> int:
    """Return the line on which a key stands; 1 when it is written in a form that is not looked for."""
    current = ""
    for number, line in enumerate(toml.splitlines(), start=1):
        if header := re.match(r"\s*\[\s*([\w.\-]+)\s*\]", line):
            current = header.group(1)
            if not part and current == key:
                return number
        elif current == part and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line):
            return number
    return 1


def _built(toml: str, values: Mapping[str, Any]) -> Recipe:
    limits, thread = _part(values, "limits"), _part(values, "thread")
    return Recipe(
        toml=toml, name=values["name"], engine=values.get("engine", "recipe"), start=_texts(values.get("start")),
        network=values.get("network", Network.FORUM.value), language=values.get("language"),
        zone=ZoneInfo(values.get("time_zone", "UTC")), date_order=values.get("date_order", "dmy"),
        date_format=_texts(values.get("date_format")), ids_of_site=values.get("ids", "site") == "site",
        ignore=_texts(values.get("ignore")), listing=_listing(values.get("listing")), thread_title=_select(thread, "title"),
        thread_next=_select(thread, "next"), post=_posts(_part(values, "post")),
        listing_pages=limits.get("listing_pages", LISTING_PAGES), pages=limits.get("pages", PAGES),
        threads=limits.get("threads", THREADS),
    )  # fmt: skip


def _texts(value: Any) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _select(part: Mapping[str, Any], key: str) -> Selector | None:
    return selector_of(part[key]) if key in part else None


def _listing(part: Mapping[str, Any] | None) -> Listing | None:
    if part is None:
        return None
    thread = selector_of(part["thread"])
    return Listing(thread, *(_select(part, key) for key in ("row", "count", "last", "next")))


def _posts(part: Mapping[str, Any]) -> Posts:
    found = {key: selector_of(part[key]) for key in _OPTIONAL_POST if key in part}
    return Posts(selector_of(part["item"]), selector_of(part["text"]), found, float(part.get("rating_out_of", 5)))
