"""Compile the free lexicons into the word lists of this folder: `python -m vigie.enrich.lexicons.build FOLDER`.

A word's valence is the mean of what the lexicons say of it, each scaled to -1..1. Run again only when a lexicon changes;
the lists are committed.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from vigie.text.words import fold

HERE = Path(__file__).parent

FEWEST_OCCURRENCES = 20
"""Occurrences under which an emoji's score says nothing (Kralj Novak et al. 2015 rank those above)."""

Rated = Iterator[tuple[str, float]]


def afinn(path: Path) -> Rated:
    """Yield words of an AFINN list, -5..5."""
    for line in path.read_text("utf-8").splitlines():
        word, _, value = line.rpartition("\t")
        if word:
            yield word, float(value) / 5


def vader(path: Path) -> Rated:
    """Yield words of a VADER list, -4..4."""
    for line in path.read_text("utf-8").splitlines():
        fields = line.split("\t")
        if len(fields) > 1:
            yield fields[0], float(fields[1]) / 4


def pattern(path: Path) -> Rated:
    """Yield the forms of Pattern's list, -1..1."""
    for word in etree.parse(path).iter("word"):
        yield word.get("form", ""), float(word.get("polarity", "0"))


def opinion(folder: Path) -> Rated:
    """Yield the words of the opinion lexicon, which says only the sign: 0.5."""
    for name, value in (("positive-words.txt", 0.5), ("negative-words.txt", -0.5)):
        for line in (folder / name).read_text("latin-1").splitlines():
            if line and not line.startswith(";"):
                yield line, value


def emoji(path: Path) -> Rated:
    """Yield emoji by (positive - negative) / (occurrences + 3)."""
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            seen = int(row["Occurrences"])
            if seen >= FEWEST_OCCURRENCES:
                yield row["Emoji"], (int(row["Positive"]) - int(row["Negative"])) / (seen + 3)


def merged(*lists: Rated) -> dict[str, float]:
    """Return the mean valence of each word, folded with its accents; a word of several parts is left out."""
    values: dict[str, list[float]] = {}
    for rated in lists:
        for word, value in rated:
            exact = fold(word)[1]
            if exact and exact.isalpha():
                values.setdefault(exact, []).append(value)
    return {word: sum(found) / len(found) for word, found in sorted(values.items())}


def write(name: str, words: dict[str, float]) -> None:
    """Write a list, one word and its valence a line."""
    lines = [f"{word}\t{value:.3f}" for word, value in words.items() if round(value, 3)]
    (HERE / name).write_text("\n".join(lines) + "\n", "utf-8")


def main(folder: Path) -> None:
    """Compile all lists from a folder that holds the lexicons under their names."""
    write("fr.tsv", merged(vader(folder / "vader-fr/fr_lexicon.txt"), pattern(folder / "pattern-fr/fr-sentiment.xml"),
                           afinn(folder / "afinn/AFINN-fr-165.txt")))  # fmt: skip
    write("en.tsv", merged(vader(folder / "vader/vader_lexicon.txt"), afinn(folder / "afinn/AFINN-en-165.txt"),
                           opinion(folder / "opinion-lexicon-en")))  # fmt: skip
    write("emoji.tsv", dict(sorted(emoji(folder / "emoji-sentiment-ranking/Emoji_Sentiment_Data_v1.0.csv"))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
