"""Wordings: what each sign of them means, what stands around words, and both loops beside plain Python."""

from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.text import wordings
from vigie.text.lexicon import Lexicon
from vigie.text.wordings import ANY, NEGATORS, SUPPOSERS, Wordings
from vigie.text.wordings_kernel import ASKS, COMMA, CRIES, LINK, QUOTED, STOP, TITLED

CLASSES = {"kin": ["mere", "fille"], "much": ["très", "{kin}"]}
LISTS = {"have": ["j'ai", "jai"]}


def spans(wording: str, text: str) -> list[str]:
    made = Wordings([wording], classes=CLASSES, lists=LISTS)
    lexicon = Lexicon()
    array = pa.array([text], pa.large_string())
    found, _ = made.of(array, lexicon.read(array), lexicon)
    pairs = sorted(set(zip(found.start.tolist(), found.end.tolist(), strict=True)))
    return [text[start:end] for start, end in pairs]


@pytest.mark.parametrize(
    ("wording", "text", "found"),
    [
        ("mon traitement", "Mon TRAITEMENT et mon  traitement", ["Mon TRAITEMENT", "mon  traitement"]),
        ("mon traitement", "mon. traitement", []),
        ("mon|ma|mes {kin}", "ma mère, mes filles, mon père", ["ma mère"]),
        ("{much}", "très fille", ["très", "fille"]),
        ("<have> mal", "J’ai mal, jai mal", ["J’ai mal", "jai mal"]),
        ("prescri*", "On me l'a prescrit, prescrire", ["prescrit", "prescrire"]),
        ("a (très) peur", "elle a peur, elle a très peur, elle a si peur", ["a peur", "a très peur"]),
        ("je ~2 recommande", "je vous le recommande", ["je vous le recommande"]),
        ("je ~2 recommande", "je vous le dis et recommande", []),
        ("je ~2 recommande", "je ne le recommande", ["je ne le recommande"]),
        ("je ~2 recommande", "je pas recommande", []),
        ("je ~2 recommande", "je te, recommande", ["je te, recommande"]),
        ("je ~2 recommande", "je, te recommande", []),
        ("chez _ nous", "chez Vigie, nous", ["chez Vigie, nous"]),
        ("chez _ nous", "chez nous", []),
        ("AFP", "l'AFP, l'afp", ["AFP"]),
        ("été", "été ete", ["été"]),
        ("ete", "été ete", ["été", "ete"]),
        ("^ merci", "Non merci. Merci", ["Merci"]),
        ("oui $", "oui oui. oui", ["oui", "oui"]),
        ("une idée ?", "une idée ? une idée.", ["une idée"]),
        ("pitié !", "pitié. pitié !", ["pitié"]),
        ("le point :", "Vaccin : le point. Le point.", ["le point"]),
        ("?", "Oui ? Non. Quoi ?!", ["Oui ?"]),
        ("?!", "Oui ? Non. Quoi ?!", ["Quoi ?!"]),
        ("une question", "ce n'est pas une question", []),
        ("& une question", "ce n'est pas une question", ["une question"]),
        ("une question", "pas du tout ça, une question", ["une question"]),
        ("je suis malade", "si je suis malade", []),
        ("mon traitement", "« c'est mon traitement à moi » mon traitement", ["mon traitement"]),
        ("mon traitement", "mon « traitement »", ["mon « traitement"]),
        ("mon traitement", "“mon traitement à moi", ["mon traitement"]),
        ("mon traitement", '"c\'est mon traitement" dit-il', []),
        ("mon traitement", "> mon traitement\nmon traitement", ["mon traitement"]),
        ("mon traitement", "https://a.fr/mon-traitement www.mon.traitement", []),
        ("?", "https://a.fr/x?y=1", []),
        ("?", "a/b?c d", []),
        ("docteur lenoir", "M. X et le Dr. Y, docteur Lenoir", ["docteur Lenoir"]),
        ("dr martin", "Dr. Martin", ["Dr. Martin"]),
        ("🙏", "merci 🙏🏽", ["🙏🏽"]),
    ],
)
def test_what_a_wording_finds(wording: str, text: str, found: list[str]) -> None:
    assert spans(wording, text) == found


@pytest.mark.parametrize("wording", ["{nobody} x", "<nothing>", "", "~2 oui", "_ oui"])
def test_wordings_that_cannot_be_read_are_refused(wording: str) -> None:
    with pytest.raises(ValueError, match=r"words|begins"):
        Wordings([wording])


def around(text: str) -> tuple[list[int], list[int], list[int]]:
    lexicon = Lexicon()
    array = pa.array(["avant.", text], pa.large_string())
    read = wordings.sentences(array, lexicon.read(array))
    return read.marks.tolist()[1:], read.of_word.tolist()[1:], read.bits.tolist()[1:]


