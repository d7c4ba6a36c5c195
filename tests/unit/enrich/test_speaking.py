"""Who speaks and what for: how it is measured, what cards say, hostile texts, and the decision beside plain Python."""

import random
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from support.shared import shared_path

from vigie.enrich import intent, ruling, speaker
from vigie.enrich.card import CARDS, off_by_default
from vigie.enrich.cards import speaking
from vigie.enrich.finder import FINDINGS, Finder
from vigie.enrich.finders import FINDERS
from vigie.enrich.intent import IntentFinder
from vigie.enrich.ruling import ENOUGH, MOST_CUES, Rule, Ruling
from vigie.enrich.speaker import SpeakerFinder
from vigie.schema.vocab import Intent, Speaker
from vigie.text.lexicon import Lexicon

MEASURED = Path(__file__).parents[2] / "measured/who-and-what-for-fr.tsv"

RULINGS = {"who": speaker.ruling, "intent": intent.ruling}


def found(finder: SpeakerFinder | IntentFinder, texts: list[str], language: str | None = "fr") -> pa.Table:
    array, lexicon = pa.array(texts, pa.large_string()), Lexicon()
    return finder.find(array, [language] * len(texts), lexicon=lexicon, tokens=lexicon.read(array))


HOSTILE = [
    "", " ", "?", "??? !!!", "😀", "😀😀😀🙏", "https://exemple.fr/?q=merci&x=aide", "www.exemple.fr/mon-traitement?",
    "שלום עולם אני חולה?", "مرحبا بالعالم", "m\u200be\u200br\u200bc\u200bi", "\u202emerci\u202c", "e\u0301te\u0301", "«««", '"""', "> > >",
    "merci " * 20_000, "j'ai mal ? " * 9_000, "«" * 50_000, "a" * 100_000, "\n" * 1_000, "mon " * 5_000, "\x00merci\x00",
    "Merci, I have a question about my treatment, wie geht es Ihnen?",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
@pytest.mark.parametrize("finder", FINDERS, ids=lambda finder: finder.name)
def test_hostile_texts_have_findings_within_them(finder: Finder, text: str) -> None:
    table = found(finder, [text, "avant", text], None)
    assert table.schema == FINDINGS
    for row in table.to_pylist():
        assert 0 <= row["start"] < row["end"] <= len([text, "avant", text][row["row"]])
        assert 0.5 <= row["score"] <= 1
    assert table.num_rows <= 2 * MOST_CUES * len(Intent)


def test_zero_width_characters_and_case_hide_nothing() -> None:
    for text in ("m\u200be\u200br\u200bci", "MERCI", "Merci\u00a0!", "ＭＥＲＣＩ", "#merci"):
        assert found(IntentFinder(off=frozenset()), [text])["value"].to_pylist() == ["thanks"], text


def test_a_leaflet_pasted_whole_says_nothing() -> None:
    leaflet = (
        "Veuillez lire attentivement cette notice. Si vous avez d'autres questions, demandez conseil à votre médecin. "
        "Que contient cette notice ?\n1. Qu'est-ce que ce médicament ?\nEffets indésirables éventuels : nausées. N'hésitez pas."
    )
    assert found(IntentFinder(off=frozenset()), [leaflet]).num_rows == 0
    assert found(SpeakerFinder(off=frozenset()), [leaflet]).num_rows == 0


def test_sarcasm_is_reported_not_solved() -> None:
    """The card says so; when a rule solves it one day, its limit goes."""
    assert found(IntentFinder(off=frozenset()), ["Ah ben merci, six heures pour un pansement"])[
        "value"
    ].to_pylist() == ["thanks"]
    assert any("Sarcasm" in limit for limit in card("intent")["limits"])


def test_cues_are_the_words_that_say_it_with_the_rule() -> None:
    text = "Bonjour.\nMa mère est sous chimio depuis lundi."
    (row,) = found(SpeakerFinder(), [text]).to_pylist()
    assert (text[row["start"] : row["end"]], row["source"], row["value"]) == (
        "Ma mère est sous chimio",
        "fr.kin-ill",
        "relative",
    )
    assert (row["kind"], row["name"], row["negated"], row["score"]) == ("who", None, False, pytest.approx(1 - 0.5**3))


def test_a_label_that_is_off_is_not_given() -> None:
    assert found(IntentFinder(off=frozenset({"thanks"})), ["Merci !"]).num_rows == 0


def test_texts_are_read_the_same_together_and_alone() -> None:
    texts = [
        "Merci docteur",
        "",
        "Quelqu'un connaît ?",
        "Ma fille est malade",
        "honteux",
        "« merci »",
        "merci d'avance",
    ]
    for finder in FINDERS:
        together = found(finder, texts).to_pylist()
        alone = [{**row, "row": n} for n, text in enumerate(texts) for row in found(finder, [text]).to_pylist()]
        assert together == alone


@pytest.mark.parametrize("name", ["who", "intent"])
def test_rules_can_be_read_and_are_named_once(name: str) -> None:
    rules = RULINGS[name]().rules
    assert RULINGS[name]().wordings is not None
    assert len({rule.name for rule in rules}) == len(rules)
    assert {rule.name.partition(".")[0] for rule in rules} <= set(ruling.LANGUAGES)
    assert max(len(rule.name) for rule in rules) <= 120


def test_classes_and_lists_of_two_languages_do_not_share_names() -> None:
    one, two = (ruling.words_of(name) for name in ruling.WORDS)
    assert not set(one[0]) & set(two[0])
    assert not set(one[1]) & set(two[1])


@pytest.mark.parametrize("name", ["fr-CA", "fr", "en", "und", None, "es", "eo-x"])
def test_whose_rules_read_a_language(name: str | None) -> None:
    reads = {"fr-CA": "any fr", "fr": "any fr", "en": "any en", "und": "any en fr", None: "any en fr"}.get(name, "")
    row = ruling._readers([name])[0]
    assert {n for n, is_read in zip(ruling.LANGUAGES, row, strict=True) if is_read} == set(reads.split())


WORDS = ["oui", "non", "peut", "être", "zut"]
RULE = st.builds(
    Rule,
    name=st.sampled_from(["any.a", "any.b", "any.c", "any.d"]),
    gives=st.dictionaries(st.sampled_from(["x", "y", "all"]), st.integers(-4, 4), max_size=2),
    vetoes=st.lists(st.sampled_from(["x", "y"]), max_size=1, unique=True).map(tuple),
    wordings=st.lists(st.sampled_from(WORDS), min_size=1, max_size=2, unique=True).map(tuple),
)
SENTENCES = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), max_size=4)


