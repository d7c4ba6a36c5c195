"""Which pages, accounts and domains bear one of our names: candidates for the register, ranked, each with its reason."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from vigie.schema.vocab import NameKind

SHORTEST = 5
"""Letters of a name that is looked for inside other words: four-letter names stand inside too many (“Lait”, “Laiterie”)."""

SHORTEST_MISSPELT = 6
"""Letters of a name of which a neighbour by one letter is still that name and not another word."""

MOST_ADDED = 2
"""Words beside the name in the last part of a page's address: more are the title of an article about us, not a name."""

DEEPEST = 2
"""Parts of a page's address: pages and groups stand at `/name` or `/groups/name`; deeper lie their posts."""

LONGEST = 500
"""Characters of an address that are looked at; longer ones hold tracking, not names."""

SECOND_LEVEL = frozenset({"co", "com", "org", "net", "gov", "gouv", "asso", "ac", "edu"})
"""Labels under which some countries register names, as `example.co.uk`: the name stands before them."""

NETWORK_HOSTS = frozenset(
    {
        "facebook.com", "instagram.com", "x.com", "twitter.com", "youtube.com", "tiktok.com", "linkedin.com",
        "reddit.com", "bsky.app", "threads.net", "pinterest.com", "t.me",
    }
)  # fmt: skip
"""Hosts where what stands first in an address is an account, as their own pages show."""

DIGITS = str.maketrans("013457@$", "oleastas")
"""Digits and signs that stand for a letter in look-alike names (`5erelium`); `1` may be i or l and is read as l."""

LOOK_ALIKES = str.maketrans("аеорсухіјѕ", "aeopcyxijs")
"""Cyrillic letters that can't be told from Latin ones (Unicode UTS 39, confusables)."""


class Likeness(StrEnum):
    """How a found name is like ours, the nearest first."""

    SAME = "same"
    """Letter by letter, capitals, accents and signs apart."""
    DISGUISED = "disguised"
    """The same once hyphens, digits or foreign letters are read as what they imitate."""
    ADDED = "added"
    """Ours, with something before or after it."""
    MISSPELT = "misspelt"
    """One letter away."""


NEARNESS = {Likeness.SAME: 1.0, Likeness.DISGUISED: 0.9, Likeness.ADDED: 0.7, Likeness.MISSPELT: 0.5}
"""Order of candidates, nothing more: who bears our very name misleads most people."""

KINDS = {NameKind.DOMAIN: 0.3, NameKind.ACCOUNT: 0.2, NameKind.PAGE: 0.1}
"""Order within a likeness: who owns a domain can take mail and orders in our name."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One post, with what it shows of names."""

    mention: int
    """The mention that people open to see for themselves."""
    links: tuple[str, ...] = ()
    """Addresses that its text names."""
    url: str = ""
    """Where it stands."""
    origin: str = ""
    handle: str = ""
    """Who wrote it, when known."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page, account or domain that bears a name of ours."""

    kind: NameKind
    address: str
    """Of a domain its name, of a page its address, of an account “host handle”."""
    name: str
    """As it stands there."""
    bears: str
    """Our name."""
    likeness: Likeness
    by: str
    """`link` when posts name its address, `mention` when posts stand or come from there."""
    mentions: tuple[int, ...]
    """Where it was met, the first ones."""
    score: float
    """For the order alone."""


SHOWN = 5
"""Mentions that a candidate keeps as its proof."""


def plain(text: str) -> str:
    """Return letters and digits alone, small, without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if letter.isalnum())


def likeness(found: str, name: str) -> Likeness | None:
    """Say how a found name is like ours; `None` when it is another name."""
    ours, theirs = plain(name), plain(found)
    if len(ours) < SHORTEST or not theirs:
        return None
    if theirs == ours:
        return Likeness.SAME if _parts(found) == _parts(name) or len(_parts(found)) == 1 else Likeness.DISGUISED
    read = plain(found.casefold().translate(LOOK_ALIKES).translate(DIGITS))
    bare = plain(re.sub(r"\d", "", found.translate(LOOK_ALIKES)))
    if ours in (read, bare):
        return Likeness.DISGUISED
    if any(ours in one for one in (theirs, read)):
        return Likeness.ADDED
    words = [plain(part) for part in _parts(found)]
    near = len(ours) >= SHORTEST_MISSPELT and any(_one_away(word, ours) for word in (*words, theirs))
    return Likeness.MISSPELT if near else None


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[^\w]+|_", text.casefold()) if part]


def _one_away(a: str, b: str) -> bool:
    """Say whether one letter added, left out, replaced, or two neighbours exchanged makes one word the other."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    first = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[first:], b[first:]
    exchanged = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:] and len(rest_a) > 1
    return exchanged or rest_a[1:] == rest_b[1:] or rest_a[1:] == rest_b or rest_a == rest_b[1:]


def host_of(address: str) -> str:
    """Return the host of an address, in small letters, without `www.`, its punycode read; empty when it has none."""
    try:
        host = urlsplit(address[:LONGEST]).hostname or ""
    except ValueError:
        return ""
    with suppress(UnicodeError, ValueError):
        host = host.encode("ascii").decode("idna") if "xn--" in host else host
    return host.removeprefix("www.").strip(".")


def registered(host: str) -> str:
    """Return the label of a host that its owner chose: `serelium` of `shop.serelium.co.uk`."""
    labels = host.split(".")[:-1]
    if len(labels) > 1 and labels[-1] in SECOND_LEVEL:
        labels = labels[:-1]
    return labels[-1] if labels else ""