@pytest.mark.parametrize(
    ("text", "marks", "sentences", "bits"),
    [
        ("a, b. C?", [STOP, COMMA, STOP], [1, 1, 2], [0, ASKS]),
        ("a ?! b", [STOP, STOP], [1, 2], [ASKS | CRIES, 0]),
        ("a ! ? b", [STOP, STOP], [1, 2], [ASKS | CRIES, 0]),
        ("a : b", [STOP, COMMA], [1, 1], [TITLED]),
        ("a.b 3.5", [STOP, 0, 0, 0], [1, 1, 1, 1], [0]),
        ("a\nb", [STOP, STOP], [1, 2], [0, 0]),
        ("a https://b.c d", [STOP, LINK, LINK | COMMA, LINK, 0], [1] * 5, [0]),
        ("«a b c» d", [STOP | COMMA | QUOTED, QUOTED, QUOTED, COMMA], [1] * 4, [0]),
        ("«a b» d", [STOP | COMMA, 0, COMMA], [1] * 3, [0]),
        ("«a\nb c» d", [STOP | COMMA, STOP, 0, 0], [1, 2, 2, 2], [0, 0]),
        ("> a\nb", [STOP | QUOTED, STOP], [1, 2], [0, 0]),
        ("a -> b", [STOP, 0], [1, 1], [0]),
        ("a - b", [STOP, COMMA], [1, 1], [0]),
        ("? a", [STOP], [1], [0]),
    ],
)
def test_what_stands_around_words(text: str, marks: list[int], sentences: list[int], bits: list[int]) -> None:
    found = around(text)
    assert (found[0][: len(marks)], found[1], found[2]) == (marks, sentences, bits)


WORDS = ["oui", "non", "si", "ma", "mère", "pas", "zut", "été"]
PARTS = ["oui", "non", "ma|oui", "mere", "été", "ete", "{kin}", "(zut)", "~1", "~2", "_", "pas"]
WORDING = st.tuples(
    st.sampled_from(["", "& ", "^ ", "& ^ "]),
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=4),
    st.sampled_from(["", " ?", " !", " $", " $ ?"]),
).filter(lambda parts: parts[1][0][0] not in "~_(")
TEXT = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from([" ", " ", " ", ", ", ". ", " ? ", "! ", "?! "])), max_size=9
)


def plainly(head: str, parts: list[str], tail: str, words: list[tuple[str, str]]) -> set[tuple[int, int]]:
    """Return first and last words of what a wording finds, tried at every place."""
    found = set()
    for first in range(len(words)):
        for last in _ends(parts, words, first, first):
            stop = next((n for n in range(first, len(words)) if words[n][1].strip() not in ("", ",")), None)
            sign = words[stop][1].strip() if stop is not None else ""
            fits = (
                ("^" not in head or _begins(words, first))
                and ("&" in head or not _denied(words, first))
                and ("$" not in tail or last == len(words) - 1 or last == stop)
                and ("?" not in tail or "?" in sign)
                and ("!" not in tail or "!" in sign)
            )
            if fits:
                found.add((first, last))
    return found


def _begins(words: list[tuple[str, str]], at: int) -> bool:
    return at == 0 or words[at - 1][1].strip() not in ("", ",")


def _denied(words: list[tuple[str, str]], first: int) -> bool:
    for at in (first - 1, first - 2):
        if at < 0 or words[at][1].strip():
            return False
        if words[at][0] in (*NEGATORS, *SUPPOSERS):
            return True
    return False


def _ends(parts: list[str], words: list[tuple[str, str]], at: int, began: int) -> Iterator[int]:
    """Yield the last words of what parts may match from a word on."""
    if not parts:
        yield at - 1
        return
    part, rest = parts[0], parts[1:]
    if part.startswith("("):
        yield from _ends(rest, words, at, began)
        part = part[1:-1]
    if part.startswith("~"):
        yield from _ends(rest, words, at, began)
        if part != "~0":
            yield from _ends(["_", f"~{int(part[1:]) - 1}", *rest], words, at, began)
        return
    if at >= len(words) or (at > began and words[at - 1][1].strip() not in ("", ",")):
        return
    if _is(part, words, at):
        yield from _ends(rest, words, at + 1, began)


def _is(part: str, words: list[tuple[str, str]], at: int) -> bool:
    word = words[at][0]
    if part == "_":
        return word not in NEGATORS and (at == 0 or words[at - 1][1].strip() != ",")
    plain = {"mère": "mere", "été": "ete"}.get(word, word)
    wanted = CLASSES["kin"] if part == "{kin}" else part.split("|")
    return word in wanted or plain in wanted


@settings(max_examples=400, deadline=None)
@given(WORDING, TEXT)
def test_find_is_what_plain_python_finds(wording: tuple[str, list[str], str], words: list[tuple[str, str]]) -> None:
    head, parts, tail = wording
    text = "".join(word + after for word, after in words)
    made = Wordings([head + " ".join(parts) + tail], classes=CLASSES)
    lexicon = Lexicon()
    array = pa.array([text], pa.large_string())
    tokens = lexicon.read(array)
    found, _ = made.of(array, tokens, lexicon)
    starts, ends = tokens.starts.tolist(), tokens.ends.tolist()
    kernel = {(starts.index(s), ends.index(e)) for s, e in zip(found.start.tolist(), found.end.tolist(), strict=True)}
    assert kernel == plainly(head, parts, tail, words)


def test_wordings_are_kept_per_lexicon() -> None:
    made = Wordings(["oui"])
    for text in ("oui", "et oui", "oui oui"):
        lexicon = Lexicon()
        array = pa.array([text], pa.large_string())
        found, _ = made.of(array, lexicon.read(array), lexicon)
        assert len(found.row) == text.count("oui")


def test_many_finds_in_one_text_have_room() -> None:
    text = "oui " * 3_000
    made = Wordings(["oui", "oui oui", "oui ~3 oui", "oui (oui) (oui) oui"])
    lexicon = Lexicon()
    array = pa.array([text], pa.large_string())
    found, _ = made.of(array, lexicon.read(array), lexicon)
    assert len(found.row) > 3 * 3_000


def test_any_word_is_named_as_steps_name_it() -> None:
    assert next(wordings.written_out("a _", {}, {}))[1] == (ANY,)
