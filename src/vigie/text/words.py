"""Cut texts into words and fold their letters: one rule for posts and for queries.

What is decided (`tests/spec/test_words.py` shows each in tables):

- A word is a run of letters, digits and the marks upon them. Hyphens, underscores, full stops and every other sign
  end it: `anti-inflammatoire` is two words.
- Letters are compared in small, one character at a time. `œ` is `oe`, `æ` is `ae`, `ß` is `ss`; full-width letters and
  the joined letters of print (`ﬁ`) are their plain ones; Greek final `ς` is `σ`.
  `ø`, `ł` and `đ` are letters of their own.
- Accents: a word has an *exact* form (composed, NFC) and a *plain* one (accents taken off). Accents are the marks of
  Latin, Greek and Cyrillic; vowel signs of other scripts stay.
- An apostrophe, straight, curly or however typed, joins a word (`aujourd'hui`, `don't`), save after an elision
  (l' d' qu' j' n' s' t' m' c' jusqu' lorsqu' puisqu' quoiqu'), which is a word of its own, and before a final `s`
  (`Alzheimer's`), which is one too.
- Soft hyphens, joiners and variation selectors inside a word count for nothing.
- `#word` and `@word` are the word, and remember their sign; an underscore ends them as any other sign does.
- An emoji, with its joined parts, is a word; its skin tone is to it what an accent is to a letter.
- Han, kana: each character is a word, as these scripts do not part theirs.
- A sign of currency, `%` and `‰` are words of their own: `20 %` and `20%` are the same two words.
- Inside `#JeSuisMalade` no word is told apart: capitals are dropped too often to be relied on; `#jesuismalade` or
  `jesuis*` finds it.
- What is left (punctuation, `®`, `™`) is no word and takes no place: a phrase goes over it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

APOSTROPHES = "'’‘ʼ′`´＇"
"""What people type for an apostrophe; U+02BC is a letter for Unicode, so it is told apart before letters are."""

ELISIONS = ("jusqu", "lorsqu", "puisqu", "quoiqu", "qu", "l", "d", "j", "n", "s", "t", "m", "c")
"""French words that lose their vowel before another (Grevisse, Le Bon Usage, §45); the longest first."""

IGNORED = "\u00ad\u200b\u200c\u200d\u2060\ufe00-\ufe0f"
"""Characters without a look of their own: soft hyphen, zero-width joiners and spaces, variation selectors."""

_UNSEEN, _SELECTOR = re.compile(f"[{IGNORED}]"), re.compile("[\ufe00-\ufe0f]")
"""What is dropped from a word, and from an emoji: its joiner stays, as it makes another picture."""

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Scripts that do not part words: hiragana, katakana, Han (Unicode blocks)."""

SKIN_TONES = "\U0001f3fb-\U0001f3ff"
"""Emoji modifiers (Unicode TR51)."""

EMOJI = "\u231a-\u23ff\u2600-\u27bf\u2b05-\u2b55\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
"""Blocks of pictographs (Unicode TR51), skin tones and flag letters apart; `©`, `®` and `™` are left out: they are
typed after names, where they would part a phrase."""

FLAG_LETTERS = "\U0001f1e6-\U0001f1ff"
"""Regional indicators: two of them are a flag (Unicode TR51)."""

PERCENT = "%‰％"
"""Signs that are words, beside those of currency (Unicode category Sc)."""

ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
"""The blocks of combining diacritical marks (Unicode)."""

JOINED_LETTERS = {
    "œ": "oe", "æ": "ae", "ß": "ss", "ĳ": "ij", "ς": "σ",
    "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
}  # fmt: skip
"""Letters, in small, that are other letters written as one."""

FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
"""Full-width forms and the ASCII characters they stand for (Unicode block U+FF00)."""

FIRST_MARK, LAST_MARK = 0x300, 0x1E950
"""Where Unicode keeps the marks of the scripts in use: from the combining diacritics to Adlam."""

LAST_SYMBOL = 0x20000
"""Where Unicode has no sign of currency any more: the ideographs begin."""

CACHED_WORDS = 16_384
"""Different spellings remembered: the everyday vocabulary of two languages, about 8 MB. Batches are not read by it."""


class Word(NamedTuple):
    """A word as it is compared."""

    sign: str
    """`#` or `@` before the word, else empty."""
    exact: str
    plain: str
    forms: tuple[str, ...]
    """All that a query may ask to find this word: with and without its accents, with and without its sign."""

    @property
    def asked(self) -> str:
        """Return the form that a query asks for when it is written so: with accents, those; without, any."""
        return self.sign + self.exact


@dataclass(frozen=True, slots=True)
class Token:
    """A word at its place."""

    word: Word
    start: int
    """First character, in code points of the text."""
    end: int
    """Character after the last one."""


