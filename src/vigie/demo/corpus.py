"""The posts of the story, day by day, with the truth of each; the same at every run, only shifted by its end."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import pyarrow as pa

from vigie.demo import english, french, story
from vigie.demo.company import ATELIER, KALMEDIS, KALMYDOR, ORSELAN, ORSENNE, RESPIVAL, SERELIUM, SPACES, VAUBRUN, DemoSpace
from vigie.demo.grammar import expand, noisy, sentence
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Network

SEED = 2011
"""The year of the programme."""

MAX_ROWS = 1_000
"""Rows of a batch: what the door takes at once."""

REHEARD = 0.06
"""Of posts whose counts are read again later, grown."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts of one space, heard together."""

    space: str
    heard_at: datetime
    posts: pa.Table
    """`tables.POSTS`."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of a post, keyed by (origin, native id)."""

    origin: str
    native_id: str
    language: str
    tone: str
    topic: str
    adverse_event: bool = False
    reaction: str = ""
    rumour: bool = False
    spam: bool = False
    copy_of: str = ""
    """Native id of the post it repeats."""
    influencer: bool = False
    edited: bool = False
    deleted: bool = False


@dataclass(slots=True)
class Told:
    """A post on its way into a batch."""

    row: dict[str, Any]
    truth: Truth
    heard_at: datetime
    space: DemoSpace


@dataclass(slots=True)
class _Today:
    """What a day's generator holds."""

    rng: random.Random
    day: story.Day
    start: datetime
    told: list[Told] = field(default_factory=list)


GRAMMARS: Mapping[str, Mapping[str, Sequence[str]]] = {"fr": french.RULES, "en": english.RULES}


def batches(*, posts: int = 20_000, days: int = 90, until: datetime, seed: int = SEED) -> Iterator[Batch]:
    """Yield the story's posts in the order they are heard; memory holds a day at a time."""
    later: list[Told] = []
    for told in _days(posts=posts, days=days, until=until, seed=seed):
        now = told.start + timedelta(days=1)
        due = [t for t in later if t.heard_at < now]
        later = [t for t in later if t.heard_at >= now]
        again = _again(told)
        due += [t for t in again if t.heard_at < now]
        later += [t for t in again if t.heard_at >= now]
        yield from _batched([*told.told, *due], until)
    yield from _batched([t for t in later if t.heard_at <= until], until)


def truths(*, posts: int = 20_000, days: int = 90, until: datetime, seed: int = SEED) -> Iterator[Truth]:
    """Yield the truth of every post, once each."""
    for told in _days(posts=posts, days=days, until=until, seed=seed):
        edited = {t.truth.native_id: t.truth for t in _again(told)}
        for one in told.told:
            yield edited.get(one.truth.native_id, one.truth)


def _days(*, posts: int, days: int, until: datetime, seed: int) -> Iterator[_Today]:
    for day in story.days(posts=posts, n_days=days, last_weekday=until.weekday(), seed=seed):
        rng = random.Random(f"{seed}:{day.from_end}")  # noqa: S311 -- a story, no secret
        today = _Today(rng, day, until - timedelta(days=day.from_end + 1))
        _tell(today, until)
        yield today


def _tell(today: _Today, until: datetime) -> None:
    for _ in range(today.day.ordinary):
        today.told.append(_ordinary(today, until))
    for n in range(today.day.buzz):
        today.told.append(_buzz(today, until, n))
    for _ in range(today.day.adverse):
        today.told.append(_adverse(today, until))
    today.told.sort(key=lambda t: t.heard_at)


def _moment(today: _Today, until: datetime) -> datetime:
    """Return an instant of the day, by the hours at which people write; offsets from the end come from the seed."""
    hour = today.rng.choices(range(24), weights=story.HOURS)[0]
    # The rhythm is that of clocks, so the hour counts from the day's own midnight, not from the story's end.
    shift = (hour - until.hour) % 24
    seconds = shift * 3600 + today.rng.randrange(3600)
    return today.start + timedelta(seconds=min(seconds, 86_399))


def _space(today: _Today, *, among: Sequence[DemoSpace] = SPACES) -> DemoSpace:
    return today.rng.choices(among, weights=[s.share for s in among])[0]


