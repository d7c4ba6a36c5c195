"""Search in all that was heard: the newest posts first, page by page, with a count beside, and what was covered.

The count is that of the previews of watches. The list reads the archive backwards and stops after a second or two: a
word that nobody wrote for a year is looked for a stretch at a time, and the page says how far it came.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vigie.flows.preview import Looker
from vigie.match import parse
from vigie.match.labels import refuse_labels
from vigie.server import engine
from vigie.server.permissions import Asker
from vigie.server.queries import documents
from vigie.server.services import archiving, previewing
from vigie.server.services.previewing import Among, Shown

ROWS = 50
"""Posts of a page of what is found (DESIGN §1, rule 4)."""

LIST_S = 2.0
"""Seconds after which no further stretch of time is begun: with the count's second, what one waits for a search."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the list: the time a post was heard, and its key."""

    at: datetime
    key: bytes = b""

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat()}~{self.key.hex()}"

    @staticmethod
    def read(text: str) -> "Place | None":
        """Read a place from an address; nothing when it is none."""
        at, _, key = text.partition("~")
        try:
            found = Place(datetime.fromisoformat(at), bytes.fromhex(key))
        except ValueError:
            return None
        return found if found.at.tzinfo else None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found so far."""

    counted: Shown
    rows: tuple[Row, ...]
    """Newest first."""
    reached: datetime
    """All that was heard from here on was looked at for the list."""
    more: Place | None
    """Where the next page begins; absent when nothing is left."""


def search(
    expression: str,
    among: Among,
    *,
    after: Place | None,
    asker: Asker,
    monotonic: Callable[[], float],
    more: bool = False,
) -> Found:
    """Look for an expression; `among` has an end.

    Args:
        after: Where the list goes on; from the newest without it.
        more: Go on with the count that was begun.

    Raises:
        DecisionError: the role does not allow it.
        QueryError: the expression can't be read, or asks for labels, which what was heard has not.
        RetryableError: the archive can't be read now.
    """
    refuse_labels(parse(expression))
    counted = previewing.preview(
        expression, since=among.since, until=among.until, space_ids=among.space_ids, asker=asker, monotonic=monotonic,
        more=more,
    )  # fmt: skip
    rows, reached, further = _listed(expression, among, after, monotonic)
    return Found(counted, rows, reached, further)


def _listed(
    expression: str, among: Among, after: Place | None, monotonic: Callable[[], float]
) -> tuple[tuple[Row, ...], datetime, Place | None]:
    until = among.until or datetime.max.replace(tzinfo=UTC)
    if after is not None:
        # Posts heard at the same instant stand on both pages: they go by their keys.
        until = min(until, after.at + timedelta(microseconds=1))
    queries = engine.compiled({"search": expression})
    looker = Looker(queries["search"], queries, engine.languages())
    spaces = engine.standing().spaces
    found: dict[bytes, Row] = {}
    stop, reached = monotonic() + LIST_S, until
    for piece in _pieces(Among(among.since, until, among.space_ids)):
        if not isinstance(piece, datetime):
            _add(found, piece, looker, spaces, after)
            continue
        reached = piece
        if monotonic() > stop or len(_from(found, reached)) > ROWS:
            break
    rows = _from(found, reached)
    return tuple(rows[:ROWS]), reached, _further(rows, reached, among.since)


def _further(rows: list[Row], reached: datetime, since: datetime) -> Place | None:
    if len(rows) > ROWS:
        return _place(rows[ROWS - 1])
    return Place(reached) if reached > since else None


def _pieces(among: Among) -> Iterator[pa.Table | datetime]:
    """Yield what waits to be archived, then the archive backwards, opened after, so that nothing falls between."""
    assert among.until is not None
    waiting = list(archiving.pending_tables())
    latest = _edited(waiting)
    yield from (_without_superseded(among.of(table), latest) for table in waiting)
    read = archiving.archive().newest_first(
        among.since, among.until, space_ids=among.space_ids, columns=(*previewing.READ, "post_key", "version")
    )
    for piece in read:
        is_mark = isinstance(piece, datetime)
        yield piece if is_mark else _without_superseded(pa.Table.from_batches([piece]), latest)


def _edited(waiting: list[pa.Table]) -> dict[bytes, int]:
    """Return the last version of each post of which a later one than the first waits."""
    latest: dict[bytes, int] = {}
    for table in waiting:
        later = table.filter(pc.greater(table["version"], 1)).select(["post_key", "version"])
        for row in later.to_pylist():
            latest[row["post_key"]] = max(row["version"], latest.get(row["post_key"], 0))
    return latest


def _without_superseded(table: pa.Table, latest: dict[bytes, int]) -> pa.Table:
    if not latest:
        return table
    keys, versions = table["post_key"].to_pylist(), table["version"].to_pylist()
    return table.filter(pa.array([latest.get(k, v) <= v for k, v in zip(keys, versions, strict=True)], pa.bool_()))


def _add(
    found: dict[bytes, Row], table: pa.Table, looker: Looker, spaces: documents.Spaces, after: Place | None
) -> None:
    """Add the posts of a table that match; of a post that is met twice the later version stays."""
    for start in range(0, table.num_rows, previewing.SLICE_ROWS):
        piece = table.slice(start, previewing.SLICE_ROWS)
        rows = looker.look(documents.of_archive(piece, spaces=spaces)).rows
        for row in piece.take(pa.array(rows, pa.int64())).to_pylist():
            known = found.get(row["post_key"])
            is_before = after is None or _place(row) < after
            if is_before and (known is None or known["version"] <= row["version"]):
                found[row["post_key"]] = row


def _from(found: dict[bytes, Row], reached: datetime) -> list[Row]:
    """Return the posts heard since a time, newest first: of older ones others may still be missing."""
    return sorted((row for row in found.values() if row["heard_at"] >= reached), key=_place, reverse=True)


def _place(row: Row) -> Place:
    return Place(row["heard_at"], row["post_key"])
