"""Sentences from a grammar: alternatives compiled once, then drawn with one random number a choice.

`{symbol}` stands for the alternatives of a symbol, `[a|b|c]` for one of these; both nest. `<m/f>` follows the gender of
who writes, `~m/f~` that of the relative spoken of. `{p}`, `{q}`, `{R}`, `{lab}` are left for the post to fill in.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

Draw = Callable[[], float]
"""A number in [0, 1), as `random.Random.random` gives; every choice takes exactly one."""

HOLES = {"p": "\ue000", "q": "\ue001", "R": "\ue002", "lab": "\ue003"}
"""Characters of Unicode's private use that stand in a text until the post puts its own words there."""

_AUTHOR, _RELATIVE = re.compile(r"<([^<>/]*)/([^<>/]*)>"), re.compile(r"~([^~/]*)/([^~/]*)~")


class Choice:
    """Alternatives of a symbol; one without choices inside is plain text, the others are rows of parts."""

    __slots__ = ("n", "options")

    def __init__(self) -> None:
        self.options: tuple[Option, ...] = ()
        self.n = 0

    def fill(self, options: "Sequence[Option]") -> None:
        """Set the alternatives; apart from the making so that symbols may name one another."""
        self.options, self.n = tuple(options), len(options)


Option: TypeAlias = str | tuple[str | Choice, ...]
"""One alternative."""

Grammar: TypeAlias = Mapping[str, Choice]


def compiled(rules: Mapping[str, Sequence[str]], *, author_f: bool, relative_f: bool) -> Grammar:
    """Return the grammar for an author and a relative of these genders.

    Raises:
        KeyError: a rule names a symbol that has none.
    """
    symbols = {name: Choice() for name in rules}
    for name, texts in rules.items():
        symbols[name].fill([_parsed(_agreed(t, author_f, relative_f), symbols) for t in texts])
    return symbols


def _agreed(text: str, author_f: bool, relative_f: bool) -> str:  # noqa: FBT001 -- two genders, in the order of the module's words
    text = _AUTHOR.sub(r"\2" if author_f else r"\1", text)
    return _RELATIVE.sub(r"\2" if relative_f else r"\1", text)


def _parsed(text: str, symbols: Grammar) -> Option:
    parts = _parts(text, symbols)
    plain = [p for p in parts if isinstance(p, str)]
    return "".join(plain) if len(plain) == len(parts) else tuple(parts)


def _parts(text: str, symbols: Grammar) -> list[str | Choice]:
    parts: list[str | Choice] = []
    at = 0
    while at < len(text):
        if text[at] == "{":
            end = text.index("}", at)
            name = text[at + 1 : end]
            parts.append(HOLES[name] if name in HOLES else symbols[name])
        elif text[at] == "[":
            end = _closing(text, at)
            inner = Choice()
            inner.fill([_parsed(option, symbols) for option in _options(text[at + 1 : end])])
            parts.append(inner)
        else:
            end = next((i for i in range(at, len(text)) if text[i] in "{["), len(text)) - 1
            parts.append(text[at : end + 1])
        at = end + 1
    return parts


def _closing(text: str, at: int) -> int:
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "[") - (text[i] == "]")
        if depth == 0:
            return i
    raise ValueError(text)


def _options(text: str) -> list[str]:
    """Cut at the bars that stand in no inner bracket."""
    options, depth, start = [], 0, 0
    for i, sign in enumerate(text):
        depth += (sign == "[") - (sign == "]")
        if sign == "|" and depth == 0:
            options.append(text[start:i])
            start = i + 1
    return [*options, text[start:]]


def write(choice: Choice, draw: Draw) -> str:
    """Return one sentence."""
    out: list[str] = []
    _write(choice, draw, out)
    return "".join(out)


def _write(choice: Choice, draw: Draw, out: list[str]) -> None:
    option = choice.options[int(draw() * choice.n)]
    if isinstance(option, str):
        out.append(option)
        return
    for part in option:
        if isinstance(part, str):
            out.append(part)
        else:
            _write(part, draw, out)
