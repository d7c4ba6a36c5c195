"""Write what models reach into their cards, computed from the sets of a folder."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigie.enrich.accuracy import accuracy
from vigie.enrich.card import CARDS
from vigie.enrich.cards.measure import SEED, TONES, figures, rewrite
from vigie.enrich.cards.tables import labelled
from vigie.enrich.tone import NEGATORS
from vigie.enrich.tone_grams import Model
from vigie.enrich.training import language, tone
from vigie.text.words import words

SHORT = 40
"""Letters under which a text stands apart."""

SHORT_TWEET = 70
"""Characters under which a tweet stands apart for tone: a quarter of them."""


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


def tone_parts(known: tone.Crossed, name: str) -> dict[str, str]:
    """Return the tables of the tone card that cross-validation gives a language."""
    is_short = np.array([len(text) < SHORT_TWEET for text in known.texts])
    is_negated = np.array([_is_negated(text, name) for text in known.texts])
    everything = np.ones(len(known.texts), np.bool_)
    parts = {name: everything, f"{name}_short": is_short, f"{name}_long": ~is_short}
    parts |= {f"{name}_negated": is_negated, f"{name}_not_negated": ~is_negated}
    return {part: _tone_part(known, chosen) for part, chosen in parts.items()}


def _is_negated(text: str, name: str) -> bool:
    return any(word.exact in NEGATORS[name] or word.exact.endswith("n't") for word in words(text))


def _tone_part(known: tone.Crossed, chosen: NDArray[np.bool_]) -> str:
    truth = known.truth[chosen]
    by_seed = [tone.macro_f1(truth, scores[chosen]) for scores in known.scores]
    errors = [tone.calibration_error(shares[chosen], truth) for shares in known.shares]
    given = known.scores[0][chosen].argmax(axis=1)
    first = accuracy(
        [TONES[n] for n in truth], [TONES[n] for n in given], labels=TONES, rng=np.random.default_rng(SEED)
    )  # fmt: skip
    rows = [row for row in figures(first).splitlines(keepends=True) if not row.startswith("macro_f1")]
    seeds = ", ".join(f"{value:.4f}" for value in by_seed)
    return (
        f"macro_f1 = {np.mean(by_seed):.4f}\nmacro_f1_by_seed = [{seeds}]\n"
        f"calibration_error = {np.mean(errors):.4f}\n{''.join(rows)}"
    )


def review_part(folder: Path, model: Model) -> str:
    """Return the table of English drug reviews, their rating taken for the tone."""
    reviews = labelled(folder / "psytar-tone/en_reviews.tsv", dropped=frozenset())
    best, shares = model.told(reviews.texts)
    given = [TONES[n] for n in best]
    found = accuracy(reviews.labels, given, labels=TONES, rng=np.random.default_rng(SEED))
    error = tone.calibration_error(shares, tone.numbers(reviews))
    return f"calibration_error = {error:.4f}\n{figures(found)}"


def write_tone(folder: Path, known: dict[str, tone.Crossed], models: dict[str, Model], date: str) -> None:
    """Write the tone card."""
    parts = {part: rows for name, found in known.items() for part, rows in tone_parts(found, name).items()}
    rewrite(CARDS / "tone-grams.toml", date, parts | {"en_drug_reviews": review_part(folder, models["en"])})
