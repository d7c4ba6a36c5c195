"""Named lists of sites and authors, which queries ask for by name: `list:NAME`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from vigie.errors import DecisionError, SchemaError
from vigie.match import QueryError, parse
from vigie.match.knowledge import site_of
from vigie.match.tree import Field, leaves
from vigie.server import engine, keys
from vigie.server.models import ListEntry, NamedList, Watch
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit, categorising, work

NAME = re.compile(r"[\w-]{1,80}")
"""What a query can write after `list:`."""

MOST_ENTRIES = 20_000
"""Entries of one list: far beyond what people keep by hand; each costs a look a batch."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What a list is to hold: sites, and authors as (host, handle)."""

    sites: tuple[str, ...] = ()
    authors: tuple[tuple[str, str], ...] = ()


def read_entries(sites: str, authors: str) -> Entries:
    """Read what somebody typed, one entry a line; an author is a host, then a handle.

    Raises:
        SchemaError: a line of authors has no host.
    """
    rows = [line.split() for line in authors.splitlines() if line.strip()]
    for row in rows:
        if len(row) != 2:  # noqa: PLR2004 -- host and handle
            sentence = f"“{' '.join(row)[:80]}” is not a host and a handle, such as forum.example marie34."
            raise SchemaError(sentence, code="list.author", facts={"line": " ".join(row)[:80]})
    hosts = tuple(dict.fromkeys(site_of(line) for line in sites.splitlines() if line.strip()))
    return Entries(hosts, tuple((site_of(host), handle) for host, handle in rows))


@transaction.atomic
def add(name: str, entries: Entries, *, asker: Asker, now: datetime) -> NamedList:
    """Add a list.

    Raises:
        DecisionError: the role does not allow it, or the name won't do.
    """
    asker.require(Permission.EDIT_WATCHES)
    if not NAME.fullmatch(name):
        raise DecisionError("A list's name is letters, digits and hyphens.", code="list.name")
    if NamedList.objects.filter(name__iexact=name).exists():
        raise DecisionError("Another list has this name already.", code="list.name_taken")
    made = NamedList.objects.create(name=name.lower(), created_at=now)
    _write(made, entries)
    audit.write(asker, "list.add", f"list:{made.pk}", now=now, after=counts(made))
    _rerun(made, asker)
    return made


@transaction.atomic
def change(list_id: int, entries: Entries, *, without: Iterable[int] = (), asker: Asker, now: datetime) -> NamedList:
    """Set a list's sites, add authors, take some out; watches that use it are run over the past again.

    Args:
        without: Entries of authors to take out.

    Raises:
        DecisionError: the role does not allow it, or the list would be too long.
    """
    asker.require(Permission.EDIT_WATCHES)
    changed = NamedList.objects.select_for_update().get(pk=list_id)
    before = counts(changed)
    changed.entries.filter(pk__in=list(without), site="").delete()
    changed.entries.filter(author_key=None).exclude(site__in=entries.sites).delete()
    _write(changed, entries)
    audit.write(asker, "list.change", f"list:{list_id}", now=now, before=before, after=counts(changed))
    _rerun(changed, asker)
    return changed


def _write(to: NamedList, entries: Entries) -> None:
    """Add entries; the generation is raised first, so that a change of the authors' key waits for this transaction."""
    engine.bump_generation()
    authors = keys.chain()
    # While a new key takes over, members stand under the old one, which every post's hash can be held against.
    at = authors.moved - 1
    rows = [ListEntry(list=to, site=site[:255]) for site in entries.sites]
    rows += [ListEntry(list=to, author_key=authors.links(host, handle)[at]) for host, handle in entries.authors]
    ListEntry.objects.bulk_create(rows, ignore_conflicts=True)
    if to.entries.count() > MOST_ENTRIES:
        raise DecisionError("A list holds at most 20,000 entries.", code="list.too_long")


def counts(of: NamedList) -> dict[str, object]:
    """Return how many sites and authors a list holds."""
    sites = of.entries.filter(author_key=None).count()
    return {"sites": sites, "authors": of.entries.count() - sites}


def users_of(name: str) -> list[Watch]:
    """Return the open watches that ask for a list."""
    found = Watch.objects.filter(closed_at=None, expression__icontains="list:").order_by("name")
    return [watch for watch in found if _asks(watch.expression, name)]


def _asks(expression: str, name: str) -> bool:
    try:
        root = parse(expression).root
    except QueryError:
        # Refused since it was saved: it asks for nothing (`engine.unreadable`).
        return False
    return any(isinstance(leaf, Field) and (leaf.name, leaf.value) == ("list", name) for leaf in leaves(root))


def _rerun(changed: NamedList, asker: Asker) -> None:
    """Say that queries mean something else now, and run those that use the list over the past: watches and categories."""
    engine.bump_generation()
    for watch in users_of(changed.name):
        work.enqueue("backfill", f"backfill:{watch.pk}", {"watch": watch.pk}, asker=asker)
    categorising.follow("list", changed.name)


@transaction.atomic
def close(list_id: int, *, asker: Asker, now: datetime, closed: bool = True) -> None:
    """Close a list, which then has no members, or open it again.

    Raises:
        DecisionError: the role does not allow it.
    """
    asker.require(Permission.EDIT_WATCHES)
    changed = NamedList.objects.select_for_update().get(pk=list_id)
    was, changed.closed_at = changed.closed_at is not None, now if closed else None
    changed.save(update_fields=["closed_at"])
    audit.write(
        asker, "list.close" if closed else "list.reopen", f"list:{list_id}", now=now,
        before={"closed": was}, after={"closed": closed},
    )  # fmt: skip
    _rerun(changed, asker)