def plainly(rules: list[Rule], sentences: list[list[str]]) -> dict[str, int]:
    """Return the points of the labels that hold, the slow way."""
    points: dict[str, int] = defaultdict(int)
    for label in ("x", "y"):
        for rule in rules:
            gives = rule.gives.get(label, 0) if label in rule.gives else rule.gives.get("all", 0)
            counts = any(
                set(rule.wordings) & set(words)
                and not any(label in other.vetoes and set(other.wordings) & set(words) for other in rules)
                for words in sentences
            )
            points[label] += gives if counts else 0
    speaks = {
        label
        for label in ("x", "y")
        for rule in rules
        if rule.gives.get(label, 0) > 0 or (label not in rule.gives and rule.gives.get("all", 0) > 0)
    }
    return {label: n for label, n in points.items() if n >= ENOUGH and label in speaks}


@settings(max_examples=150, deadline=None)
@drawn(st.lists(RULE, min_size=1, max_size=5, unique_by=lambda rule: rule.name), SENTENCES)
def test_decision_is_what_plain_python_decides(rules: list[Rule], sentences: list[list[str]]) -> None:
    rules = [Rule(r.name, _all_first(r.gives), r.vetoes, tuple(f"& {w}" for w in r.wordings)) for r in rules]
    made = Ruling("who", ["x", "y"], rules, ())
    text = " ".join(" ".join(words) + "." for words in sentences)
    array, lexicon = pa.array([text], pa.large_string()), Lexicon()
    table = made.findings(array, ["fr"], lexicon=lexicon, tokens=lexicon.read(array), off=frozenset())
    plain = [Rule(r.name, r.gives, r.vetoes, tuple(w[2:] for w in r.wordings)) for r in rules]
    expected = plainly(plain, sentences)
    assert set(table["value"].to_pylist()) == set(expected)
    for value, score in zip(table["value"].to_pylist(), table["score"].to_pylist(), strict=True):
        assert score == pytest.approx(1 - 0.5 ** (expected[value] / ENOUGH))


def _all_first(gives: dict[str, int]) -> dict[str, int]:
    """Return what a rule gives with `all` before single labels, which then count."""
    return dict(sorted(gives.items()))


def test_unknown_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="no label"):
        Ruling("who", ["x"], [Rule("any.a", {"y": 3}, (), ("oui",))], ())