def _domain(host: str) -> str:
    """Return the part of a host that somebody registered."""
    label = registered(host)
    return host[host.rindex(f"{label}.") :] if label else host


@dataclass(frozen=True, slots=True)
class _Place:
    kind: NameKind
    address: str
    name: str
    by: str


def places(sighting: Sighting) -> Iterable[_Place]:
    """Give what a post shows that could bear a name: domains, pages and accounts."""
    for address, by in (*((link, "link") for link in sighting.links), (sighting.url, "mention")):
        if not (host := host_of(address)):
            continue
        yield _Place(NameKind.DOMAIN, _domain(host), registered(host), by)
        yield from _pages(address, host, by)
    if sighting.handle and sighting.origin:
        handle = sighting.handle.removeprefix("@")
        # A handle of another server carries that server behind the sign: it is not part of the name.
        yield _Place(NameKind.ACCOUNT, f"{sighting.origin} {handle}", handle.split("@")[0], "mention")


def _pages(address: str, host: str, by: str) -> Iterable[_Place]:
    try:
        path = urlsplit(address[:LONGEST]).path
    except ValueError:
        return
    parts = [part for part in path.split("/") if part]
    if not parts or len(parts) > DEEPEST:
        return
    account = _domain(host) in NETWORK_HOSTS or parts[0].startswith("@")
    named = parts[0] if account and len(parts) == 1 else parts[-1]
    text = unquote(named).removeprefix("@")
    kind = NameKind.ACCOUNT if account and len(parts) == 1 else NameKind.PAGE
    if kind is NameKind.ACCOUNT:
        yield _Place(kind, f"{host} {text}", text, by)
    elif not text.isdigit():
        yield _Place(kind, f"https://{host}/{'/'.join(parts)}", text, by)


def _bears(place: _Place, names: Sequence[str]) -> tuple[str, Likeness] | None:
    """Return our name that a place bears most nearly."""
    found = [(name, how) for name in names if (how := likeness(place.name, name))]
    if place.kind is NameKind.PAGE:
        found = [(name, how) for name, how in found if len(_parts(place.name)) <= len(_parts(name)) + MOST_ADDED]
    return max(found, key=lambda pair: (NEARNESS[pair[1]], len(pair[0])), default=None)


def propose(sightings: Iterable[Sighting], *, names: Sequence[str], known: Collection[str]) -> list[Candidate]:
    """Return who bears one of our names, the nearest and most often met first.

    Args:
        names: Our brands and products, with the spellings that watches ask for.
        known: Addresses that the register has, and what is ours already; a page or account under a known domain is
            known with it.
    """
    met: dict[str, tuple[_Place, str, Likeness, list[int]]] = {}
    others = set[str]()
    for sighting in sightings:
        for place in places(sighting):
            if place.address in others:
                continue
            if place.address in met:
                mentions = met[place.address][3]
                mentions += [sighting.mention] if sighting.mention not in mentions else []
            elif not _is_known(place, known) and (borne := _bears(place, names)):
                met[place.address] = (place, *borne, [sighting.mention])
            else:
                others.add(place.address)
    return sorted((_candidate(*one) for one in met.values()), key=lambda one: (-one.score, one.address))


def known_of(addresses: Iterable[str], *, names: Sequence[str]) -> frozenset[str]:
    """Return what `propose` must leave alone because these addresses are ours: they, and their domains in our name."""
    found = set[str]()
    for address in addresses:
        for place in places(Sighting(0, links=(address,))):
            shared = place.kind is NameKind.DOMAIN and _bears(place, names) is None
            found.add(host_of(address) if shared and place.address not in NETWORK_HOSTS else place.address)
    return frozenset(found - NETWORK_HOSTS)


def normal(kind: NameKind, address: str) -> str:
    """Return an address as the register keeps it, so that each stands there once; empty when it is none.

    A domain by its name, an account as “host handle” whether its page or its host and handle were given, a page whole.
    """
    given = address.strip()[:LONGEST]
    words = given.split()
    if kind is NameKind.ACCOUNT and len(words) == 2:  # noqa: PLR2004 -- host and handle
        return f"{host_of(f'//{words[0]}')} {words[1].removeprefix('@')}"
    whole = given if "://" in given else f"https://{given}"
    host = host_of(whole)
    if not host or len(words) != 1 or not whole.lower().startswith(("http://", "https://")):
        return ""
    if kind is NameKind.DOMAIN:
        return host
    if kind is NameKind.ACCOUNT:
        handles = [place.address for place in _pages(whole, host, "") if place.kind is NameKind.ACCOUNT]
        return handles[0] if handles else whole
    return whole


def _is_known(place: _Place, known: Collection[str]) -> bool:
    """Say whether a place is known, or stands under a domain that is."""
    if place.address in known or place.kind is NameKind.DOMAIN:
        return place.address in known
    host = host_of(place.address) or place.address.partition(" ")[0]
    return host in known or _domain(host) in known


def _candidate(place: _Place, bears: str, how: Likeness, mentions: list[int]) -> Candidate:
    score = NEARNESS[how] + KINDS[place.kind] + 0.1 * (1 - 1 / len(mentions))
    return Candidate(
        place.kind, place.address, place.name, bears, how, place.by, tuple(mentions[:SHOWN]), round(score, 4)
    )
