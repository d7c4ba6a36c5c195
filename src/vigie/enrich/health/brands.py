"""Brand names out of the denominations of the French public drug base.

XATRAL LP 10 mg, comprimé à libération prolongée  ──►  xatral lp, xatral
"""

import re
from collections.abc import Collection, Iterator

from vigie.text.words import words

QUALIFIERS = frozenset(
    [
        "lp",
        "l",
        "p",
        "adultes",
        "adulte",
        "enfants",
        "enfant",
        "nourrissons",
        "nourrisson",
        "bebe",
        "gel",
        "creme",
        "sirop",
        "collyre",
        "pommade",
        "suppositoire",
        "solution",
        "gouttes",
        "comprime",
        "comprimes",
        "gelule",
        "granules",
        "poudre",
        "spray",
        "sans",
        "sucre",
        "edulcore",
        "menthe",
        "citron",
        "orange",
        "framboise",
        "fraise",
        "miel",
        "caramel",
        "eucalyptus",
        "fruits",
        "cassis",
        "cerise",
        "gout",
        "arome",
        "vanille",
        "injectable",
        "oral",
        "buvable",
        "nasal",
        "nasale",
        "dermique",
        "vaginal",
        "vaginale",
        "rectal",
        "fort",
        "forte",
        "faible",
        "conseil",
        "vitamine",
        "effervescent",
        "orodispersible",
        "sachet",
        "stylo",
        "prerempli",
        "flexpen",
        "kwikpen",
        "solostar",
        "penfill",
        "innolet",
        "flextouch",
        "junior",
        "turbuhaler",
        "diskus",
        "easyhaler",
        "novolizer",
        "evohaler",
        "autohaler",
        "nourrisson",
        "pediatrique",
        "iv",
        "im",
        "sc",
        "unidose",
        "et",
        "ou",
        "pour",
        "a",
        "au",
        "aux",
        "la",
        "le",
        "les",
        "de",
        "des",
        "du",
        "en",
        "par",
        "avec",
        "jour",
        "nuit",
        "reduite",
        "jeunes",
        "dose",
        "doses",
        "monodose",
        "monodoses",
        "base",
        "classique",
        "sec",
        "seche",
        "grasse",
        "toux",
        "rhume",
        "douleur",
        "douleurs",
        "fievre",
        "gorge",
        "nez",
        "bouche",
        "maux",
        "mal",
        "tete",
        "dos",
        "regles",
        "etat",
        "grippal",
        "rhinite",
        "allergie",
        "allergique",
        "constipation",
        "diarrhee",
        "sommeil",
        "nervosite",
    ]
)
"""Words of a denomination that are no part of a name: who takes it, its form, its taste, what it is against."""

LAB_SUBSTANCES = 6
"""Different substances that a word stands right after before it is a maker's name: brands stand after none."""


def raw_name(denomination: str) -> str:
    """Return what stands before the strength, the form and the taste."""
    return re.split(r",|\s(?=\d)|\s*µ|\sdegré|\(|®", denomination.strip())[0].strip(" /-.")


def makers(names: Collection[str], substances: Collection[str]) -> frozenset[str]:
    """Return the words that stand right after many substances: their makers'."""
    after: dict[str, set[str]] = {}
    for name in names:
        found = plain_words(name)
        for n in range(len(found) - 1, 0, -1):
            if " ".join(found[:n]) in substances:
                after.setdefault(found[n], set()).add(" ".join(found[:n]))
                break
    return frozenset(word for word, seen in after.items() if len(seen) >= LAB_SUBSTANCES)


def brand_names(name: str, substances: Collection[str], labs: Collection[str]) -> Iterator[str]:
    """Yield the brand names of a denomination without its strength, the longest first; none when it is a generic."""
    found = plain_words(name)
    parts = [piece for piece in re.split(r"[/+]", name) if piece.strip()]
    if len(parts) > 1 or not found or _is_generic(found, substances):
        return
    while found and (found[-1] in labs or (found[-1] in QUALIFIERS and len(found) > 1)):
        found = found[:-1]
    if not found or " ".join(found) in substances:
        return
    yield " ".join(found)
    if len(found) > 1 and len(found[0]) >= 5 and found[0] not in substances and found[0] not in QUALIFIERS:
        yield found[0]


def _is_generic(found: list[str], substances: Collection[str]) -> bool:
    """Say whether a name begins with a substance, alone or with the salt before it."""
    heads = (" ".join(found[begin:end]) for begin in (0, 1, 2) for end in range(begin + 1, len(found) + 1))
    return any(head in substances for head in heads)


def plain_words(text: str) -> list[str]:
    """Return the words of a name, in small, without accents."""
    return [word.plain for word in words(text)]
