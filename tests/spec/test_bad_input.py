"""What Vigie makes of texts that are no ordinary posts. Read it as a manual: a text, and all that is said of it.

`language` (und: not determined), `tone`, then what is found; nothing stands for nothing.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from vigie.cli.enrich import labels
from vigie.enrich.found import MOST_FOUND, MOST_PLACES

LEAFLET = (
    "SÉRÉLIUM 50 mg, comprimé pelliculé. Veuillez lire attentivement cette notice avant de prendre ce médicament. "
    "Fréquent : nausées, vertiges. Si vous ressentez un quelconque effet indésirable, parlez-en à votre médecin."
)

SAID = [
    ("one word", "doliprane", ["und", "drugs: paracétamol"]),
    ("one word of a hundred thousand letters", "a" * 100_000, ["und"]),
    ("nothing but emoji", "🙂🎉", ["und"]),
    ("nothing but links", "https://a.example/x https://b.example/y", ["und"]),
    ("from right to left: names of medicines alone, in any writing of ours", "אני לוקח doliprane כל יום",
     ["he", "drugs: paracétamol"]),
    ("Arabic", "أنا آخذ الباراسيتامول وأشعر بالغثيان", ["ar"]),
    ("zero-width characters within words", "do\u200bli\u200bprane", ["und", "drugs: paracétamol"]),
    ("two languages: the larger share decides", "Je prends du Doliprane et I feel dizzy all day, that's not normal",
     ["en", "tone neutral", "drugs: paracétamol", "reactions: dizziness", "who: patient"]),
    ("a language that nobody knows", "Nedomaxe tuliki rambo fesi holpa doliprane dukato soren saploki bundara",
     ["und", "drugs: paracétamol"]),
    ("a leaflet pasted whole is read as if somebody said it", LEAFLET,
     ["fr", "tone", "reactions: nausea", "reactions: dizziness"]),
    ("lyrics are read by their words", "La fièvre dans le sang, oh oh, je brûle pour toi",
     ["fr", "tone", "reactions: fever", "reactions: burn"]),
    ("sarcasm is read by its words", "Merci Doliprane, grâce à toi j'ai vomi toute la nuit, que du bonheur !",
     ["fr", "tone positive", "drugs: paracétamol", "reactions: vomiting", "intents: thanks"]),
    ("a brand that is a common word", "Le spectacle de ce soir était une vraie spirale, quelle inspiration",
     ["fr", "tone positive"]),
    ("an effect that is the indication", "Je prends du Doliprane pour mes migraines",
     ["fr", "tone neutral", "drugs: paracétamol", "conditions: migraine", "who: patient"]),
    ("characters that are none", "\x00\x01 doliprane", ["und", "drugs: paracétamol"]),
]  # fmt: skip


def read(folder: Path, *texts: str) -> list[dict[str, Any]]:
    path = folder / "posts.jsonl"
    rows = [{"id": str(n), "text": text, "published_at": "2026-01-01T00:00:00Z"} for n, text in enumerate(texts)]
    path.write_bytes(b"\n".join(map(msgspec.json.encode, rows)))
    return list(labels(path))


def shown(answer: dict[str, Any]) -> list[str]:
    tone = [f"tone {answer['tone']['label']}"] if "tone" in answer else []
    lists = ("drugs", "reactions", "conditions", "devices", "who", "intents")
    return [answer["lang"], *tone, *(f"{key}: {one['value']}" for key in lists for one in answer.get(key, []))]


def told(answer: dict[str, Any], expected: list[str]) -> list[str]:
    """Return what is said, `tone` alone where no tone is expected by name: which one is no rule."""
    return ["tone" if line.startswith("tone") and "tone" in expected else line for line in shown(answer)]


@pytest.mark.parametrize(("what", "text", "expected"), SAID, ids=[row[0] for row in SAID])
def test_text_is_read(tmp_path: Path, what: str, text: str, expected: list[str]) -> None:
    (answer,) = read(tmp_path, text)
    assert told(answer, expected) == expected, what


def test_they_are_read_together_as_alone(tmp_path: Path) -> None:
    answers = read(tmp_path, *(text for _, text, _ in SAID))
    assert [told(a, expected) for a, (_, _, expected) in zip(answers, SAID, strict=True)] == [row[2] for row in SAID]


def test_ten_medicines_and_one_effect(tmp_path: Path) -> None:
    text = "Doliprane, Spasfon, Smecta, Imodium, Xanax, Lexomil, Seresta, Tahor, Plavix et Eliquis : j'ai des nausées"
    (answer,) = read(tmp_path, text)
    assert len(answer["drugs"]) == 10 and [one["value"] for one in answer["reactions"]] == ["nausea"]


def test_what_repeats_without_end_is_kept_as_often_as_it_is_of_use(tmp_path: Path) -> None:
    (answer,) = read(tmp_path, "je prends du doliprane et j'ai des nausées. " * 2_500)
    assert len(answer["drugs"]) == len(answer["reactions"]) == MOST_PLACES
    assert answer["drugs"][0]["start"] < answer["drugs"][-1]["start"]


def test_a_post_that_names_everything_keeps_a_bounded_list(tmp_path: Path) -> None:
    (answer,) = read(tmp_path, " ".join(f"doliprane et nausées, pas de vertiges {n}" for n in range(2_000)))
    assert sum(len(answer.get(key, [])) for key in ("drugs", "reactions")) <= MOST_FOUND


def test_texts_without_anything_are_no_posts(tmp_path: Path) -> None:
    assert read(tmp_path, "", "  \n\t ") == []