def _ordinary(today: _Today, until: datetime) -> Told:
    rng, space = today.rng, _space(today)
    language = "fr" if rng.random() < space.french else "en"
    if space.network == Network.BLOG:
        return _told(today, until, space, language, "blog", "neutral", ["blog"])
    if space.network == Network.PRESS:
        return _told(today, until, space, language, "presse", "neutral", ["presse", "presse_suite", "presse_suite"])
    luck = rng.random()
    if luck < story.SPAM_SHARE:
        return _told(today, until, space, language, "spam", "neutral", ["spam"], spam=True)
    if luck < story.SPAM_SHARE + story.FIELD_SHARE:
        return _told(today, until, space, language, "domaine", "neutral", ["domaine"])
    if luck < story.SPAM_SHARE + story.FIELD_SHARE + story.RIVAL_SHARE:
        return _told(today, until, space, language, "concurrent", "neutral", ["concurrent"])
    topics = [t for t in french.TOPICS if t in GRAMMARS[language]]
    topic = rng.choices(topics, weights=[french.TOPICS[t][1] for t in topics])[0]
    return _told(today, until, space, language, topic, french.TOPICS[topic][0], [topic])


def _buzz(today: _Today, until: datetime, n: int) -> Told:
    """Tell a post of the bad buzz: a forum first, then networks, then the press; some repeat others word for word."""
    rng, since = today.rng, story.BUZZ_STARTS - today.day.from_end
    first = [s for s in SPACES if s.network == Network.FORUM]
    spread = [s for s in SPACES if s.network not in (Network.BLOG, Network.PRESS)]
    space = SPACES[0] if since == 0 else _space(today, among=first if since == 1 else spread)
    earlier = [t for t in today.told if t.truth.rumour and not t.truth.copy_of]
    if earlier and rng.random() < 0.18:
        return _copy(today, until, rng.choice(earlier[-40:]), space)
    if since >= 3 and rng.random() < 0.06:  # noqa: PLR2004 -- the press comes on the fourth day
        return _told(today, until, SPACES[6], "fr", "presse", "neutral", ["presse", "presse_suite"], rumour=True)
    language = "fr" if rng.random() < space.french else "en"
    if rng.random() < 0.14:
        return _told(today, until, space, language, "calme", "neutral", ["calme"], rumour=True)
    return _told(today, until, space, language, "rumeur", "negative", ["rumeur"], rumour=True)


def _copy(today: _Today, until: datetime, other: Told, space: DemoSpace) -> Told:
    """Tell a planted copy: the same words, a mark of repetition or an added tag."""
    rng = today.rng
    told = _told(today, until, space, other.truth.language, other.truth.topic, other.truth.tone, ["tag"], rumour=True)
    text = other.row["text"] + rng.choice(["", " " + told.row["text"], " !", " (vu sur un forum)", " 👇"])
    told.row["text"] = text
    if space.name == other.space.name:
        told.row["repost_of"] = other.row["native_id"]
    told.truth = Truth(**{**_plain(told.truth), "copy_of": other.row["native_id"]})
    return told


def _plain(truth: Truth) -> dict[str, Any]:
    return {name: getattr(truth, name) for name in Truth.__slots__}


def _adverse(today: _Today, until: datetime) -> Told:
    spaces = [s for s in SPACES if s.network not in (Network.BLOG, Network.PRESS)]
    space = _space(today, among=spaces)
    language = "fr" if today.rng.random() < space.french else "en"
    told = _told(today, until, space, language, "ei", "negative", ["ei"], adverse_event=True)
    reactions = GRAMMARS[language]["reaction"]
    text = told.row["text"].lower()
    found = next((r for r in reactions if r.split()[-1].lower() in text), "")
    told.truth = Truth(**{**_plain(told.truth), "reaction": found})
    return told


def _names(rng: random.Random) -> dict[str, str]:
    product, brand = (SERELIUM, VAUBRUN) if rng.random() < 0.78 else (RESPIVAL, ATELIER)
    rival, company = rng.choice([(KALMYDOR, KALMEDIS), (ORSELAN, ORSENNE)])
    return {"p": product, "b": brand if rng.random() < 0.6 else "Vaubrun", "q": rival, "c": company}


