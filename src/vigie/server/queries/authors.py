"""What stands of an author, as a pseudonym, for who may see some post of theirs."""

from dataclasses import dataclass
from datetime import datetime

from vigie.server import keys, mirroring
from vigie.server.models import Author, ListEntry, Mention, NamedList, NameView
from vigie.server.permissions import Asker
from vigie.server.pseudonyms import pseudonym
from vigie.server.queries import filters as filtering
from vigie.server.queries import mentions, scope
from vigie.server.queries.filters import Filters
from vigie.server.queries.mentions import ListPage
from vigie.server.queries.paging import Page, page


@dataclass(frozen=True, slots=True)
class AuthorSeen:
    """An author with the mentions that the asker may see."""

    author: Author
    pseudonym: str
    found: ListPage
    by_network: dict[str, int]
    """Mentions of the window by network, the most first."""
    by_tone: dict[str | None, int]
    """Mentions of the window by tone; `None` are those that no model read."""


def visible(author_id: int, *, who: Asker) -> Author | None:
    """Return an author of whom the asker may see a mention; `None` for others, as if they did not exist."""
    seen = Mention.objects.filter(post__author_id=author_id, watch_id__in=scope.watch_ids(who))
    return Author.objects.filter(pk=author_id).first() if seen.exists() else None


def author(found: Author, filters: Filters, *, who: Asker, now: datetime, after: str | None) -> AuthorSeen:
    """Return the figures and a page of the mentions of an author within filters, both from the mirror."""
    chosen = filtering.to_store(filters, who, mentions.subjects_of(who))
    rows = mirroring.view(now=now).counts(chosen, ("network", "tone")).to_pylist()
    networks: dict[str, int] = {}
    tones: dict[str | None, int] = {}
    for row in rows:
        networks[row["network"]] = networks.get(row["network"], 0) + row["mentions"]
        tones[row["tone"]] = tones.get(row["tone"], 0) + row["mentions"]
    return AuthorSeen(
        author=found,
        pseudonym=pseudonym(bytes(found.key)),
        found=mentions.page(filters, who=who, now=now, after=after),
        by_network=dict(sorted(networks.items(), key=lambda pair: (-pair[1], pair[0]))),
        by_tone=tones,
    )


def lists_of(found: Author) -> list[NamedList]:
    """Return the open lists that an author is in."""
    known = keys.chain()
    entries = ListEntry.objects.filter(list__closed_at=None).exclude(author_key=None)
    if known.moved == (found.key_version or 1):
        ids = entries.filter(author_key=bytes(found.key)).values_list("list_id", flat=True)
    else:
        # A new key takes over: members stand under the one before, from which the author's hash can be made.
        ids = {
            list_id
            for list_id, key in entries.values_list("list_id", "author_key")
            if bytes(found.key) in known.links_of(bytes(key), known.moved)
        }
    return list(NamedList.objects.filter(pk__in=ids).order_by("name"))


def views(*, after: int | None, user_id: int | None = None, author_id: int | None = None) -> Page[NameView]:
    """Return a page of who looked at whose name, the newest first, of one user or author when asked."""
    rows = NameView.objects.select_related("user")
    if user_id is not None:
        rows = rows.filter(user_id=user_id)
    if author_id is not None:
        rows = rows.filter(author_id=author_id)
    return page(rows, ("-at",), after=after)
