"""Words that are written with one letter more, less, other or swapped: found by the words less a letter (symmetric deletion).

Two words that are one letter apart share what is left of one or both when a letter is taken out; so a new spelling costs
as many look-ups as it has letters, however many words are asked (Garbe, SymSpell, 2012).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping

import pyarrow as pa
from rapidfuzz.distance import OSA

LONGEST = 24
"""Letters beyond which a spelling is no name."""


class Near:
    """Words that are found when one letter is wrong: not the first, which is seldom mistaken (Pollock and Zamora, 1984)."""

    def __init__(self, wanted: Collection[str], kept: Collection[str], least: int) -> None:
        """Take words without accents.

        Args:
            wanted: Words to find; those of fewer letters than `least` are found as they are alone.
            kept: Words that are themselves, never a mistake for another.
            least: Letters.
        """
        self._kept, self._least = frozenset(kept), least
        self._words: dict[str, list[str]] = defaultdict(list)
        for word in wanted:
            if len(word) >= least and word.isalpha():
                for less in _less(word):
                    self._words[less].append(word)
        self._numbers: Mapping[str, int] = {}

    def numbered(self, numbers: Mapping[str, int]) -> "Near":
        """Return the same words, with the numbers of their terms."""
        found = Near((), self._kept, self._least)
        found._words, found._numbers = self._words, numbers
        return found

    def pairs(self, forms: pa.Array) -> tuple[list[int], list[int]]:
        """Return places of forms and numbers of terms, side by side."""
        places: list[int] = []
        terms: list[int] = []
        for place, form in enumerate(forms.to_pylist()):
            if self._least - 1 <= len(form) <= LONGEST and form.isalpha() and form not in self._kept:
                found = {self._numbers[word] for word in self.meant(form) if word in self._numbers}
                places += [place] * len(found)
                terms += sorted(found)
        return places, terms

    def meant(self, form: str) -> set[str]:
        """Return the words that a spelling may stand for; none where it may stand for several."""
        # Of a hundred new spellings few share anything with a word that is wanted: that is asked first, of all at once.
        shared = self._words.keys() & _less(form)
        if not shared:
            return set()
        found = {
            word
            for less in shared
            for word in self._words[less]
            if word[0] == form[0] and OSA.distance(word, form, score_cutoff=1) == 1
        }
        return found if len(found) == 1 else set()


def _less(word: str) -> set[str]:
    """Return a word, and it without each letter but the first."""
    return {word, *[word[:at] + word[at + 1 :] for at in range(1, len(word))]}
