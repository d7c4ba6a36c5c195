"""Make one post: who writes it where, its row, and what becomes of it."""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from vigie.demo import cast, pace, people, writer
from vigie.demo.grammar import Draw
from vigie.demo.records import DemoSpace
from vigie.demo.rows import Counts, Row, counts, native_id, row
from vigie.demo.writer import Pen, Said
from vigie.schema.vocab import Network

ROOTS_KEPT = 60
"""Discussions of a space that can still be answered; the oldest are forgotten, so memory stays flat."""

FRESHEST_S = 300
"""The last posts are five minutes old: the final reading of each space hears them."""

DELETED, EDITED, GROWN = 0.003, 0.006, 0.08
"""Shares of posts that are gone, changed, or have more likes when heard again."""


class Facts(NamedTuple):
    """What is true of a post beside its text."""

    said: Said
    language: str
    reaction: str | None = None
    criteria: tuple[str, ...] = ()
    rumour: bool = False
    buzz: bool = False
    influencer: bool = False
    copy_of: str | None = None


class Told(NamedTuple):
    """One post as first written, and what becomes of it."""

    back: int
    """Seconds before the end at which it was published."""
    space: int
    """Number of its space in `cast.SPACES`."""
    row: Row
    facts: Facts
    fate: str
    """`deleted`, `edited`, `grown` or empty."""
    fate_back: int
    """Seconds before the end from which the fate can be heard."""


class Root(NamedTuple):
    """A post that others answer."""

    native_id: str
    topic: str
    language: str
    product: str


class Original(NamedTuple):
    """A post that others copy."""

    key: str
    space: int
    native_id: str
    text: str
    title: str | None
    facts: Facts


@dataclass(slots=True)
class Story:
    """What the next post may refer to."""

    seed: int
    posts: int
    roots: list[deque[Root]] = field(default_factory=lambda: [deque(maxlen=ROOTS_KEPT) for _ in cast.SPACES])
    copied: deque[Original] = field(default_factory=lambda: deque(maxlen=ROOTS_KEPT))
    """Posts of the buzz that go round."""
    spam: deque[Original] = field(default_factory=lambda: deque(maxlen=12))
    chains: dict[str, Original] = field(default_factory=dict)
    """Chain messages and dispatches, by language and number."""
    recent: list[deque[Original]] = field(default_factory=lambda: [deque(maxlen=20) for _ in cast.SPACES])
    """Posts of a microblog that are passed on as they are."""
    events: int = 0
    begun: bool = False
    """The message that begins the rumour has been written."""


@dataclass(slots=True)
class Today:
    """One day of the story."""

    story: Story
    draw: Draw
    plan: pace.DayPlan
    number: int = 0
    """Of the next post of the day."""


BY_SHARE = tuple(i for i, s in enumerate(cast.SPACES) for _ in range(round(s.share * 100)))
NUMBER = {s.name: i for i, s in enumerate(cast.SPACES)}
FORUM, PRESS, PRO, BLOG = (NUMBER[n] for n in ("thyroide-entraide", "presse-sante", "groupe-officine", "blog-vaubrun"))
MICRO = tuple(i for i, s in enumerate(cast.SPACES) if s.network in (Network.MASTODON, Network.BLUESKY))
BUZZING = (
    FORUM,
    FORUM,
    *MICRO,
    *MICRO,
    *MICRO,
    NUMBER["video-pharmacie"],
    NUMBER["video-pharmacie"],
    NUMBER["thyroid-talk"],
    NUMBER["avis-medicaments"],
    PRO,
    BLOG,
)
HARMED = (
    FORUM,
    NUMBER["souffle-forum"],
    *MICRO,
    NUMBER["avis-medicaments"],
    NUMBER["thyroid-talk"],
    NUMBER["video-pharmacie"],
    FORUM,
)
NAMED = (Network.MASTODON, Network.BLUESKY, Network.LINKEDIN, Network.YOUTUBE)
"""Networks that show a name beside the handle."""


def one_of(items: tuple[int, ...], draw: Draw) -> int:
    return items[int(draw() * len(items))]


def language_of(draw: Draw, space: DemoSpace) -> str:
    return "fr" if draw() < space.french else "en"


def _author(today: Today, at: int, language: str) -> people.Author:
    """Draw an author: a few write often, most once."""
    space, draw = cast.SPACES[at], today.draw
    crowd = max(40, int(today.story.posts * space.share * 0.5))
    chance = draw()
    network = space.network
    return people.author(
        int(crowd * chance**1.6),
        salt=at * 2 + (language == "fr"),
        french=language == "fr",
        names=network in NAMED,
        job=network == Network.LINKEDIN,
    )


