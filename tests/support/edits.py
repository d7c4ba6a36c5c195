"""How texts change when people pass them on: seven edits, drawn by a seed."""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

SEED = 6


class Edited(NamedTuple):
    """A text that was made of another."""

    of: int
    """Place of the other."""
    kind: str
    text: str


def _misspelt(words: list[str], rng: random.Random) -> str:
    place = rng.randrange(len(words))
    at = rng.randrange(len(words[place]))
    words[place] = words[place][:at] + rng.choice("aeiouxz") + words[place][at + 1 :]
    return " ".join(words)


def _repeated(words: list[str], rng: random.Random) -> str:
    return f"RT @compte{rng.randrange(99)}: {' '.join(words)}"


def _linked(words: list[str], rng: random.Random) -> str:
    return f"{' '.join(words)} https://exemple.fr/{rng.randrange(10**6)}?utm_source=x"


def _tagged(words: list[str], _: random.Random) -> str:
    return f"{' '.join(words)} #santé #info"


def _truncated(words: list[str], rng: random.Random) -> str:
    return " ".join(words[: max(1, int(len(words) * rng.uniform(0.75, 0.95)))]) + "…"


def _swapped(words: list[str], rng: random.Random) -> str:
    at = rng.randrange(max(1, len(words) - 1))
    words[at : at + 2] = reversed(words[at : at + 2])
    return " ".join(words)


def _turned(words: list[str], _: random.Random) -> str:
    return " ".join(words[len(words) // 2 :] + words[: len(words) // 2])


EDITS: dict[str, Callable[[list[str], random.Random], str]] = {
    "a misspelling": _misspelt,
    "RT and a name before": _repeated,
    "a link added": _linked,
    "hashtags added": _tagged,
    "cut off": _truncated,
    "two words swapped": _swapped,
    "its second half first": _turned,
}


def edited(texts: Sequence[str], *, seed: int = SEED) -> list[Edited]:
    """Edit each text in every way."""
    rng = random.Random(seed)  # noqa: S311 -- repeatable, not secret
    return [Edited(i, kind, edit(text.split(), rng)) for i, text in enumerate(texts) for kind, edit in EDITS.items()]


def unlike(texts: Sequence[str], pairs: Callable[[str], frozenset[object]], *, most: float) -> list[str]:
    """Return the texts that share less than `most` of their pairs with any kept before; those without pairs are left out."""
    kept: list[tuple[str, int]] = []
    holders: dict[object, list[int]] = {}
    for text in texts:
        own = pairs(text)
        shared: dict[int, int] = {}
        for pair in own:
            for place in holders.get(pair, ()):
                shared[place] = shared.get(place, 0) + 1
        if not own or any(n / (len(own) + kept[place][1] - n) >= most for place, n in shared.items()):
            continue
        for pair in own:
            holders.setdefault(pair, []).append(len(kept))
        kept.append((text, len(own)))
    return [text for text, _ in kept]
