"""`vigie lexicon load`: put a newer list of names into use."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vigie.errors import SchemaError

MOST_SHOWN = 500
"""Changes that are written one by one; the counts are of all."""


def load(name: str, path: Path, out: Path | None) -> Iterator[dict[str, Any]]:
    """Compile the French public drug base into this installation; yield what it changes: first the counts, then the names.

    Raises:
        SchemaError: another list is asked for, or the files are not those of the base.
    """
    from vigie.enrich.health import bdpm, table  # noqa: PLC0415 -- Numba, a second

    if name != "bdpm":
        raise SchemaError(f"there is no list “{name}”; there is: bdpm", code="lexicon.name", facts={"name": name})
    kept = out or bdpm.kept_in(_folder())
    before = bdpm.read(kept.read_text("utf-8")) if kept.is_file() else table.shipped()
    now = bdpm.compiled(bdpm.files_of(path))
    change = bdpm.change(before, now)
    bdpm.keep(now, kept)
    yield {
        "list": name, "date": now.date, "before": before.date, "names": len(now.drugs), "added": len(change.added),
        "dropped": len(change.dropped), "changed": len(change.changed), "file": str(kept),
    }  # fmt: skip
    meant = {drug.name: drug.value for drug in (*before.drugs, *now.drugs)}
    for what, names in (("added", change.added), ("dropped", change.dropped), ("changed", change.changed)):
        for one in names[:MOST_SHOWN]:
            yield {"change": what, "name": one, "means": meant[one]}


def _folder() -> Path:
    """Return the folder of everything that this installation writes."""
    from vigie.server.config import load as settings  # noqa: PLC0415 -- beside its one use

    return settings(os.environ).var
