"""All that the page of a mention shows, for who may see it."""

from dataclasses import dataclass

from vigie.enrich.found import counts
from vigie.schema.vocab import FindingKind
from vigie.server import engine
from vigie.server.models import (
    Correction,
    Finding,
    Label,
    MarkRow,
    Mention,
    Post,
    PostStory,
    PostVersion,
    Reading,
    Watch,
)
from vigie.server.permissions import Asker
from vigie.server.pseudonyms import pseudonym
from vigie.server.queries import categories, documents, evidence, mentions, scope, speaking, stories

THREAD_MOST = 50
"""Posts of a thread that are shown: longer ones are read at their source."""

ANCESTORS_MOST = 10
"""Answers up the thread that are followed."""


@dataclass(frozen=True, slots=True)
class ThreadPost:
    """A post of the same conversation."""

    post: Post
    author: str | None
    is_this: bool


@dataclass(frozen=True, slots=True)
class Why:
    """Why a watch matched: which of its tests hold."""

    watch: Watch
    mention: Mention
    tests: tuple[str, ...]
    """The tests that hold, in their normal form; empty for a wording that is no longer in use."""


@dataclass(frozen=True, slots=True)
class LabelShown:
    """A label with the model that gave it, and a person's correction when there is one."""

    kind: str
    value: str
    score: float | None
    model: str
    corrected: bool


@dataclass(frozen=True, slots=True)
class FoundShown:
    """One thing found in the post, with the words that say it."""

    kind: str
    value: str
    words: str
    """Empty where the whole text says it."""
    place: tuple[int, int] | None
    """Of these words in the title, a line's end and the text."""
    counts: bool
    """Not denied, nor only supposed, where that matters."""
    flags: tuple[str, ...]
    """Of `negated`, `hypothetical`, `past`, `of_another` those that hold."""
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A mention with its post."""

    mention: Mention
    row: mentions.PostRow
    whys: tuple[Why, ...]
    labels: tuple[LabelShown, ...]
    found: tuple[FoundShown, ...]
    versions: tuple[PostVersion, ...]
    readings: tuple[Reading, ...]
    spaces: tuple[str, ...]
    thread: tuple[ThreadPost, ...]
    not_about_us: bool
    evidence: tuple[evidence.Seen, ...]
    said: tuple[speaking.Said, ...]
    """Who speaks and what for."""
    sorted: tuple[categories.Sorted, ...]
    story: PostStory | None
    """Absent where the reader sees no other post of it."""


def detail(mention_id: int, *, who: Asker) -> Detail | None:
    """Return a mention's page; `None` for who may not see it, as if it did not exist."""
    mention = mentions.visible(mention_id, who=who)
    if mention is None:
        return None
    post, allowed = mention.post, scope.watch_ids(who)
    seen = list(Mention.objects.select_related("watch").filter(post=post, watch_id__in=allowed).order_by("pk"))
    labels = _labels(mention)
    row = _row(mention, seen, labels)
    return Detail(
        mention=mention,
        row=row,
        whys=_whys(post, seen),
        labels=labels,
        found=_found(post),
        versions=tuple(PostVersion.objects.filter(post=post).order_by("-version")),
        readings=tuple(Reading.objects.filter(post=post).order_by("at")),
        spaces=documents.document(post.pk).spaces,
        thread=_thread(post, allowed),
        not_about_us=MarkRow.objects.filter(mention=mention, kind="not_about_us").exists(),
        evidence=evidence.of_post(post),
        said=speaking.of_mention(mention),
        sorted=categories.of_post(post.pk, who),
        story=stories.of_post(post.pk, who),
    )


def _labels(mention: Mention) -> tuple[LabelShown, ...]:
    corrections = dict(Correction.objects.filter(mention=mention).values_list("kind", "value"))
    labels = Label.objects.select_related("labeller").filter(post=mention.post_id, chosen=True).order_by("kind")
    shown = {
        label.kind: LabelShown(label.kind, label.value, label.score, str(label.labeller), corrected=False)
        for label in labels
    }
    for kind, value in corrections.items():
        shown[kind] = LabelShown(kind, value, None, "", corrected=True)
    return tuple(shown[kind] for kind in sorted(shown))


