"""The bad buzz: on a forum first, then everywhere, then in the press; some of it goes round word for word."""

from vigie.demo import cast, pace, people, writer
from vigie.demo.grammar import write
from vigie.demo.making import (
    BLOG,
    BUZZING,
    FORUM,
    MICRO,
    NUMBER,
    PRESS,
    PRO,
    Facts,
    Root,
    Today,
    Told,
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


def buzz(today: Today, back: int) -> Told:
    """Write a post of the buzz: on a forum first, then everywhere, then in the press; some go round word for word."""
    draw, since = today.draw, pace.BUZZ_STARTS - today.plan.back
    if not today.story.begun:
        return _first(today, back)
    at = FORUM if since == 0 or (since == 1 and draw() < 0.6) else one_of(BUZZING, draw)  # noqa: PLR2004 -- the second day it leaves the forum
    chance = draw()
    if since > 1 and chance < 0.2:  # noqa: PLR2004 -- one in five is a copy
        return _copy(today, back)
    if since > 2 and chance < 0.26:  # noqa: PLR2004 -- the press comes on the fourth day
        return _dispatch(today, back)
    if since > 1 and chance < 0.27:  # noqa: PLR2004 -- a few posts of the well-followed
        return _influence(today, back)
    if at == PRO:
        return professional(today, back, "pro_calme", buzz=True)
    symbol = "rumeur_calme" if chance < 0.4 else "temoin_flou" if chance < 0.45 else "rumeur"  # noqa: PLR2004 -- parts of the buzz
    return _rumour(today, back, at, symbol)


def _rumour(today: Today, back: int, at: int, symbol: str) -> Told:
    space, story_, draw = cast.SPACES[at], today.story, today.draw
    language = language_of(draw, space)
    pen = pen_of(today, at, language, product=cast.SERELIUM)
    tone = "positive" if symbol == "rumeur_calme" else "negative"
    forum, micro = space.network == Network.FORUM, at in MICRO
    said = writer.plain_post(
        pen,
        symbol,
        tone=tone,
        speaker="other",
        more=0 if symbol == "temoin_flou" else 0.55 if forum else 0.15,
        tags=0.35 if micro else 0,
        names=True,
    )
    roots = story_.roots[at]
    reply = roots[-1].native_id if roots and roots[-1].topic == "rumeur" and draw() < 0.4 else None  # noqa: PLR2004 -- four in ten answer
    if reply is None and space.network in (Network.FORUM, Network.REVIEW):
        said = said._replace(title=writer.told(pen, [pen.say("buzz_titre")]).rstrip("."))
    facts = Facts(said, language, rumour=True, buzz=True)
    told = made(today, back, at, pen, facts, in_reply_to=reply)
    if reply is None:
        roots.append(Root(told.row.native_id, "rumeur", language, cast.SERELIUM))
    if micro:
        story_.copied.append(original(told))
    return told


def _first(today: Today, back: int) -> Told:
    """Write the message that begins it all; its author takes it away later."""
    pen = pen_of(today, FORUM, "fr", product=cast.SERELIUM)
    pen.care = 0.9
    text = writer.told(pen, [pen.say("origine")])
    said = Said("Nouvelle formule, quelqu'un sait ?", text, "rumeur", "negative", "other", cast.SERELIUM)
    told = made(today, back, FORUM, pen, Facts(said, "fr", rumour=True, buzz=True), author="Papillon38", fate="deleted")
    today.story.roots[FORUM].append(Root(told.row.native_id, "rumeur", "fr", cast.SERELIUM))
    today.story.begun = True
    return told


def _copy(today: Today, back: int) -> Told:
    """Copy a chain message with some words before or after, or pass on a post."""
    draw, story_ = today.draw, today.story
    at = one_of(MICRO, draw)
    here = [o for o in story_.copied if o.space == at]
    if here and draw() < 0.45:  # noqa: PLR2004 -- nearly half use the button
        return passed_on(today, back, at, here[int(draw() * draw() * len(here))])
    at = one_of(BUZZING, draw)
    at = at if at not in (PRO, BLOG) else FORUM
    language = language_of(draw, cast.SPACES[at])
    pen = pen_of(today, at, language, product=cast.SERELIUM)
    pen.care = 1.0
    number = int(draw() * pen.voice.grammar["chaine"].n)
    first = story_.chains.get(f"{language}{number}")
    if first is None:
        return _chain(today, back, at, pen, number)
    text = pen.say("avant_copie") + first.text + pen.say("apres_copie")
    said = first.facts.said._replace(text=text, title=None)
    return made(today, back, at, pen, first.facts._replace(said=said, copy_of=first.key))


def _chain(today: Today, back: int, at: int, pen: Pen, number: int) -> Told:
    """Write a chain message for the first time."""
    options = pen.voice.grammar["chaine"].options
    text = pen.say("chaine") if number >= len(options) else pen.fill(_option(pen, number))
    said = Said(None, text, "chaine", "negative", "other", cast.SERELIUM)
    told = made(today, back, at, pen, Facts(said, pen.language, rumour=True, buzz=True))
    today.story.chains[f"{pen.language}{number}"] = original(told)
    return told


def _option(pen: Pen, number: int) -> str:
    option = pen.voice.grammar["chaine"].options[number]
    if isinstance(option, str):
        return option
    return "".join(part if isinstance(part, str) else write(part, pen.draw) for part in option)


def _dispatch(today: Today, back: int) -> Told:
    """Write an article on the buzz: half of them an agency's dispatch, as many sites print it."""
    draw, story_ = today.draw, today.story
    language = language_of(draw, cast.SPACES[PRESS])
    pen = pen_of(today, PRESS, language, product=cast.SERELIUM)
    number = int(draw() * 5)
    first = story_.chains.get(f"dispatch-{language}{number}")
    if first is not None and draw() < 0.5:  # noqa: PLR2004 -- half are the dispatch as it came
        said = first.facts.said._replace(text=first.text + (" " + pen.say("presse") + "." if draw() < 0.5 else ""))  # noqa: PLR2004 -- some add a line
        return made(today, back, PRESS, pen, first.facts._replace(said=said, copy_of=first.key))
    wired = first is None
    said = writer.article(
        pen,
        "depeche_titre" if wired else "presse_titre",
        "depeche" if wired else "presse",
        1 if wired else 3,
        topic="depeche",
        speaker="journalist",
    )
    told = made(today, back, PRESS, pen, Facts(said, language, rumour=wired, buzz=True))
    if wired:
        story_.chains[f"dispatch-{language}{number}"] = original(told)
    return told


def _influence(today: Today, back: int) -> Told:
    at = NUMBER["bluesky-sante"]
    language = language_of(today.draw, cast.SPACES[at])
    pen = pen_of(today, at, language, product=cast.SERELIUM)
    pen.care = 0.95
    said = writer.plain_post(pen, "influence", speaker="professional", names=True)
    handle, name, _ = people.INFLUENCERS[language]
    told = made(
        today, back, at, pen, Facts(said, language, rumour=True, buzz=True, influencer=True), author=handle, name=name
    )
    today.story.copied.append(original(told))
    return told
