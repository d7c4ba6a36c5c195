"""What is found in a post about health, and how it is said. Read it as a manual: a text, and what Vigie sees in it.

`kind: value`, then how it is said: `not` (denied), `perhaps` (supposed, asked), `past` (long ago, or over),
`another` (somebody else's).
"""

import pyarrow as pa
import pytest

from vigie.enrich.health.dictionary import Entry
from vigie.enrich.health.finder import HealthFinder, find
from vigie.enrich.health.said import LANGUAGES, name_of, names, said
from vigie.text.lexicon import Lexicon

LEXICON = Lexicon()

DICTIONARY = (
    Entry("Sérélium", ("serelium", "le séré"), "sérélicine", is_ours=True),
    Entry("Inspiro", ("inspiro 2", "stylo inspiro"), is_ours=True, is_device=True),
    Entry("Aurore", (), "auroricine"),
)

FINDER = HealthFinder(DICTIONARY)

SAYS = (("negated", "not"), ("hypothetical", "perhaps"), ("past", "past"), ("of_another", "another"))


def read(found: pa.Table) -> list[str]:
    return [
        f"{row['kind']}: {row['value']}" + "".join(f", {word}" for flag, word in SAYS if row[flag])
        for row in found.to_pylist()
    ]


def seen(text: str, language: str | None = "fr", finder: HealthFinder = FINDER) -> list[str]:
    return read(find([text], [language], finder, LEXICON))


MEDICINES = [
    ("un brand of the public base means its substance", "Doliprane 1000", ["drug: paracétamol"]),
    ("a substance", "boîte de paracétamol", ["drug: paracétamol"]),
    ("its English name", "du paracetamol ou acetaminophen", ["drug: paracétamol", "drug: paracétamol"]),
    ("two substances", "sous Augmentin", ["drug: acide clavulanique + amoxicilline"]),
    ("capitals, accents, hashtags do not matter", "#DOLIPRANE dolipràne", ["drug: paracétamol"] * 2),
    ("a letter missing, doubled, other or swapped", "levotyrox, levothyroxx, levothirox, levohtyrox",
     ["drug: lévothyroxine"] * 4),
    ("a short misspelt name asks for words of care beside it", "un comprimé de xanaz", []),
    ("the same, of six letters", "je prends du smectta", ["drug: diosmectite"]),
    ("never an ordinary word", "un concert, une action, la malade, un champion", []),
    ("the company's own product, by any spelling", "le séré, c'est bien : Serelium !",
     ["drug: sérélicine", "drug: sérélicine"]),
    ("its own device", "mon stylo Inspiro fuit", ["device: Inspiro"]),
    ("its own name wins, even a common word", "Aurore 50 mg", ["drug: auroricine"]),
    ("ten medicines, one effect",
     "Doliprane, Spasfon, Smecta, Imodium, Xanax, Lexomil, Seresta, Tahor, Plavix et Eliquis : nausées",
     ["drug: paracétamol", "drug: phloroglucinol", "drug: diosmectite", "drug: lopéramide", "drug: alprazolam",
      "drug: bromazépam", "drug: oxazépam", "drug: atorvastatine", "drug: clopidogrel", "drug: apixaban",
      "reaction: nausea"]),
    ("not taken", "je ne prends plus de Xanax", ["drug: alprazolam, not"]),
]  # fmt: skip

COMMON_WORDS = [
    ("a first name", "Diane est ma meilleure amie", []),
    ("the same name as a pill", "je prends Diane 35, un comprimé par jour", ["drug: cyprotérone + éthinylestradiol"]),
    ("a verb", "il me débridat, elle estima", []),
    ("a mineral of a battery", "le lithium de ma batterie", []),
    ("the same as a treatment", "mon traitement au lithium", ["drug: lithium"]),
    ("a footballer", "Evra a marqué", []),
    ("a patch", "le patch Evra", ["drug: norelgestromine + éthinylestradiol"]),
    ("left out altogether", "de l'huile, de l'alcool et de l'argent contre un cachet", []),
]

