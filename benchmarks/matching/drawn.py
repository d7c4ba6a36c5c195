"""A corpus and standing queries, the same at every run.

Posts: half French, half English; lengths log-normal, 20 to 300 words, 61 on average; words by Zipf's law over the
vocabulary of the free lists in `vigie.enrich.lexicons`, headed by the measured shares of `match/frequencies.tsv`, the
tail lengthened by endings; accents dropped or taken apart, capitals, typographic apostrophes, emoji, hashtags, mentions
and links in a share; drug and reaction phrases inserted.

Queries: 22 leaves on average; 30 % (brand OR …) AND (context …) NOT (…); 20 % NEAR of OR lists; 15 % lists of names and
phrases; 15 % brand AND (NEAR or phrases) AND language NOT site; 10 % author or site; 10 % common words only.
"""

import random
import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from vigie.enrich.lexicons import __file__ as lexicons
from vigie.match.frequencies import common
from vigie.schema import ids

SECRET = b"benchmark"
ORIGIN = "forum.example"
SITES, AUTHORS = 2_000, 20_000
DRUGS = tuple(
    f"{a}{b}"
    for a in ("sere", "kalmo", "aeri", "orce", "tyro", "vexa", "luma", "nori")
    for b in ("lium", "dine", "vane", "zol", "prex")
)
REACTIONS = (
    "mal de tête", "la tête qui tourne", "envie de vomir", "prise de poids", "plaques rouges", "heart palpitations",
    "hair loss", "brain fog", "cold sweats", "weight gain",
)  # fmt: skip
ENDINGS = {"fr": ("s", "es", "ment", "ait", "ons", "eur"), "en": ("s", "ed", "ing", "ly", "er", "ness")}


@cache
def vocabulary(language: str) -> tuple[str, ...]:
    """Return words, the most frequent first."""
    lists = sorted(Path(lexicons).parent.glob(f"*-{language}.tsv"))
    words = [line.split("\t")[0] for path in lists for line in path.read_text("utf-8").splitlines()]
    base = [w for w in dict.fromkeys(words) if w.isalpha() and len(w) > 3]
    random.Random(language).shuffle(base)
    head = [w for w in common() if w.isalpha()]
    return tuple(dict.fromkeys([*head, *base, *(w + e for e in ENDINGS[language] for w in base)]))


def posts(n: int, seed: int = 1) -> pa.Table:
    """Return posts as columns of `match.DOCUMENTS`."""
    rng, draw = np.random.default_rng(seed), random.Random(seed)
    texts = []
    for place in range(0, n, 10_000):
        texts += _texts(min(10_000, n - place), rng, draw)
    authors = [ids.author_key(SECRET, ORIGIN, f"author{k}") for k in range(AUTHORS)]
    sites = [f"site{k}.example" for k in range(SITES)]
    return pa.table(
        {
            "text": pa.array(texts, pa.large_string()),
            "site": pa.array([sites[k] for k in rng.zipf(1.3, n) % SITES]),
            "origin": pa.array([ORIGIN] * n),
            "author_key": pa.array([authors[k] for k in rng.zipf(1.3, n) % AUTHORS], pa.binary()),
            "language": pa.array(["fr" if k % 2 else "en" for k in range(n)]),
        }
    )


def _texts(n: int, rng: np.random.Generator, draw: random.Random) -> list[str]:
    lengths = np.clip(rng.lognormal(3.98, 0.5, n), 20, 300).astype(int)
    found = []
    for k, length in enumerate(lengths):
        words = vocabulary("fr" if k % 2 else "en")
        ranks = np.exp(rng.random(length) * np.log(len(words))).astype(int) - 1
        found.append(_written([words[r] for r in ranks], draw))
    return found


def _written(words: list[str], draw: random.Random) -> str:
    """Write words as people do."""
    out = []
    for word in words:
        r = draw.random()
        if r < 0.05:
            word = unicodedata.normalize("NFD", word).encode("ascii", "ignore").decode() or word
        elif r < 0.07:
            word = unicodedata.normalize("NFD", word)
        elif r < 0.10:
            word = word.upper() if r < 0.08 else word.capitalize()
        elif r < 0.12:
            word = f"l’{word}"
        elif r < 0.13:
            word = f"#{word}"
        elif r < 0.135:
            word = f"@{word}"
        elif r < 0.145:
            word += draw.choice((" 😡", " 👍🏽", " ❤️", "…", " !"))
        out.append(word + ("," if r > 0.97 else "." if r > 0.94 else ""))
    if draw.random() < 0.3:
        out.insert(draw.randrange(len(out)), f"{draw.choice(DRUGS)} {draw.choice(REACTIONS)}")
    if draw.random() < 0.05:
        out.append(f"https://site{draw.randrange(SITES)}.example/p{draw.randrange(999)}")
    return " ".join(out)


def queries(n: int, seed: int = 2) -> dict[str, str]:
    """Return expressions by id; the first of a larger set are those of a smaller one."""
    draw = random.Random(seed)
    return {f"q{k}": _query(draw) for k in range(n)}


def _query(draw: random.Random) -> str:
    words = vocabulary(draw.choice(("fr", "en")))

    def some(n: int, low: int, high: int) -> list[str]:
        return [words[draw.randrange(low, min(high, len(words)))] for _ in range(n)]

    def either(n: int, low: int = 3_000, high: int = 60_000) -> str:
        found = some(n, low, high)
        # One letter before a star is refused, and short words begin too many others.
        if draw.random() < 0.3 and len(found[0]) > 3:
            found[0] = f"{found[0][: max(4, len(found[0]) - 2)]}*"
        return f"({' OR '.join(found)})"

    kind = draw.random()
    if kind < 0.30:
        return f"{either(8, 500, 30_000)} AND {either(draw.randint(15, 50), 60, 4_000)} AND NOT {either(4)}"
    if kind < 0.50:
        return f"{either(14, 300, 20_000)} NEAR/{draw.randint(3, 15)} {either(24, 60, 4_000)}"
    if kind < 0.65:
        phrases = [f'"{" ".join(some(2, 100, 5_000))}"' for _ in range(5)]
        return " OR ".join([*some(15, 2_000, 60_000), draw.choice(DRUGS) + draw.choice(("x", "um", "")), *phrases])
    if kind < 0.80:
        near = f"({either(12, 100, 4_000)} NEAR/{draw.randint(3, 15)} {either(16, 60, 4_000)})"
        phrase = f'"{" ".join(some(2, 100, 2_000))}"'
        language, site = draw.choice(("fr", "en")), f"site{draw.randrange(SITES)}.example"
        return f"{either(6, 600, 30_000)} AND ({near} OR {phrase}) AND language:{language} AND NOT site:{site}"
    if kind < 0.90:
        return f"author:author{draw.randrange(100, AUTHORS)} OR site:site{draw.randrange(100, SITES)}.example"
    return " AND ".join(some(3, 15, 150)) + f" AND NOT {some(1, 0, 20)[0]}"
