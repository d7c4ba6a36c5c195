"""Read labelled texts from a folder the operator fills: tables of id, label and text, tab-separated, with a header.

UMSAB tweets may be used for measuring, not shipped (Barbieri, Espinosa Anke, Camacho-Collados, XLM-T, LREC 2022;
github cardiffnlp/xlm-t at 874214d); `drop_ids.txt` names the near-duplicates of its test split. PsyTAR: Zolnoori and
others, Data in Brief 24, 2019, CC BY 4.0.
"""

import csv
import html
import re
from dataclasses import dataclass
from pathlib import Path

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts and what people said of their tone."""

    texts: list[str]
    labels: list[str]


def labelled(path: Path, *, dropped: frozenset[str]) -> Labelled:
    """Return the rows of a table, those of `dropped` ids left out."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["id"] not in dropped]
    return Labelled([plain(row["text"]) for row in rows], [row["label"] for row in rows])


def tweets(folder: Path, language: str, split: str) -> Labelled:
    """Return the tweets of a split, `train` or `val`, near-duplicates of the test split left out."""
    dropped = frozenset((folder / "drop_ids.txt").read_text("utf-8").splitlines())
    return labelled(folder / f"{language}_{split}.tsv", dropped=dropped)


def plain(text: str) -> str:
    r"""Return a tweet as it was written: the set holds `\u2019` escapes, HTML entities and doubled quotes."""
    text = html.unescape(_ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text))
    return text.strip('"').replace('""', '"')