def pen_of(today: Today, at: int, language: str, *, product: str | None = None) -> Pen:
    space = cast.SPACES[at]
    return writer.pen(
        today.draw,
        language=language,
        about=space.about,
        author=_author(today, at, language),
        care=space.care,
        product=product,
    )


ANSWERS: dict[str, float] = {
    Network.FORUM: 0.58,
    Network.MASTODON: 0.2,
    Network.BLUESKY: 0.2,
    Network.YOUTUBE: 0.25,
    Network.BLOG: 0.85,
    Network.REVIEW: 0.0,
    Network.LINKEDIN: 0.3,
}
"""Share of posts that answer another, by network."""


def original(told: Told) -> Original:
    row_ = told.row
    return Original(f"{row_.origin} {row_.native_id}", told.space, row_.native_id, row_.text, row_.title, told.facts)


def made(
    today: Today, back: int, at: int, pen: Pen, facts: Facts, *, author: str | None = None, name: str | None = None, anonymous: bool = False,
    fate: str = "", in_reply_to: str | None = None, repost_of: str | None = None,
) -> Told:  # fmt: skip
    """Make the row of a post, and say what becomes of it."""
    draw, space = today.draw, cast.SPACES[at]
    origin = space.sites[int(draw() * len(space.sites))] if space.sites else space.origin
    native = native_id(space.network, origin, seed=today.story.seed, day=today.plan.back, number=today.number)
    followers = people.INFLUENCERS[facts.language][2] if facts.influencer else pen.author.followers
    seen = counts(draw, space.network, followers if facts.influencer else 0, buzz=facts.buzz)
    handle = None if anonymous else author or pen.author.handle
    shown = None if anonymous else name if author else pen.author.name
    made = row(space, origin, native, facts.said, seen, handle=handle, name=shown, followers=followers, draw=draw, language=facts.language,
               influencer=facts.influencer, in_reply_to=in_reply_to, repost_of=repost_of)  # fmt: skip
    fate = fate or _fate(draw, seen)
    later = int((4 + draw() * 44) * pace.HOUR_S)
    fate_back = back - later
    return Told(back, at, made, facts, fate if fate_back > 2 * FRESHEST_S else "", fate_back)


def _fate(draw: Draw, seen: Counts) -> str:
    chance = draw()
    if chance < DELETED:
        return "deleted"
    if chance < DELETED + EDITED:
        return "edited"
    return "grown" if seen.known and chance < DELETED + EDITED + GROWN else ""


# What both the ordinary day and the bad buzz hold.


def passed_on(today: Today, back: int, at: int, first: Original) -> Told:
    pen = pen_of(today, at, first.facts.language)
    facts = first.facts._replace(
        said=first.facts.said._replace(text=first.text), copy_of=first.key, influencer=False, reaction=None, criteria=()
    )
    return made(today, back, at, pen, facts, repost_of=first.native_id)


def answer(today: Today, back: int, at: int, root: Root) -> Told:
    pen = pen_of(today, at, root.language, product=root.product)
    if at == PRO:
        said = writer.plain_post(pen, "rep_conseil" if today.draw() < 0.5 else "rep_accord", speaker="professional")  # noqa: PLR2004 -- either
    else:
        said = writer.answer(pen, root.topic)
    rumour = root.topic == "rumeur"
    return made(
        today, back, at, pen, Facts(said, root.language, rumour=rumour, buzz=rumour), in_reply_to=root.native_id
    )


def professional(today: Today, back: int, symbol: str, *, buzz: bool = False) -> Told:
    language = language_of(today.draw, cast.SPACES[PRO])
    roots = today.story.roots[PRO]
    if symbol == "pro" and roots and today.draw() < ANSWERS[Network.LINKEDIN]:
        return answer(today, back, PRO, roots[-1 - int(today.draw() * min(8, len(roots)))])
    pen = pen_of(today, PRO, language, product=cast.SERELIUM if symbol == "pro_calme" else None)
    said = writer.plain_post(pen, symbol, speaker="professional", more=0.3, tags=0.5, names=True)
    told = made(today, back, PRO, pen, Facts(said, language, rumour=buzz, buzz=buzz))
    roots.append(Root(told.row.native_id, "pro", language, pen.product))
    return told
