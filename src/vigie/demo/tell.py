"""Tell the story post by post, from the earliest day to the end; every instant is seconds before the end."""

import random
from collections.abc import Iterator

from vigie.demo import cast, pace, writer
from vigie.demo.buzz import buzz
from vigie.demo.making import (
    ANSWERS,
    BLOG,
    BY_SHARE,
    FRESHEST_S,
    HARMED,
    MICRO,
    PRESS,
    PRO,
    Facts,
    Root,
    Story,
    Today,
    Told,
    answer,
    language_of,
    made,
    one_of,
    original,
    passed_on,
    pen_of,
    professional,
)
from vigie.demo.writer import Pen, Said
from vigie.schema.vocab import Network


def story(*, posts: int, days: int, seed: int) -> Iterator[Told]:
    """Yield every post once, in the order published; memory holds a day's instants and the posts still talked about."""
    ongoing = Story(seed, posts)
    for plan in pace.plans(posts=posts, days=days):
        rng = random.Random(f"{seed}/{plan.back}")  # noqa: S311 -- a story, no secret
        yield from _day(Today(ongoing, rng.random, plan), rng)


def _day(today: Today, rng: random.Random) -> Iterator[Told]:
    plan = today.plan
    kinds = [_ordinary] * plan.ordinary + [buzz] * plan.buzz + [event] * plan.events
    rng.shuffle(kinds)
    hours, start, draw = pace.hours_back(pace.weekday_of(plan.back)), plan.back * pace.DAY_S, today.draw
    backs = sorted(
        (start + hours[int(draw() * len(hours))] * pace.HOUR_S + int(draw() * pace.HOUR_S) for _ in kinds), reverse=True
    )
    for back, kind in zip(backs, kinds, strict=True):
        today.number += 1
        yield kind(today, max(back, FRESHEST_S))


def _ordinary(today: Today, back: int) -> Told:
    draw = today.draw
    at = BY_SHARE[int(draw() * len(BY_SHARE))]
    space = cast.SPACES[at]
    if draw() < 0.02 and space.network not in (Network.PRESS, Network.LINKEDIN):  # noqa: PLR2004 -- one post in fifty sells something
        return _spam(today, back, at)
    if at == PRESS:
        return _press(today, back)
    if at == PRO:
        return professional(today, back, "pro")
    if at == BLOG and draw() < 0.12:  # noqa: PLR2004 -- eight comments an article
        return _own_article(today, back)
    roots = today.story.roots[at]
    if roots and draw() < ANSWERS[space.network]:
        return answer(today, back, at, roots[int((1 - draw() * draw()) * len(roots)) - 1])
    if at in MICRO and draw() < 0.05 and today.story.recent[at]:  # noqa: PLR2004 -- one in twenty is passed on
        return _repost(today, back, at)
    return _root(today, back, at)


def _root(today: Today, back: int, at: int) -> Told:
    """Write a post of its own: of a product, of the field, or of nothing in particular."""
    draw, space = today.draw, cast.SPACES[at]
    language = language_of(draw, space)
    pen = pen_of(today, at, language)
    said = _root_said(pen, space.network)
    told = made(today, back, at, pen, Facts(said, language))
    if said.topic != "bavardage":
        today.story.roots[at].append(Root(told.row.native_id, said.topic, language, pen.product))
    if at in MICRO:
        today.story.recent[at].append(original(told))
    return told


def _root_said(pen: Pen, network: str) -> Said:
    chance = pen.draw()
    tags = 0.4 if network in (Network.MASTODON, Network.BLUESKY) else 0.0
    topic, _ = writer.topic_of(pen.draw)
    if network == Network.REVIEW:
        return writer.review(pen, topic)
    if network == Network.YOUTUBE and chance < 0.4:  # noqa: PLR2004 -- comments speak of the video
        return writer.plain_post(pen, "video", more=0.1)
    if chance < 0.2:  # noqa: PLR2004 -- one in five speaks of the field without a product
        return writer.plain_post(pen, "domaine", more=0.6 if network == Network.FORUM else 0.15, tags=tags)
    if chance < 0.235:  # noqa: PLR2004 -- a few just chat
        return writer.plain_post(pen, "bavardage")
    return writer.message(pen, topic) if network == Network.FORUM else writer.short(pen, topic, tags=tags)


def _press(today: Today, back: int) -> Told:
    language = language_of(today.draw, cast.SPACES[PRESS])
    pen = pen_of(today, PRESS, language)
    said = writer.article(
        pen, "presse_titre", "presse", 2 + int(today.draw() * 3), topic="presse", speaker="journalist"
    )
    return made(today, back, PRESS, pen, Facts(said, language))


def _own_article(today: Today, back: int) -> Told:
    language = language_of(today.draw, cast.SPACES[BLOG])
    own = cast.SERELIUM if today.draw() < 0.6 else cast.AERIVANE  # noqa: PLR2004 -- more of the tablet
    pen = pen_of(today, BLOG, language, product=own)
    pen.care = 1.0
    said = writer.article(pen, "blog_titre", "blog", 3 + int(today.draw() * 2), topic="blog", speaker="company")
    told = made(today, back, BLOG, pen, Facts(said, language), author="equipe-vaubrun")
    today.story.roots[BLOG].append(Root(told.row.native_id, writer.topic_of(today.draw)[0], language, own))
    return told


def _spam(today: Today, back: int, at: int) -> Told:
    """Write spam, half of the time a message that was seen before."""
    language = language_of(today.draw, cast.SPACES[at])
    pen = pen_of(today, at, language)
    seen = [o for o in today.story.spam if o.facts.language == language]
    if seen and today.draw() < 0.55:  # noqa: PLR2004 -- robots repeat themselves
        first = seen[int(today.draw() * len(seen))]
        said = first.facts.said._replace(text=first.text)
        return made(today, back, at, pen, Facts(said, language, copy_of=first.key))
    pen.care = 1.0
    said = writer.plain_post(pen, "spam", speaker="seller")._replace(product=None)
    told = made(today, back, at, pen, Facts(said, language))
    today.story.spam.append(original(told))
    return told


def _repost(today: Today, back: int, at: int) -> Told:
    """Pass on a post as it is."""
    recent = today.story.recent[at]
    return passed_on(today, back, at, recent[int(today.draw() * len(recent))])


def event(today: Today, back: int) -> Told:
    """Write an adverse-event post: two of three in French, two of three on the tablet."""
    draw, rank = today.draw, today.story.events
    today.story.events += 1
    language = "en" if rank % 3 == 1 else "fr"
    product = cast.AERIVANE if rank % 7 in (2, 5) else cast.SERELIUM
    field_ = "asthma" if product == cast.AERIVANE else "thyroid"
    _, _, (_, _, speaker) = writer.fitting(language, product, rank)
    places = [
        i
        for i in HARMED
        if cast.SPACES[i].about in (field_, "both")
        and (language == "fr") <= (cast.SPACES[i].french > 0)
        and (language == "en") <= (cast.SPACES[i].french < 1)
    ]
    at = PRO if speaker in ("gp", "pharmacist", "nurse") else one_of(tuple(places), draw)
    pen = pen_of(today, at, language, product=product)
    event = writer.event(pen, rank)
    facts = Facts(event.said, language, event.reaction, event.criteria)
    return made(today, back, at, pen, facts, anonymous="reporter" not in event.criteria)
