"""What counts as a word, and when two words are the same: the first chapter of the query manual.

Each row: what somebody asks for, what somebody wrote, and whether the one finds the other.
"""

import pytest

from vigie.match import Document, compile_queries


def found(query: str, text: str) -> list[str]:
    """Return the pieces of the text that the query catches."""
    match = compile_queries({"q": query}).match(Document(None, text)).get("q")
    return [text[start:end] for start, end in match.spans] if match else []


CASE_AND_LIGATURES = [
    ("doliprane", "DOLIPRANE", ["DOLIPRANE"]),
    ("DOLIPRANE", "doliprane", ["doliprane"]),
    ("coeur", "mal au cœur", ["cœur"]),
    ("cœur", "mal au coeur", ["coeur"]),
    ("aether", "Æther", ["Æther"]),
    ("strasse", "die Straße", ["Straße"]),
    ("straße", "STRASSE", ["STRASSE"]),
    ("fin", "ﬁn", ["ﬁn"]),
    ("οδος", "ΟΔΟΣ", ["ΟΔΟΣ"]),
    ("istanbul", "İstanbul", ["İstanbul"]),
    ("doliprane", "ＤＯＬＩＰＲＡＮＥ", ["ＤＯＬＩＰＲＡＮＥ"]),
    ("oresund", "Øresund", []),
]

ACCENTS = [
    ("fievre", "fièvre", ["fièvre"]),
    ("fievre", "fievre", ["fievre"]),
    ("fièvre", "fièvre", ["fièvre"]),
    ("fièvre", "FIÈVRE", ["FIÈVRE"]),
    ("fièvre", "fievre", []),
    ("fièvre", "fiévre", []),
    ("mais", "du maïs, mais pas trop", ["maïs", "mais"]),
    ("maïs", "du maïs, mais pas trop", ["maïs"]),
    ("fièvre", "fie\u0300vre", ["fie\u0300vre"]),
    ("fie\u0300vre", "fièvre", ["fièvre"]),
    ("fiè*", "fièvres et fievreux", ["fièvres"]),
    ("fie*", "fièvres et fievreux", ["fièvres", "fievreux"]),
    ("garcon", "un garçon", ["garçon"]),
]

APOSTROPHES = [
    ("aspirine", "l'aspirine", ["aspirine"]),
    ("aspirine", "L’ASPIRINE", ["ASPIRINE"]),
    ("aspirine", "lʼaspirine", ["aspirine"]),
    ("ibuprofene", "jusqu'ibuprofène", ["ibuprofène"]),
    ("il", "lorsqu'il, puisqu’il, qu'il", ["il", "il", "il"]),
    ("ai", "j'ai", ["ai"]),
    ("appelle", "s'appelle t'appelle m'appelle", ["appelle", "appelle", "appelle"]),
    ("est", "c'est n'est", ["est", "est"]),
    ("accord", "d'accord", ["accord"]),
    ("l'aspirine", "l’aspirine", ["l’aspirine"]),
    ("l'aspirine", "aspirine", []),
    ("hui", "aujourd'hui", []),
    ("aujourd'hui", "Aujourd’hui", ["Aujourd’hui"]),
    ("don't", "I don’t", ["don’t"]),
    ("don", "I don't", []),
    ("alzheimer", "Alzheimer's disease", ["Alzheimer"]),
    ("wendy's", "at wendy’s", ["wendy’s"]),
    ("wendy's", "at wendy s", ["wendy s"]),
]

HYPHENS_AND_SIGNS = [
    ("inflammatoire", "anti-inflammatoire", ["inflammatoire"]),
    ("anti-inflammatoire", "anti-inflammatoire", ["anti-inflammatoire"]),
    ("anti-inflammatoire", "anti inflammatoire", ["anti inflammatoire"]),
    ("anti-inflammatoire", "antiinflammatoire", []),
    ("dr_house", "@dr_house", ["@dr_house"]),
    ("doliprane", "Doliprane®", ["Doliprane"]),
    ('"doliprane 1000"', "Doliprane® 1000", ["Doliprane® 1000"]),
    ('"mal de tête"', "mal, de tête", ["mal, de tête"]),
    ("aspirine", "aspi\u00adrine", ["aspi\u00adrine"]),
    ("R&D", "notre R & D", ["R & D"]),
]

HASHTAGS = [
    ("doliprane", "#Doliprane", ["#Doliprane"]),
    ("#doliprane", "#Doliprane", ["#Doliprane"]),
    ("#doliprane", "Doliprane", []),
    ("doliprane", "@doliprane", ["@doliprane"]),
    ("@doliprane", "#doliprane", []),
    ("#doli*", "#Doliprane doliprane", ["#Doliprane"]),
    ("malade", "#JeSuisMalade", []),
    ("jesuismalade", "#JeSuisMalade", ["#JeSuisMalade"]),
    ("#covid_19", "#covid_19", ["#covid_19"]),
]

EMOJI = [
    ("😡", "trop cher😡😡", ["😡", "😡"]),
    ("👍", "👍🏽", ["👍🏽"]),
    ("👍🏽", "👍", []),
    ("👍🏽", "👍🏽", ["👍🏽"]),
    ("❤", "❤️", ["❤️"]),
    ("👩‍⚕️", "merci 👩‍⚕️", ["👩‍⚕️"]),
    ("👩", "merci 👩‍⚕️", []),
    ("🇫🇷", "🇫🇷🇧🇪", ["🇫🇷"]),
    ('"trop cher 😡"', "trop cher !! 😡", ["trop cher !! 😡"]),
]

SYMBOLS = [
    ("€", "100 €", ["€"]),
    ("100€", "cent : 100 € net", ["100 €"]),
    ("20%", "20 % de rabais", ["20 %"]),
    ("$", "$100", ["$"]),
    ("doliprane", "doliprane®™", ["doliprane"]),
]

SCRIPTS = [
    ("頭痛", "頭痛がする", ["頭痛"]),
    ("हिंदी", "यह हिंदी है", ["हिंदी"]),
    ("аспирин", "АСПИРИН", ["АСПИРИН"]),
    ("صداع", "عندي صداع", ["صداع"]),
]


@pytest.mark.parametrize(
    ("query", "text", "caught"),
    CASE_AND_LIGATURES + ACCENTS + APOSTROPHES + HYPHENS_AND_SIGNS + HASHTAGS + EMOJI + SYMBOLS + SCRIPTS,
)
def test_words_are_found_as_the_manual_says(query: str, text: str, caught: list[str]) -> None:
    assert found(query, text) == caught