EFFECTS = [
    ("lay words", "j'ai la tête qui tourne", ["reaction: dizziness"]),
    ("verbs", "j'ai vomi, je transpire et je dors plus", ["reaction: vomiting", "reaction: sweating", "reaction: insomnia"]),
    ("an idiom that holds a negation is an effect", "je n'arrive plus à dormir", ["reaction: insomnia"]),
    ("slang", "ça m'a donné la chiasse, je suis dans le coaltar", ["reaction: diarrhoea", "reaction: sleepiness"]),
    ("as in a message", "mal o ventre + nausee", ["reaction: stomach pain", "reaction: nausea"]),
    ("pictures", "💊 → 🤢🤮", ["reaction: nausea", "reaction: vomiting"]),
    ("a place", "mal au genou et les doigts engourdis", ["reaction: pain: knee", "reaction: numbness: hand"]),
    ("weight", "pris 5kg, 8 kilos de plus", ["reaction: weight gain", "reaction: weight gain"]),
    ("words of every day count beside a medicine alone", "je suis un zombie, quelle colère", []),
    ("beside one", "Tramadol = zombie", ["drug: tramadol", "reaction: sleepiness"]),
    ("light words stand within", "les yeux qui me brûlent vraiment", ["reaction: visual trouble"]),
    ("a verb in its persons and tenses", "il grelotte, ils grelottent, je grelottais",
     ["reaction: chills", "reaction: chills", "reaction: chills, past"]),
    ("any part of the body", "coude raide, mollet bloqué, tibias en feu",
     ["reaction: pain: arm", "reaction: pain: leg", "reaction: pain: leg"]),
    ("what is wrecked", "ça m'a flingué les tendons", ["reaction: harm: muscle"]),
    ("terms of doctors", "hyponatrémie, galactorrhée, akathisie, rhabdomyolyse",
     ["reaction: salt imbalance", "reaction: lactation", "reaction: tremor", "reaction: muscle pain"]),
    ("long words with a letter wrong", "vomisements, étourdisements", ["reaction: vomiting", "reaction: dizziness"]),
    ("no effect in everyday speech", "une chute de neige, du lait, je perds mon temps, un éléphant, le bruit", []),
    ("an illness is an event beside a medicine", "Wegovy : pancréatite", ["drug: sémaglutide", "reaction: pancreatitis"]),
    ("one's own is no event", "Sous Doliprane, ma sinusite", ["drug: paracétamol", "condition: sinusitis"]),
    ("alone it is an illness", "j'ai une sinusite", ["condition: sinusitis"]),
    ("more illnesses", "une entorse, une verrue, un mélanome", ["condition: sprain", "condition: warts", "condition: cancer"]),
]  # fmt: skip

TAKEN_FOR = [
    ("what it is taken for is no effect", "je prends du Doliprane pour mes migraines",
     ["drug: paracétamol", "condition: migraine"]),
    ("against", "du Spasfon contre les crampes", ["drug: phloroglucinol", "condition: muscle pain"]),
    ("first the pain, then the pill", "j'ai mal à la tête donc je prends un Doliprane",
     ["condition: headache", "drug: paracétamol"]),
    ("relieved", "le Lexomil calme mes crises d'angoisse", ["drug: bromazépam", "condition: anxiety attack"]),
    ("an illness", "diabétique et asthmatique", ["condition: diabetes", "condition: asthma"]),
    ("an illness that a medicine gave", "ce médicament m'a donné du diabète", ["reaction: diabetes"]),
    ("either, by the words around", "l'Effexor m'a donné des migraines", ["drug: venlafaxine", "reaction: migraine"]),
    ("a list goes on", "pour mes nausées et mes vertiges", ["condition: nausea", "condition: dizziness"]),
]  # fmt: skip

HOW_IT_IS_SAID = [
    ("denied", "pas de nausées", ["reaction: nausea, not"]),
    ("a list denied", "aucune nausée, ni vertige ni fièvre",
     ["reaction: nausea, not", "reaction: dizziness, not", "reaction: fever, not"]),
    ("until “but”", "pas de nausées mais des vertiges", ["reaction: nausea, not", "reaction: dizziness"]),
    ("“not only” denies nothing", "pas que des nausées", ["reaction: nausea"]),
    ("supposed", "peut provoquer des palpitations", ["reaction: palpitations, perhaps"]),
    ("if", "si des vertiges apparaissent", ["reaction: dizziness, perhaps"]),
    ("“so tired” is no if", "je suis si fatiguée", ["reaction: fatigue"]),
    ("asked", "Quelqu'un a eu des vertiges ?", ["reaction: dizziness, perhaps"]),
    ("asked of one's own", "J'ai des vertiges, c'est normal ?", ["reaction: dizziness"]),
    ("long ago", "il y a dix ans j'ai fait une phlébite", ["reaction: blood clot, past"]),
    ("in a year", "en 2009 j'ai eu des vertiges", ["reaction: dizziness, past"]),
    ("in those days", "à l'époque j'avais des vertiges", ["reaction: dizziness, past"]),
    ("told as past", "j'avais des vertiges", ["reaction: dizziness, past"]),
    ("since then it is not", "j'avais du Xanax et depuis des vertiges", ["drug: alprazolam, past", "reaction: dizziness"]),
    ("over", "les vertiges ont disparu", ["reaction: dizziness, past"]),
    ("a reader's", "ta fille a des vertiges", ["reaction: dizziness, another"]),
    ("a doctor's patient", "la patiente a des vertiges", ["reaction: dizziness, another"]),
    ("somebody else's", "ma mère a des vertiges", ["reaction: dizziness, another"]),
    ("and she", "Ma mère prend du Tahor. Elle a des crampes.",
     ["drug: atorvastatine, another", "reaction: muscle pain, another"]),
    ("back to oneself", "Mon mari va bien mais moi j'ai des crampes", ["reaction: muscle pain"]),
]  # fmt: skip