def _told(
    today: _Today, until: datetime, space: DemoSpace, language: str, topic: str, tone: str, parts: list[str], **truth: Any
) -> Told:
    rng = today.rng
    names = _names(rng)
    if truth.get("rumour"):
        names |= {"p": SERELIUM, "b": VAUBRUN}
    text, title = _text(rng, space, language, parts, names)
    at = _moment(today, until)
    native = f"{today.day.from_end}-{len(today.told)}-{rng.getrandbits(24):06x}"
    famous = space.network in (Network.BLUESKY, Network.YOUTUBE) and rng.random() < 0.004  # noqa: PLR2004
    row = _row(rng, space, native, at, title, text, language, famous=famous)
    if topic == "question" and space.network == Network.FORUM or rng.random() < 0.22:
        _answer(rng, today, space, row)
    known = Truth(space.origin, native, language, tone, topic, influencer=famous, **truth)
    return Told(row, known, _heard(rng, at), space)


def _heard(rng: random.Random, at: datetime) -> datetime:
    """Return when Vigie hears of a post: at the next quarter of an hour."""
    late = at + timedelta(minutes=15)
    return late.replace(minute=late.minute // 15 * 15, second=0, microsecond=0)


def _answer(rng: random.Random, today: _Today, space: DemoSpace, row: dict[str, Any]) -> None:
    """Make a post the answer to an earlier one of the same day and space."""
    earlier = [t.row for t in today.told[-60:] if t.space is space and t.row["published_at"] < row["published_at"]]
    if earlier:
        row["in_reply_to"] = rng.choice(earlier)["native_id"]


def _text(
    rng: random.Random, space: DemoSpace, language: str, parts: list[str], names: Mapping[str, str]
) -> tuple[str, str | None]:
    """Return a text and, where there are titles, a title."""
    rules = GRAMMARS[language]
    sentences = [sentence(expand(rng, rules, rng.choice(rules[part]), names)) for part in parts]
    if space.network == Network.PRESS:
        return " ".join(sentences[1:] or sentences), sentences[0].rstrip(".")
    if space.network in (Network.FORUM, Network.REVIEW, Network.REDDIT):
        sentences += _more(rng, rules, names, parts[0])
    if space.network == Network.FORUM and rng.random() < 0.55:
        sentences.insert(0, rng.choice(rules["salut"]) + rng.choice([",", " !", ".", " :"]))
    if rng.random() < 0.25:
        sentences.append(sentence(rng.choice(rules["merci"])))
    if space.network in (Network.MASTODON, Network.BLUESKY) and rng.random() < 0.4:
        sentences.append(rng.choice(rules["tag"]))
    if rng.random() < 0.3 * (1.2 - space.care):
        sentences.append(rng.choice(rules["gai" if parts[0] in ("efficace", "blog") else "triste"]))
    return noisy(rng, " ".join(sentences), care=space.care, french=language == "fr"), None


def _more(rng: random.Random, rules: Mapping[str, Sequence[str]], names: Mapping[str, str], topic: str) -> list[str]:
    """Return what else a longer post says, mostly of the same matter."""
    near = [topic] if topic in ("domaine", "concurrent", "rumeur") else [topic, "medecin", "question"]
    chosen = [rng.choice(near) for _ in range(rng.choice((0, 0, 1, 1, 2, 3)))] if topic not in ("spam", "ei") else []
    return [sentence(expand(rng, rules, rng.choice(rules[t]), names)) for t in chosen if t in rules]


def _row(
    rng: random.Random, space: DemoSpace, native: str, at: datetime, title: str | None, text: str, language: str, *, famous: bool
) -> dict[str, Any]:
    number = int(rng.paretovariate(0.7)) % 4_000
    handle = story.CREATOR if famous else f"{_STEMS[number % len(_STEMS)]}{number}"
    likes = int(rng.paretovariate(1.1)) - 1 + (900 if famous else 0)
    seen = space.network in (Network.YOUTUBE, Network.BLUESKY, Network.REDDIT, Network.FORUM)
    return {
        "origin": space.origin,
        "native_id": native,
        "network": space.network,
        "site": space.title,
        "url": f"https://{space.origin}/p/{native}",
        "title": title,
        "text": text,
        "author": handle if space.network not in (Network.PRESS, Network.BLOG) else space.title,
        "author_name": None,
        "author_verified": famous or None,
        "followers": story.CREATOR_FOLLOWERS if famous else (int(rng.paretovariate(0.9) * 40) if seen else None),
        "lang_claimed": language if rng.random() < 0.7 else None,
        "published_at": at,
        "likes": likes if space.network not in (Network.PRESS, Network.FORUM) else None,
        "reposts": likes // 4 if space.network in (Network.MASTODON, Network.BLUESKY) else None,
        "replies": int(rng.paretovariate(1.3)) - 1,
        "views": likes * rng.randrange(20, 60) + rng.randrange(400) if seen else None,
        "rating": float(rng.choice((1, 2, 3, 4, 5))) if space.network == Network.REVIEW else None,
        "media": [],
    }


_STEMS = (
    "papillon", "lulu", "marmotte", "nono", "zebulon", "cricri", "mimosa", "cactus", "breizh", "tatie", "pixel", "olive",
    "sam", "robin", "willow", "maple", "foxy", "jules", "luna", "coquelicot", "kiwi", "tournesol", "peanut", "rosie",
)  # fmt: skip
"""Beginnings of invented handles."""


def _again(today: _Today) -> list[Told]:
    """Return what is heard of the day's posts later: counts that grew, edits, and one post that is gone."""
    rng = random.Random(f"again:{today.day.from_end}:{len(today.told)}")  # noqa: S311 -- a story, no secret
    later = []
    for told in today.told:
        luck = rng.random()
        if luck < REHEARD:
            later.append(_grown(told, rng))
        elif luck < REHEARD + 0.004:
            later.append(_edited(told, rng))
    if today.day.from_end == story.BUZZ_PEAKS and today.told:
        later.append(_gone(next(t for t in today.told if t.truth.rumour)))
    return later


def _grown(told: Told, rng: random.Random) -> Told:
    row = {**told.row}
    for name in ("likes", "reposts", "replies", "views"):
        if row[name] is not None:
            row[name] = int(row[name] * rng.uniform(1.2, 3)) + 1
    return Told(row, told.truth, told.heard_at + timedelta(hours=rng.choice((1, 6, 24, 72))), told.space)


def _edited(told: Told, rng: random.Random) -> Told:
    note = rng.choice((" Edit : {}", " (modifié) {}", " MAJ : {}")).format(rng.choice(french.RULES["merci"]))
    truth = Truth(**{**_plain(told.truth), "edited": True})
    return Told({**told.row, "text": told.row["text"] + note}, truth, told.heard_at + timedelta(hours=5), told.space)


def _gone(told: Told) -> Told:
    truth = Truth(**{**_plain(told.truth), "deleted": True})
    return Told({**told.row, "deleted": True}, truth, told.heard_at + timedelta(hours=20), told.space)


def _batched(told: list[Told], until: datetime) -> Iterator[Batch]:
    """Yield a day's posts by space and by the half day they were heard in, earliest first."""
    names = {t.space.name: t.space for t in told}
    keyed = sorted(
        ((_slot(min(t.heard_at, until)), t.space.name, n, t) for n, t in enumerate(told)), key=lambda k: k[:3]
    )
    for (slot, space), group in groupby(keyed, key=lambda k: k[:2]):
        rows = {(k[3].row["origin"], k[3].row["native_id"]): k[3].row for k in group}
        for start in range(0, len(rows), MAX_ROWS):
            piece = list(rows.values())[start : start + MAX_ROWS]
            yield Batch(names[space].name, min(slot, until), pa.Table.from_pylist(piece, schema=POSTS))


def _slot(at: datetime) -> datetime:
    """Return the end of the half day in which something was heard."""
    return at.replace(hour=at.hour // 12 * 12, minute=0, second=0, microsecond=0) + timedelta(hours=12)
