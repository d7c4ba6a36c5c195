"""Write what models reach into their cards, computed from the sets of a folder."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vigie.enrich.accuracy import accuracy
from vigie.enrich.card import CARDS
from vigie.enrich.cards.measure import SEED, figures, rewrite
from vigie.enrich.training import language

SHORT = 40
"""Letters under which a text stands apart."""


def language_parts(folder: Path) -> dict[str, str]:
    """Return the tables of the language card."""
    seen, unseen = language.crossed(folder), language.crossed(folder, with_tweets=False)
    return {
        "all": _language_part(seen),
        "short": _language_part(seen.where(seen.letters < SHORT)),
        "no_tweets": _language_part(unseen),
    }


def _language_part(answers: language.Answers) -> str:
    others = tuple(sorted(set(answers.given) - set(language.TWEETS)))
    found = accuracy(
        answers.truth, answers.given, labels=language.TWEETS, others=others, rng=np.random.default_rng(SEED)
    )
    right = {name: row.get(name, 0) / sum(row.values()) for name, row in found.confusion.items()}
    cells = ", ".join(f"{name} = {share:.4f}" for name, share in right.items())
    return f"mean_right = {sum(right.values()) / len(right):.4f}\nright = {{ {cells} }}\n{figures(found)}"


def language_lines(answers: language.Answers) -> Iterator[dict[str, object]]:
    """Yield, a language, how many tweets are told, how many of the short ones, and the weakest confusion."""
    for name in language.TWEETS:
        is_own = np.array(answers.truth) == name
        own, short = answers.where(is_own), answers.where(is_own & (answers.letters < SHORT))
        yield {
            "language": name, "tweets": len(own.given), "right": own.right(name), "short": len(short.given),
            "short_right": short.right(name), "weakest": weakest(own.given, name),
        }  # fmt: skip


def weakest(given: list[str], name: str) -> str:
    """Return the answer most often given instead, and how often."""
    wrong = Counter(answer for answer in given if answer != name).most_common(1)
    return f"{wrong[0][0]} {wrong[0][1]}" if wrong else ""


def write_language(folder: Path, date: str) -> None:
    """Write the language card."""
    rewrite(CARDS / "language-grams.toml", date, language_parts(folder))
