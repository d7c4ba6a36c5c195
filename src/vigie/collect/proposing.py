"""Places that mentions point at, ranked: the hosts that are linked to and those that authors write on. All pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from vigie.schema.ids import origin_of

LINK = re.compile(r"https?://[^\s<>\"'()\[\]{}|\\^`]+", re.IGNORECASE)
"""An address as people write it in a text; a bracket after it is the sentence's (RFC 3986 lets no space in)."""

HOST = re.compile(r"(?=.{4,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*\.[a-z][a-z0-9-]{1,62}")
"""A name of the public web, letters and digits (RFC 1123 §2.1, IDNA's `xn--` too): no number, no port, no lone word."""

MOST_LINKS = 20
"""Hosts of one post that count: who links to more keeps a list, and points at nothing."""

LEFT_OUT = frozenset(
    {
        "google.com", "google.fr", "bing.com", "duckduckgo.com", "t.co", "bit.ly", "tinyurl.com", "ow.ly", "buff.ly", "lnkd.in",
        "goo.gl", "fb.me", "youtu.be", "amzn.to", "wa.me", "t.me", "facebook.com", "instagram.com", "twitter.com", "x.com",
        "linkedin.com", "youtube.com", "tiktok.com", "threads.net", "whatsapp.com", "reddit.com", "pinterest.com",
        "apple.com", "amazon.com", "amazon.fr", "wikipedia.org", "w3.org",
    }
)  # fmt: skip
"""Hosts that are never a place by themselves: they search, shorten, or hold all the world and do not let themselves be
read; their subdomains neither."""

FEWEST = 3
"""Mentions below which nothing is proposed: one link is a link, and two may be the same person's."""

HALF_AUTHORS = 5.0
HALF_MENTIONS = 15.0
"""Authors and mentions at which a place has half of the rank that each can give. A chosen scale: it orders, it measures
nothing; the reason that is shown are the counts themselves."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """How much the mentions of one brand point at one host."""

    brand_id: int
    host: str
    mentions: int
    authors: int
    """Different ones, of those that are known."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A place to propose to the people of a brand."""

    brand_id: int
    host: str
    address: str
    mentions: int
    authors: int
    score: float
    """0 to 1."""


def hosts_of(text: str, *, url: str, origin: str, site: str) -> tuple[str, ...]:
    """Return the hosts that a post points at: where it stands, and where its links lead; each once, in that order."""
    written = (link.rstrip(".,;:!?…»”") for link in LINK.findall(text))
    found = [origin, site, origin_of(url), *(origin_of(link) for link in written)]
    places = (host.strip().lower().removeprefix("www.") for host in found)
    return tuple(dict.fromkeys(host for host in places if is_place(host)))[:MOST_LINKS]


def is_place(host: str) -> bool:
    """Say whether a host may be a place to listen."""
    if not HOST.fullmatch(host):
        return False
    labels = host.split(".")
    return not any(".".join(labels[n:]) in LEFT_OUT for n in range(len(labels) - 1))


def score(mentions: int, authors: int) -> float:
    """Return the rank of a place, 0 to 1: many authors count for more than many mentions of one."""
    people = max(authors, 1)
    of_people, of_talk = people / (people + HALF_AUTHORS), mentions / (mentions + HALF_MENTIONS)
    return float(of_people ** (2 / 3) * of_talk ** (1 / 3))


def ranked(pointed: Iterable[Pointed], *, listened: frozenset[str], most: int) -> list[Proposed]:
    """Return the places to propose, the best first, at most so many a brand; what is listened to already is left out."""
    rows = [
        Proposed(p.brand_id, p.host, f"https://{p.host}/", p.mentions, p.authors, score(p.mentions, p.authors))
        for p in pointed
        if p.mentions >= FEWEST and p.host not in listened
    ]
    rows.sort(key=lambda row: (-row.score, row.host, row.brand_id))
    left = dict.fromkeys({row.brand_id for row in rows}, most)
    kept = []
    for row in rows:
        if left[row.brand_id]:
            left[row.brand_id] -= 1
            kept.append(row)
    return kept
