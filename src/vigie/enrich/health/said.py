"""What people say of what they feel and have, and the words around it: our lists (`data/said-*.txt`, `data/cues.toml`)."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from vigie.text import cues
from vigie.text.words import words

LANGUAGES = ("fr", "en")

_IMPERFECT = re.compile(
    r"\b(?!(?:jam|mauv|parf|port|extr|ref|f|l|m)ai[st])\w{3,}(?:ais|ait|aient)\b|\bav(?:ais|ait|aient)\b"
)
"""Verbs that French tells as past by their own form; not “jamais”, “mauvais”, “fait”, “lait”."""

KINDS = {
    "vague": cues.REACTION | cues.VAGUE, "reaction": cues.REACTION, "either": cues.EITHER, "condition": cues.CONDITION,
    "event": cues.EITHER | cues.EVENT, "nothing": 0, "every day": cues.VAGUE,
}  # fmt: skip

CUES = {
    "null": cues.NULL, "negation": cues.NEGATION, "ended": cues.ENDED, "hypothetical": cues.HYPOTHETICAL, "if": cues.IF,
    "past": cues.PAST, "other": cues.OTHER, "pronoun": cues.PRONOUN, "self": cues.SELF, "turn": cues.TURN,
    "indication": cues.INDICATION, "cause": cues.CAUSE, "since": cues.SINCE, "take": cues.TAKE, "medic": cues.MEDIC,
    "so": cues.SO, "join": cues.JOIN, "own": cues.OWN, "was": cues.WAS, "now": cues.NOW,
}  # fmt: skip


class Said(NamedTuple):
    """A way of saying something."""

    phrase: str
    """Words in small, without accents, parted by spaces."""
    bits: int
    """A kind of `KINDS`."""
    value: str
    """The normal form: its English name."""


@cache
def said(language: str) -> tuple[Said, ...]:
    """Return what is said in a language, each phrase once: the first list that has it counts.

    A hundred thousand in French: who has laid them out forgets them (`forget`).
    """
    rows, found = list(_rows(language)), dict[str, Said]()
    for (kind, _, value), phrase in zip(rows, plains([written for _, written, _ in rows]), strict=True):
        over = language == "fr" and _IMPERFECT.search(phrase)
        before = found.get(phrase)
        if before is None or before.bits == cues.VAGUE:
            bits = kind | (cues.PAST if over else 0) | (before.bits if before else 0)
            found[phrase] = Said(phrase, bits, value)
    found.pop("", None)
    return tuple(one for one in found.values() if one.bits & cues.NAMES)


def _rows(language: str) -> Iterator[tuple[int, str, str]]:
    """Yield what the lists stand for: the kind, the phrase as it is written, the normal form."""
    kind, short = 0, dict[str, str]()
    for line in _lines(f"said-{language}.txt"):
        if line.startswith("["):
            kind = KINDS[line.strip("[]")]
            continue
        value, _, phrases = line.partition(": ")
        if value.startswith("{"):
            short[value] = f"({phrases})"
            continue
        for name, choices in short.items():
            phrases = phrases.replace(name, choices)
        for written, meant in _phrases(value, phrases.split(", "), language):
            yield kind, written, meant


def forget() -> None:
    """Forget what lists stand for; it is read again when it is asked for."""
    said.cache_clear()
    _plain.cache_clear()


def _phrases(value: str, phrases: Iterable[str], language: str) -> Iterator[tuple[str, str]]:
    """Yield what a line stands for, as it is written, and the normal form; of what is said of a place, with it: `pain: knee`."""
    for phrase in phrases:
        if "{place}" not in phrase:
            yield from ((one, value) for one in _written(phrase))
            continue
        for place, meant in places(language):
            value_there = f"{value.removeprefix('local ')}: {meant}"
            yield from ((one, value_there) for one in _written(phrase.replace("{place}", place)))


@cache
def places(language: str) -> tuple[tuple[str, str], ...]:
    """Return the parts of the body, with the normal form of each."""
    rows = (line.partition(": ") for line in _lines(f"places-{language}.txt"))
    return tuple((place, meant) for meant, _, found in rows for place in found.split(", "))


@cache
def names(language: str) -> Mapping[str, str]:
    """Return how each normal form is called in a language; parts of the body after an `@`."""
    column = 1 + LANGUAGES.index(language)
    return {row[0]: row[column] for row in (line.split("\t") for line in _lines("names.tsv"))}


def name_of(value: str, language: str) -> str:
    """Return how a normal form is called in a language; as it is where that is not known."""
    known = names(language if language in LANGUAGES else "en")
    head, _, place = value.partition(": ")
    shown = known.get(head, head)
    return f"{shown}{SIGN.get(language, ':')} {known.get(f'@{place}', place)}" if place else shown


SIGN = {"fr": "\u00a0:"}
"""What stands between an effect and its place, where it is no bare colon."""


@cache
def around(language: str) -> Mapping[str, int]:
    """Return the words around, each with its bits."""
    found: dict[str, int] = defaultdict(int)
    for name, phrases in tomllib.loads(_text("cues.toml"))[language].items():
        for phrase in phrases:
            for one in expanded(phrase):
                if one:
                    found[one] |= CUES[name]
    return dict(found)


@cache
def light(language: str) -> tuple[str, ...]:
    """Return the words that may stand within what is said (“les yeux *qui me* brûlent *vraiment*”)."""
    return tuple(tomllib.loads(_text("cues.toml"))["light"].get(language, "").split())


def expanded(phrase: str) -> Iterator[str]:
    """Yield what a phrase with `(a|b)` stands for, in small, without accents; choices may hold choices."""
    return map(plain, _written(phrase))


def _written(phrase: str) -> list[str]:
    """Return each way of writing a phrase, the last choice changing first."""
    parts, at = list[list[str]](), 0
    while (begin := phrase.find("(", at)) >= 0:
        choices, end = _choices(phrase, begin)
        parts += [[phrase[at:begin]], [one for choice in choices for one in _written(choice)]]
        at = end
    return ["".join(pieces) for pieces in product(*parts, [phrase[at:]])]


def _choices(phrase: str, begin: int) -> tuple[list[str], int]:
    """Return what the brackets that open at a place hold, and the place after them."""
    found, deep, at = [""], 0, begin
    while True:
        letter = phrase[at]
        deep += (letter == "(") - (letter == ")")
        if deep == 0:
            return found, at + 1
        if letter == "|" and deep == 1:
            found.append("")
        elif at > begin:
            found[-1] += letter
        at += 1


def plain(phrase: str) -> str:
    """Return the words of a phrase, in small, without accents."""
    return " ".join(found for piece in phrase.split() if (found := _plain(piece)))


def plains(phrases: Sequence[str]) -> list[str]:
    """Return the same of many phrases: what stands between blanks is looked at once."""
    pieces = pc.utf8_split_whitespace(pa.array(phrases, pa.string()))
    each = pieces.flatten().dictionary_encode()
    found = [_plain(piece) for piece in each.dictionary.to_pylist()]
    small = pa.array(found, pa.string()).take(each.indices)
    joined: list[str] = pc.binary_join(pa.ListArray.from_arrays(pieces.offsets, small), " ").to_pylist()
    # A sign alone is no word, and leaves a blank.
    return joined if all(found) else [" ".join(one.split()) for one in joined]


@cache
def _plain(piece: str) -> str:
    """Return the same of what holds no blank: a hundred thousand phrases are made of few such pieces."""
    return " ".join(word.plain for word in words(piece))


@dataclass(frozen=True, slots=True)
class Common:
    """Names of medicines that are words of every day (`data/common.toml`)."""

    left_out: frozenset[str]
    needs_context: frozenset[str]
    sure: frozenset[str]
    not_misspelt: frozenset[str]


@cache
def common() -> Common:
    """Return the lists."""
    found = {name: frozenset(value.split()) for name, value in tomllib.loads(_text("common.toml")).items()}
    return Common(found["left_out"], found["needs_context"], found["sure"], found["not_misspelt"])


def _lines(name: str) -> list[str]:
    return [line for line in _text(name).splitlines() if line and not line.startswith("#")]


def _text(name: str) -> str:
    return files("vigie.enrich.health").joinpath("data", name).read_text("utf-8")
