"""Read the UMSAB tweets from a folder the operator fills; their terms allow measuring, not shipping.

Source: Barbieri, Espinosa Anke, Camacho-Collados, XLM-T, LREC 2022; github cardiffnlp/xlm-t at 874214d, as tables
`LANGUAGE_SPLIT.tsv` (id, label, text) with `drop_ids.txt`, the near-duplicates of its test split.
"""

import csv
import html
import re
from dataclasses import dataclass
from pathlib import Path

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True, slots=True)
class Labelled:
    """Tweets and what people said of their tone."""

    texts: list[str]
    labels: list[str]


def tweets(folder: Path, language: str, split: str) -> Labelled:
    """Return the tweets of a split, `train` or `val`, near-duplicates of the test split left out."""
    dropped = set((folder / "drop_ids.txt").read_text("utf-8").splitlines())
    with (folder / f"{language}_{split}.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["id"] not in dropped]
    return Labelled([plain(row["text"]) for row in rows], [row["label"] for row in rows])


def plain(text: str) -> str:
    r"""Return a tweet as it was written: the set holds `\u2019` escapes, HTML entities and doubled quotes."""
    text = html.unescape(_ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text))
    return text.strip('"').replace('""', '"')
