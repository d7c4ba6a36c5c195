"""The company's dictionary: products and substances that findings name first, with their spellings.

A change means that texts are read otherwise: the past is read again as due work, what people corrected stays on top.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from vigie.enrich.health.finder import HealthFinder
from vigie.enrich.health.said import plain
from vigie.errors import DecisionError
from vigie.server import engine
from vigie.server.models import DictionaryEntry
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit, work

MOST_ENTRIES, MOST_SPELLINGS = 2_000, 50
"""Open entries, and spellings of one: far beyond what a company makes; all are read into memory with the queries."""

LONGEST = 120
"""Characters of a name, a spelling, a substance (the record's columns)."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What an entry is to say."""

    name: str
    spellings: tuple[str, ...] = ()
    substance: str = ""
    is_ours: bool = False
    is_device: bool = False


def read_spellings(text: str) -> tuple[str, ...]:
    """Read what somebody typed, one spelling a line; each once, blank lines left out."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple({plain(line): line for line in lines if plain(line)}.values())


@transaction.atomic
def add(wording: Wording, *, asker: Asker, now: datetime) -> DictionaryEntry:
    """Add an entry.

    Raises:
        DecisionError: the role does not allow it, or the wording won't do.
    """
    asker.require(Permission.EDIT_WATCHES)
    others = _open_others(None)
    if len(others) >= MOST_ENTRIES:
        raise DecisionError("The dictionary holds at most 2,000 entries.", code="dictionary.full")
    _check(wording, others)
    made = DictionaryEntry.objects.create(**_columns(wording), created_at=now)
    audit.write(asker, "dictionary.add", f"entry:{made.pk}", now=now, after=_counted(made))
    _follow(asker)
    return made


@transaction.atomic
def change(entry_id: int, wording: Wording, *, asker: Asker, now: datetime) -> DictionaryEntry:
    """Change an entry; what says the same as before changes nothing.

    Raises:
        DecisionError: the role does not allow it, or the wording won't do.
    """
    asker.require(Permission.EDIT_WATCHES)
    entry = DictionaryEntry.objects.select_for_update().get(pk=entry_id)
    before, columns = _counted(entry), _columns(wording)
    if all(getattr(entry, name) == value for name, value in columns.items()):
        return entry
    if entry.closed_at is None:
        _check(wording, _open_others(entry_id))
    for name, value in columns.items():
        setattr(entry, name, value)
    entry.save(update_fields=list(columns))
    audit.write(asker, "dictionary.change", f"entry:{entry_id}", now=now, before=before, after=_counted(entry))
    if entry.closed_at is None:
        _follow(asker)
    return entry


@transaction.atomic
def close(entry_id: int, *, asker: Asker, now: datetime, closed: bool = True) -> DictionaryEntry:
    """Close an entry, which is then looked for no more, or open it again.

    Raises:
        DecisionError: the role does not allow it, or another entry took its name meanwhile.
    """
    asker.require(Permission.EDIT_WATCHES)
    entry = DictionaryEntry.objects.select_for_update().get(pk=entry_id)
    if (was := entry.closed_at is not None) == closed:
        return entry
    if not closed:
        _check(_wording(entry), _open_others(entry_id))
    entry.closed_at = now if closed else None
    entry.save(update_fields=["closed_at"])
    audit.write(
        asker, "dictionary.close" if closed else "dictionary.reopen", f"entry:{entry_id}", now=now,
        before={"closed": was}, after={"closed": closed},
    )  # fmt: skip
    _follow(asker)
    return entry


def _open_others(entry_id: int | None) -> list[DictionaryEntry]:
    return list(DictionaryEntry.objects.filter(closed_at=None).exclude(pk=entry_id))


def _check(wording: Wording, others: Sequence[DictionaryEntry]) -> None:
    """Refuse a wording that finds nothing, or that another entry is written as."""
    spelt = [wording.name, *wording.spellings]
    if not plain(wording.name):
        raise DecisionError("A name has a letter or a digit at least.", code="dictionary.name")
    if len(wording.spellings) > MOST_SPELLINGS:
        raise DecisionError("An entry has at most 50 other spellings.", code="dictionary.spellings")
    if any(len(text) > LONGEST for text in (*spelt, wording.substance)):
        raise DecisionError("A name, a spelling or a substance has at most 120 characters.", code="dictionary.long")
    taken = {plain(text): other.name for other in others for text in (other.name, *other.spellings)}
    if (twice := next((plain(text) for text in spelt if plain(text) in taken), None)) is not None:
        facts = {"spelling": twice, "entry": taken[twice]}
        raise DecisionError(f"“{twice}” is a spelling of “{taken[twice]}”.", code="dictionary.taken", facts=facts)


def _columns(wording: Wording) -> dict[str, object]:
    own = plain(wording.name)
    return {
        "name": wording.name, "spellings": [text for text in wording.spellings if plain(text) != own],
        "substance": "" if wording.is_device else wording.substance, "is_ours": wording.is_ours,
        "is_device": wording.is_device,
    }  # fmt: skip


def _wording(entry: DictionaryEntry) -> Wording:
    return Wording(entry.name, tuple(entry.spellings), entry.substance, entry.is_ours, entry.is_device)


def _counted(entry: DictionaryEntry) -> dict[str, object]:
    """Return what the audit log keeps of an entry: no word of it."""
    return {
        "spellings": len(entry.spellings), "substance": bool(entry.substance), "ours": entry.is_ours,
        "device": entry.is_device,
    }  # fmt: skip


def _follow(asker: Asker) -> None:
    """Say that texts are read otherwise now, and have the past read again."""
    engine.bump_generation()
    work.enqueue("relabel", f"relabel:{'+'.join(HealthFinder.kinds)}", {"kinds": list(HealthFinder.kinds)}, asker=asker)