def tokens(text: str) -> Iterator[Token]:
    """Cut a text into its words, in order; no two overlap."""
    for found in pattern().finditer(text):
        yield Token(fold(found.group()), found.start(), found.end())


def words(text: str) -> list[Word]:
    """Return the words of a text, in order, without their places."""
    return [fold(raw) for raw in pattern().findall(text)]


def spans(text: str) -> list[tuple[int, int]]:
    """Return the places of the words of a text, in the order of `words`."""
    return [found.span() for found in pattern().finditer(text)]


@lru_cache(maxsize=CACHED_WORDS)
def fold(raw: str) -> Word:
    """Fold one word as cut from a text."""
    sign = FULL_WIDTH.get(raw[0], raw[0])
    sign = sign if sign in "#@" else ""
    exact, plain = _fold(raw[len(sign) :])
    bare = (plain,) if exact == plain else (exact, plain)
    return Word(sign, exact, plain, bare + tuple(sign + form for form in bare) if sign else bare)


def _fold(raw: str) -> tuple[str, str]:
    kept = (_UNSEEN if raw[0].isalnum() else _SELECTOR).sub("", raw)
    letters = "".join(_letter(character) for character in unicodedata.normalize("NFC", kept))
    exact = unicodedata.normalize("NFC", letters)
    bare = ACCENTS.sub("", unicodedata.normalize("NFD", exact))
    plain = unicodedata.normalize("NFC", _skin_tones().sub("", bare))
    return (exact, plain) if plain else (exact, exact)


def _letter(character: str) -> str:
    """Return a character in small, written with plain letters."""
    if character in APOSTROPHES:
        return "'"
    small = FULL_WIDTH.get(character, character).lower()
    return JOINED_LETTERS.get(small, small)


def cased(raw: str) -> tuple[str, ...]:
    """Return all that a query may ask to find this word with its capitals: as `Word.forms`, capitals kept."""
    sign = FULL_WIDTH.get(raw[0], raw[0])
    sign = sign if sign in "#@" else ""
    kept = (_UNSEEN if raw[len(sign)].isalnum() else _SELECTOR).sub("", raw[len(sign) :])
    exact = unicodedata.normalize("NFC", "".join(_capital(c) for c in unicodedata.normalize("NFC", kept)))
    plain = unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFD", exact)))
    return tuple(dict.fromkeys((sign + exact, sign + plain, exact, plain)))


def _capital(character: str) -> str:
    """Return a character written with plain letters, capitals kept."""
    if character in APOSTROPHES:
        return "'"
    plain = FULL_WIDTH.get(character, character)
    joined = JOINED_LETTERS.get(plain.lower(), plain)
    return joined.upper() if plain.isupper() else joined


@cache
def _skin_tones() -> re.Pattern[str]:
    return re.compile(rf"(?<=.)[{SKIN_TONES}]")


@cache
def pattern() -> re.Pattern[str]:
    """Return the expression that finds one word; built at the first use."""
    apostrophe = f"[{APOSTROPHES}]"
    letter = rf"[^\W_ʼ{CJK}]"
    mark = f"[{_marks()}{IGNORED}]"
    within = rf"(?:{letter}++|{mark}++)*+"
    elision = "|".join("".join(f"[{c}{c.upper()}]" for c in prefix) for prefix in ELISIONS)
    possessive = rf"[sSｓＳ]{mark}*+(?!{letter}|{apostrophe}{letter})"
    joined = rf"{apostrophe}(?!{possessive})(?={letter})"
    return re.compile(
        rf"[#＃@＠]?(?:(?:{elision})(?={apostrophe}{letter})|{letter}{within}(?:{joined}{within})*|[{CJK}]{mark}*)"
        rf"|[{FLAG_LETTERS}]{{2}}|{_emoji()}|[{_symbols()}]"
    )


def _symbols() -> str:
    """Return the class of signs that are words."""
    signs = (chr(c) for c in range(LAST_SYMBOL) if unicodedata.category(chr(c)) == "Sc")
    return re.escape(PERCENT + "".join(signs))


def _emoji() -> str:
    one = rf"[{EMOJI}](?:\ufe0f|[{SKIN_TONES}])*"
    return rf"{one}(?:\u200d{one})*|[{SKIN_TONES}]"


def _marks() -> str:
    """Return the class of marks that stand upon a letter, all scripts."""
    marks = {c for c in range(FIRST_MARK, LAST_MARK) if unicodedata.category(chr(c)) in ("Mn", "Mc", "Me")}
    return "".join(f"{chr(c)}-{chr(_last_of_run(c, marks))}" for c in sorted(marks) if c - 1 not in marks)


def _last_of_run(code: int, marks: set[int]) -> int:
    while code + 1 in marks:
        code += 1
    return code