SHOWN_FLAGS = ("negated", "hypothetical", "past", "of_another")

FOUND_MOST = 40
"""Findings that are shown: a leaflet pasted whole has more, and they say no more."""


def _found(post: Post) -> tuple[FoundShown, ...]:
    text = f"{post.title}\n{post.text}" if post.title else post.text
    rows = Finding.objects.filter(post=post, kind__in=SHOWN_KINDS).order_by("starts", "pk")[:FOUND_MOST]
    return tuple(_shown(f, text) for f in rows)


def _shown(found: Finding, text: str) -> FoundShown:
    place = None if found.starts is None or found.ends is None else (found.starts, found.ends)
    flags = tuple(flag for flag in SHOWN_FLAGS if getattr(found, flag))
    counted = counts(found.kind, negated=found.negated, hypothetical=found.hypothetical)
    words = text[slice(*place)] if place else ""
    return FoundShown(found.kind, found.value, words, place, counted, flags, found.name, found.source)


SHOWN_KINDS = tuple(
    kind.value for kind in (FindingKind.DRUG, FindingKind.REACTION, FindingKind.CONDITION, FindingKind.DEVICE)
)


def _row(mention: Mention, seen: list[Mention], labels: tuple[LabelShown, ...]) -> mentions.PostRow:
    values = {label.kind: label.value for label in labels}
    ids = [mention.pk, *(m.pk for m in seen if m.pk != mention.pk)]
    found = {"language": values.get("language"), "tone": values.get("tone")}
    return mentions.row_of(mention.post, ids, found)


def _whys(post: Post, seen: list[Mention]) -> tuple[Why, ...]:
    watches = [str(m.watch_id) for m in seen]
    caught = engine.standing().queries.explain(documents.document(post.pk), among=watches)
    return tuple(Why(m.watch, m, tuple(str(c.leaf) for c in caught.get(str(m.watch_id), ()))) for m in seen)


def _thread(post: Post, allowed: tuple[int, ...]) -> tuple[ThreadPost, ...]:
    """Return the conversation, oldest first: what was answered, and what answers; nothing that others' watches brought."""
    chain = _ancestors(post)
    keys = [bytes(p.heard.key) for p in (*chain, post)]
    answers = list(_readable(Post.objects.filter(reply_key__in=keys), allowed)[:THREAD_MOST])
    posts = {p.pk: p for p in (*_only_readable(chain, allowed), *answers, post)}
    ordered = sorted(posts.values(), key=lambda p: (p.published_at, p.pk))
    if len(ordered) == 1:
        return ()
    return tuple(ThreadPost(p, pseudonym(bytes(p.author.key)) if p.author else None, p.pk == post.pk) for p in ordered)


def _ancestors(post: Post) -> list[Post]:
    chain: list[Post] = []
    current: Post | None = post
    while current is not None and current.reply_key and len(chain) < ANCESTORS_MOST:
        key = bytes(current.reply_key)
        current = Post.objects.select_related("author", "heard").filter(heard__key=key).first()
        if current is not None:
            chain.append(current)
    return chain


def _readable(posts, allowed: tuple[int, ...]):  # type: ignore[no-untyped-def] -- querysets in and out
    """Leave out posts that only watches of other brands brought."""
    elsewhere = Mention.objects.exclude(watch_id__in=allowed).values("post_id")
    here = Mention.objects.filter(watch_id__in=allowed).values("post_id")
    hidden = posts.filter(pk__in=elsewhere).exclude(pk__in=here).values("pk")
    return posts.exclude(pk__in=hidden).select_related("author", "heard").order_by("published_at", "pk")


def _only_readable(chain: list[Post], allowed: tuple[int, ...]) -> list[Post]:
    return list(_readable(Post.objects.filter(pk__in=[p.pk for p in chain]), allowed))
