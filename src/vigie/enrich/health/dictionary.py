"""The company's own dictionary: its medicines and devices, those of others that matter to it, with their spellings."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

SOURCE = "dictionary"
"""What findings of the dictionary give as their source, before the version of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A product."""

    name: str
    """As the company writes it."""
    spellings: tuple[str, ...] = ()
    """Other ways to write it; the name is always one."""
    substance: str = ""
    """What it holds, of a medicine; empty where none is given: then its name is its normal form."""
    is_ours: bool = False
    is_device: bool = False

    @property
    def value(self) -> str:
        """Return the normal form."""
        return self.substance if self.substance and not self.is_device else self.name


def version_of(entries: Sequence[Entry]) -> str:
    """Return a short mark of what a dictionary holds, the same whatever the order; empty of none."""
    if not entries:
        return ""
    rows = sorted(
        "\x1f".join((e.name, *sorted(e.spellings), e.substance, str(int(e.is_ours)), str(int(e.is_device))))
        for e in entries
    )
    return hashlib.blake2b("\x1e".join(rows).encode(), digest_size=4).hexdigest()