ENGLISH = [
    ("idiom", "can't keep anything down", ["reaction: vomiting"]),
    ("lay", "Zoloft made me dizzy", ["drug: sertraline", "reaction: dizziness"]),
    ("denied", "no nausea, headache or dizziness",
     ["reaction: nausea, not", "reaction: headache, not", "reaction: dizziness, not"]),
    ("never", "I never had headaches on Lexapro", ["reaction: headache, not", "drug: escitalopram"]),
    ("taken for", "ibuprofen for my headache", ["drug: ibuprofène", "condition: headache"]),
    ("could", "it could cause seizures", ["reaction: seizure, perhaps"]),
    ("somebody else's", "My son had a rash after amoxicillin", ["reaction: rash, another", "drug: amoxicilline, another"]),
    ("long ago", "years ago I had seizures", ["reaction: seizure, past"]),
    ("told without a name", "Zoloft. My brain was mush.", ["drug: sertraline", "reaction: unnamed"]),
    ("an emotion is no effect by itself", "he is so mean and angry, what a hell", []),
]  # fmt: skip

BAD = [
    ("empty", "", []),
    ("blank", " \n\t ", []),
    ("one word", "Doliprane", ["drug: paracétamol"]),
    ("one letter", "d", []),
    ("pictures alone", "😀😀🎉", []),
    ("links alone", "https://example.org/a http://example.org/b", []),
    ("right to left", "דוליפרן כאב ראש", []),
    ("right to left around a name", "אני לוקח Doliprane היום", ["drug: paracétamol"]),
    ("characters of no width", "Doli\u200bprane et nau\u200dsées", ["drug: paracétamol", "reaction: nausea"]),
    ("two languages", "Le Zoloft makes me dizzy", ["drug: sertraline"]),
    ("lyrics", "Mon cœur brûle et tangue,\nma douleur est un feu,\nla nuit tremble, tremble,\net je meurs d'être deux", []),
]  # fmt: skip

LEAFLET = (
    "Comme tous les médicaments, ce médicament peut provoquer des effets indésirables, mais ils ne surviennent pas "
    "systématiquement. Effets indésirables fréquents : nausées, vomissements, maux de tête. Peu fréquents : vertiges, "
    "éruption. En cas de surdosage, consultez un médecin."
)


@pytest.mark.parametrize(
    ("what", "text", "found"), [*MEDICINES, *COMMON_WORDS, *EFFECTS, *TAKEN_FOR, *HOW_IT_IS_SAID, *BAD]
)
def test_in_french(what: str, text: str, found: list[str]) -> None:
    assert seen(text) == found


@pytest.mark.parametrize(("what", "text", "found"), ENGLISH)
def test_in_english(what: str, text: str, found: list[str]) -> None:
    assert seen(text, "en") == found


def test_a_leaflet_supposes_all_that_it_lists() -> None:
    found = find([LEAFLET], ["fr"], FINDER, LEXICON)
    effects = [row for row in found.to_pylist() if row["kind"] == "reaction"]
    assert len(effects) == 5
    assert all(row["hypothetical"] for row in effects)


@pytest.mark.parametrize("language", [None, "und", "de", "pt-BR"])
def test_in_another_language_names_alone_are_found(language: str | None) -> None:
    assert seen("Doliprane gegen nausea, Serelium", language) == ["drug: paracétamol", "drug: sérélicine"]


def test_a_hundred_thousand_characters_without_a_stop() -> None:
    text = "nausées pas doliprane si " * 4_000
    found = find([text], ["fr"], FINDER, LEXICON)
    assert len(found) == 8_000
    assert find(["x" * 100_000], ["fr"], FINDER, LEXICON).num_rows == 0


def test_places_are_those_of_the_text_whatever_stands_before() -> None:
    text = "🤷🏽‍♀️ é … Sous Doliprane, tête qui tourne\nle reste"
    found = find(["", text], ["fr", "fr"], FINDER, LEXICON).to_pylist()
    assert [(row["row"], text[row["start"] : row["end"]]) for row in found] == [
        (1, "Doliprane"),
        (1, "tête qui tourne"),
    ]


def test_each_finding_says_where_it_comes_from() -> None:
    found = find(["Sérélium, Doliprane : nausée"], ["fr"], FINDER, LEXICON).to_pylist()
    assert [(row["name"], row["source"].split()[0]) for row in found] == [
        ("Sérélium", "dictionary"), ("doliprane", "bdpm"), (None, "said"),
    ]  # fmt: skip
    assert FINDER.version != HealthFinder().version
    assert FINDER.version == HealthFinder(tuple(reversed(DICTIONARY))).version


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        ("nausea", "nausée", "nausea"),
        ("pain: knee", "douleur\u00a0: genou", "pain: knee"),
        ("mood change", "trouble de l’humeur", "mood change"),
        ("unnamed", "effet décrit sans être nommé", "effect told without a name"),
        ("sérélicine", "sérélicine", "sérélicine"),
    ],
)
def test_normal_forms_have_names(value: str, french: str, english: str) -> None:
    assert (name_of(value, "fr"), name_of(value, "en")) == (french, english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_normal_form_has_a_name_in_both_languages_and_fits_the_record(language: str) -> None:
    values = {one.value for one in said(language)}
    known = names(language)
    assert [v for v in values if (": " not in v and v not in known) or len(name_of(v, language)) > 120] == []
    assert [v for v in values if ": " in v and f"@{v.split(': ')[1]}" not in known] == []
