"""Compile the free lexicons into the word lists of this folder: `python -m vigie.enrich.lexicons.build FOLDER`.

One list a source, since each keeps its own licence (`licences/README.md`). Run it again only when a source changes or
the folding of letters does; the lists are committed.
"""

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree

from vigie.text.words import APOSTROPHES, ELISIONS, tokens

HERE = Path(__file__).parent

FEWEST_OCCURRENCES = 20
"""Occurrences under which an emoji's score says nothing (the advice of the set's README; ±0.2 at 20 tweets)."""

LONGEST_EMOTICON = 4
"""Characters of the longest emoticon taken; the longer ones of VADER are drawings, seen once in ten thousand posts."""

EMOTICON = re.compile(r"[:;=][^\w\s]|[:;=]\w$|</?3|>[:;.]\W|\\o/$")
"""Emoticons that begin with their eyes. Those that begin with the mouth are left out: “(1000 mg): bien” holds `):`."""

Rated = Iterable[tuple[str, float]]


def afinn(path: Path) -> Iterator[tuple[str, float]]:
    """Yield entries of an AFINN list, -5..5."""
    for line in path.read_text("utf-8").splitlines():
        word, _, value = line.rpartition("\t")
        if word:
            yield word, float(value) / 5


def vader(path: Path) -> Iterator[tuple[str, float]]:
    """Yield entries of a VADER list, -4..4."""
    for line in path.read_text("utf-8").splitlines():
        fields = line.split("\t")
        if len(fields) > 1:
            yield fields[0], float(fields[1]) / 4


def pattern(path: Path) -> Iterator[tuple[str, float]]:
    """Yield the forms of Pattern's list, -1..1."""
    for word in etree.parse(path).iter("word"):
        yield word.get("form", ""), float(word.get("polarity", "0"))


def opinion(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield the words of the opinion lexicon, which says only the sign: ±0.5, the middle of the others' scale."""
    for name, value in (("positive-words.txt", 0.5), ("negative-words.txt", -0.5)):
        for line in (folder / name).read_text("latin-1").splitlines():
            if line and not line.startswith(";"):
                yield line, value


def emoji(path: Path) -> Iterator[tuple[str, float]]:
    """Yield emoji by (positive - negative) / (occurrences + 3), the score their authors give."""
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            seen = int(row["Occurrences"])
            if seen >= FEWEST_OCCURRENCES:
                yield row["Emoji"], (int(row["Positive"]) - int(row["Negative"])) / (seen + 3)


def emoticons(*lists: Rated) -> dict[str, float]:
    """Return the entries made of signs; the first list that has one decides."""
    found: dict[str, float] = {}
    for rated in lists:
        for sign, value in rated:
            if 1 < len(sign) <= LONGEST_EMOTICON and EMOTICON.match(sign):
                found.setdefault(sign, value)
    return dict(sorted(found.items()))


def averaged(rated: Rated) -> dict[str, float]:
    """Return the mean valence of each word, folded, accents kept; those whose mean is nothing are left out."""
    values: dict[str, list[float]] = defaultdict(list)
    for entry, value in rated:
        if value and (word := _one_word(entry)):
            values[word].append(value)
    means = {word: sum(found) / len(found) for word, found in sorted(values.items())}
    return {word: mean for word, mean in means.items() if round(mean, 3)}


def _one_word(entry: str) -> str | None:
    """Return the word of an entry without its elisions; nothing for several words, signs or numbers.

    Numbers are slang in VADER (143 is “I love you”) and doses here.
    """
    found = [token.word.exact for token in tokens(entry)]
    while len(found) > 1 and found[0] in ELISIONS:
        found = found[1:]
    signs = re.search(rf"[^\w\s{APOSTROPHES}-]", entry) and found and found[0][0].isalnum()
    if len(found) != 1 or signs or found[0][0].isdigit() or found[0] in ("$", "%"):
        # The last two are what is left of an emoticon's mouth: `:$`, `:%`.
        return None
    return found[0]


def write(name: str, words: dict[str, float]) -> None:
    """Write a list, one word and its valence a line."""
    (HERE / name).write_text("".join(f"{word}\t{value:.3f}\n" for word, value in words.items()), "utf-8")


def main(folder: Path) -> None:
    """Compile all lists from a folder that holds the lexicons under their names."""
    vader_en = folder / "vader/vader_lexicon.txt"
    write("vader-fr.tsv", averaged(vader(folder / "vader-fr/fr_lexicon.txt")))
    write("afinn-fr.tsv", averaged(afinn(folder / "afinn/AFINN-fr-165.txt")))
    write("pattern-fr.tsv", averaged(pattern(folder / "pattern-fr/fr-sentiment.xml")))
    write("vader-en.tsv", averaged(vader(vader_en)))
    write("afinn-en.tsv", averaged(afinn(folder / "afinn/AFINN-en-165.txt")))
    write("opinion-en.tsv", averaged(opinion(folder / "opinion-lexicon-en")))
    write("emoji.tsv", averaged(emoji(folder / "emoji-sentiment-ranking/Emoji_Sentiment_Data_v1.0.csv")))
    write("emoticons.tsv", emoticons(afinn(folder / "afinn/AFINN-emoticon-8.txt"), vader(vader_en)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
