"""Learn names of medicines and of effects from the training sentences of PHEE, for `enrich/health/data/phee.tsv`.

What the drug base and our own lists find already is not learnt; nor are classes of medicines, which are no medicine's name.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vigie.enrich.health.finder import HealthFinder, find, lines
from vigie.enrich.health.said import common, plain
from vigie.enrich.health.sentences import LANGUAGE
from vigie.enrich.health.table import ordinary
from vigie.schema.vocab import FindingKind
from vigie.text.lexicon import Lexicon

DRUG, EFFECT = FindingKind.DRUG.value, FindingKind.REACTION.value

CLASSES = frozenset(
    [
        "drug",
        "agent",
        "therapy",
        "treatment",
        "chemotherapy",
        "radiotherapy",
        "chemoradiation",
        "hemodialysis",
        "dialysis",
        "transfusion",
        "surgery",
        "radiation",
        "steroid",
        "corticosteroid",
        "glucocorticoid",
        "antibiotic",
        "antidepressant",
        "antipsychotic",
        "neuroleptic",
        "anticoagulant",
        "diuretic",
        "opioid",
        "opiate",
        "opioids",
        "statin",
        "inhibitor",
        "blocker",
        "agonist",
        "antagonist",
        "analog",
        "analogue",
        "vaccination",
        "vaccine",
        "immunization",
        "anesthesia",
        "anaesthesia",
        "anticonvulsant",
        "antiepileptic",
        "contraceptive",
        "immunosuppressive",
        "immunosuppression",
        "medication",
        "medicine",
        "ssri",
        "nsaid",
        "salt",
        "solution",
        "dose",
        "regimen",
        "combination",
        "substance",
        "cream",
        "bisphosphonate",
        "cephalosporin",
        "penicillin",
        "sulfonamide",
        "herbal",
        "tea",
        "alcohol",
        "ethanol",
        "methanol",
        "smoking",
        "antiviral",
        "antifungal",
        "antimalarial",
        "antibody",
        "antibodies",
        "infusion",
        "injection",
        "injections",
    ]
)
"""Words that name no medicine by themselves."""

LONGEST = {DRUG: 3, EFFECT: 2}
"""Words of a name."""

NO_NOUN = re.compile(
    r"(?:ous|ic|ical|al|ive|ted|acute|ated|ectomy|pheresis|emia|lysis|ant|ary|ular|oid|ible|able|ed|ing|eric|aneous)$"
)
"""Endings of adjectives, of procedures and of states, by which no medicine is called and no effect ends."""

EFFECT_NOUN = re.compile(r"(?:emia|aemia|lysis)$")

LEAST_LETTERS = {DRUG: 4, EFFECT: 6}


def events(folder: Path, split: str) -> list[dict[str, Any]]:
    """Return the sentences of a split, as PHEE gives them."""
    return [json.loads(line) for line in (folder / "phee" / f"{split}.json").read_text("utf-8").splitlines()]


def spans(row: dict[str, Any], kind: str) -> set[tuple[int, int, str]]:
    """Return the places of the medicines or of the effects of a sentence, end excluded, with what stands there."""
    return {
        (start, start + len(text), text)
        for annotation in row["annotations"]
        for event in annotation["events"]
        for part in _parts(event, kind)
        for texts, starts in zip(part["text"], part["start"], strict=True)
        for text, start in zip(texts, starts, strict=True)
    }


def _parts(event: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    found = event.get("Treatment", {}).get("Drug") if kind == DRUG else event.get("Effect")
    yield from found if isinstance(found, list) else [found] if found else []


def learnt(folder: Path) -> list[tuple[str, str]]:
    """Return names with their kinds, sorted."""
    rows = events(folder, "train")
    finder, lexicon = HealthFinder(learnt=False), Lexicon()
    return [(name, kind) for kind in (DRUG, EFFECT) for name in _names(rows, kind, finder, lexicon)]


def _names(rows: Sequence[dict[str, Any]], kind: str, finder: HealthFinder, lexicon: Lexicon) -> list[str]:
    seen = {plain(text) for row in rows for _, _, text in spans(row, kind)}
    names = sorted(name for name in seen if _is_name(name, kind))
    found = lines(find(names, ["en"] * len(names), finder, lexicon), len(names))
    return [name for name, what in zip(names, found, strict=True) if not any(row["kind"] == kind for row in what)]


def _is_name(name: str, kind: str) -> bool:
    words = name.split()
    if not words or len(words) > LONGEST[kind] or len(name) < LEAST_LETTERS[kind]:
        return False
    last = words[-1]
    if NO_NOUN.search(last) and not (kind == EFFECT and EFFECT_NOUN.search(last)):
        return False
    if kind == DRUG:
        lists = common()
        is_class = last in CLASSES or last.removesuffix("s") in CLASSES or (last.endswith("s") and len(words) > 1)
        return not is_class and not any(
            word in known for word in words for known in (ordinary((LANGUAGE,)), lists.left_out, lists.needs_context)
        )
    rare = [
        word
        for word in words
        if len(word) >= LEAST_LETTERS[EFFECT] and word not in ordinary((LANGUAGE,)) and word.isalpha()
    ]
    return bool(rare) and words[0] not in ordinary((LANGUAGE,))


def written(names: Sequence[tuple[str, str]]) -> str:
    """Return the list as it is kept."""
    head = "# Names in the training sentences of PHEE (Sun and others, EMNLP 2022, github ZhaoyueSun/PHEE 41489b0), MIT licence\n"
    return head + "".join(f"{name}\t{kind}\n" for name, kind in names)