def test_figures_of_a_small_table_are_those_by_hand() -> None:
    truth = [frozenset({"a"}), frozenset({"a", "b"}), frozenset(), frozenset({"b"})]
    told = [frozenset({"a"}), frozenset({"b"}), frozenset({"a"}), frozenset({"b"})]
    result = speaking.reached(truth, told, labels=["a", "b"])
    assert result.f1 == {"a": 0.5, "b": 1.0}
    assert (result.macro_f1, result.posts, result.off) == (0.75, 4, [])
    assert (result.precision["a"].right, result.precision["a"].of, result.recall["a"].of) == (1, 2, 2)
    assert result.precision["a"].interval == pytest.approx((0.0945, 0.9055), abs=1e-3)
    assert result.interval[0] <= result.macro_f1 <= result.interval[1]


def test_tables_are_read_and_unknown_labels_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.tsv"
    path.write_text("id\ttext\twho\tintents\n1\tMerci\\nà tous\t\tthanks\n2\tx\tpatient, press\t\n", "utf-8")
    some = speaking.annotated(path)
    assert some.texts == ["Merci\nà tous", "x"]
    assert (some.who, some.intents[0]) == ([frozenset(), frozenset({"patient", "press"})], {"thanks"})
    path.write_text("id\ttext\twho\tintents\n1\tx\tdoctor\t\n", "utf-8")
    with pytest.raises(ValueError, match="doctor"):
        speaking.annotated(path)


def test_cards_are_written_and_switch_labels_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("who", "intent"):
        (tmp_path / f"{name}.toml").write_text((CARDS / f"{name}.toml").read_text("utf-8"), "utf-8")
    path = tmp_path / "set.tsv"
    path.write_text(
        "id\ttext\twho\tintents\n1\tMerci docteur\t\tthanks\n2\tJe prends ça depuis hier\tpress\t\n", "utf-8"
    )
    monkeypatch.setattr(speaking, "HERE", tmp_path)
    speaking.main(path, "2026-01-02")
    written = tomllib.loads((tmp_path / "intent.toml").read_text("utf-8"))
    assert written["date"] == "2026-01-02"
    assert written["measured"]["fr"]["f1"]["thanks"] == 1.0
    assert set(written["off"]) == {label.value for label in Intent} - {"thanks"}
    assert set(tomllib.loads((tmp_path / "who.toml").read_text("utf-8"))["off"]) == {label.value for label in Speaker}


def card(name: str) -> dict[str, Any]:
    return tomllib.loads((CARDS / f"{name}.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", ["who", "intent"])
def test_card_says_what_is_measured_or_that_nothing_is(name: str) -> None:
    found_card = card(name)
    finder = next(f for f in FINDERS if f.name == name)
    assert (found_card["name"], found_card["version"]) == (finder.name, finder.version)
    assert found_card["labels"] == list(RULINGS[name]().labels)
    if not MEASURED.is_file():
        assert "fr" not in found_card.get("measured", {})
        assert "fr: not measured" in found_card["measured_on"]
        assert off_by_default(name) == frozenset()
        return
    result = speaking.measured(MEASURED, name)
    assert found_card["measured"]["fr"] == tomllib.loads(speaking.figures(result))
    assert off_by_default(name) == set(result.off)
    assert "fr: not measured" not in found_card["measured_on"]


def test_card_of_who_says_what_reviews_give() -> None:
    folder = shared_path("data/sentiment")
    again = tomllib.loads(speaking.review_figures(speaking.reviews(folder)))
    assert card("who")["measured"]["en_drug_reviews"] == again


def test_set_is_large_and_mixed_enough() -> None:
    if not MEASURED.is_file():
        pytest.skip("tests/measured/who-and-what-for-fr.tsv was not written yet; its README says by whom it must be")
    assert MEASURED.stat().st_size <= 200_000
    some = speaking.annotated(MEASURED)
    assert len(some.texts) >= 300
    for label in Speaker:
        assert sum(label.value in row for row in some.who) >= 12, label
    for aim in Intent:
        assert sum(aim.value in row for row in some.intents) >= 12, aim


def test_drawn_texts_of_rule_words_never_fail() -> None:
    """Words of the wordings in any order: paths, gaps and signs meet in ways that no table thinks of."""
    rng = random.Random(5)
    pool = " ".join(w for name in RULINGS for rule in RULINGS[name]().rules for w in rule.wordings).split()
    signs = [".", "?", "!", ",", ":", "«", "»", "\n", "?!", "https://a.fr/?x", "(", '"', ">"]
    texts = [" ".join(rng.choices(pool + signs * 20, k=rng.randint(1, 60))) for _ in range(400)]
    for finder in FINDERS:
        table = found(finder, texts, None)
        ends = np.array([len(texts[row]) for row in table["row"].to_pylist()])
        assert (table["end"].to_numpy() <= ends).all()
