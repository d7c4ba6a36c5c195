"""Put a demo aside, whole, and remember who begins the record that follows; no Django, as the record changes under it.

The request is a file in the folder of `VIGIE_VAR`. Every start looks for it first, so that a start that dies half-way is
gone on with at the next: each step can be done again.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

REQUEST = "leave-demo.json"
STAY = ("build", "vigie.log", REQUEST)
"""What is not the demo's: built pages, the log that is being written, the request itself."""
PREFIX = "demo-"


@dataclass(frozen=True, slots=True)
class Leaving:
    """A demo to put aside, and the first administrator of what follows."""

    folder: str
    """Name of the folder, inside `VIGIE_VAR`, that holds the demo from now on."""
    email: str
    name: str
    password_hash: str
    language: str
    is_moved: bool = False


def var(environ: Mapping[str, str]) -> Path:
    """Return the folder of this installation."""
    return Path(environ.get("VIGIE_VAR", "var"))


def asked(folder: Path) -> Leaving | None:
    """Return the request that waits, if any."""
    try:
        return Leaving(**json.loads((folder / REQUEST).read_text("utf-8")))
    except FileNotFoundError:
        return None


def ask(folder: Path, leaving: Leaving) -> None:
    """Write the request at once, whole or not at all, for its owner's eyes alone."""
    draft = folder / f"{REQUEST}.draft"
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(leaving), file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, folder / REQUEST)


def put_aside(folder: Path, leaving: Leaving) -> Leaving:
    """Move everything of the demo into its folder; a file that is there already belongs to what follows, and stays."""
    if leaving.is_moved:
        return leaving
    target = folder / leaving.folder
    target.mkdir(mode=0o700, exist_ok=True)
    for entry in sorted(folder.iterdir()):
        if entry.name not in STAY and not entry.name.startswith(PREFIX) and not (target / entry.name).exists():
            entry.rename(target / entry.name)
    moved = replace(leaving, is_moved=True)
    ask(folder, moved)
    return moved


def forget(folder: Path) -> None:
    """Take the request away: what follows has begun."""
    (folder / REQUEST).unlink(missing_ok=True)
