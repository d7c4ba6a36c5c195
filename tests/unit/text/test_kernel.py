"""The kernels against their short references: words as `words.tokens` cuts them, phrases by a dictionary."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from vigie.text import words
from vigie.text.lexicon import Lexicon
from vigie.text.phrases import Phrases
from vigie.text.terms import BY_COLUMNS, CASED, FUZZY, PATTERN, PREFIX, WORD, Asked, TermList, Terms, shape

LEXICON = Lexicon()
LETTERS = (
    *"abLDJNstmcqQuUjJorspiI'’ʼ`#@＃é\u0301\u200d\ufe0f -_.頭のA1ſﬁßœ🇫🇷😡👍🏽👩⚕€%ＡŒ",
    "jusqu'", "l'", "qu’", "'s", "lorsqu'", "❶", "\U0010ffff", "\x00", "ﷺ", "İ",
)  # fmt: skip
hostile = st.lists(st.sampled_from(LETTERS), max_size=30).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=20
)


@settings(max_examples=500, deadline=None)
@given(st.lists(hostile | st.none(), max_size=6))
def test_kernel_cuts_words_as_the_reference_does(texts: list[str | None]) -> None:
    tokens = LEXICON.read(pa.array(texts, pa.string()))
    raws = LEXICON.raw(0, LEXICON.size)
    for row, text in enumerate(texts):
        part = slice(tokens.first[row], tokens.first[row + 1])
        cut = zip(tokens.ids[part].tolist(), tokens.starts[part].tolist(), tokens.ends[part].tolist(), strict=True)
        expected = [(t.start, t.end) for t in words.tokens(text or "")]
        assert [(raws[i], a, b) for i, a, b in cut] == [((text or "")[a:b], a, b) for a, b in expected]


def test_spelling_keeps_its_number_and_a_slice_reads_its_own_rows() -> None:
    first = LEXICON.read(pa.array(["Doliprane doliprane", "fièvre"]))
    again = LEXICON.read(pa.array([None, "x", "fièvre Doliprane", "y"]).slice(2, 1))
    assert again.ids.tolist() == [first.ids[2], first.ids[0]]
    assert again.starts.tolist() == [0, 7]


def test_lexicon_grows_and_forgets_nothing() -> None:
    lexicon = Lexicon()
    texts = pa.array([" ".join(f"mot{n}" for n in range(start, start + 500)) for start in range(0, 100_000, 500)])
    first = lexicon.read(texts).ids.tolist()
    assert lexicon.size == 100_000
    assert lexicon.read(texts).ids.tolist() == first
    assert lexicon.raw(99_998, 100_000) == ["mot99998", "mot99999"]


ASKED = [
    Asked(WORD, "fievre"), Asked(WORD, "fièvre"), Asked(PREFIX, "fi"), Asked(PATTERN, "f?e*e"), Asked(CASED, "Fievre"),
    Asked(FUZZY, "fievre", 1), Asked(FUZZY, "fevri", 2), Asked(WORD, "#fievre"), Asked(PREFIX, "#f"),
]  # fmt: skip


def by_hand(forms: list[tuple[str, str]]) -> set[tuple[int, int]]:
    """Hold every form against every term."""
    return {
        (place, n)
        for place, (form, raw) in enumerate(forms)
        for n, term in enumerate(ASKED)
        if (term.kind == WORD and form == term.form)
        or (term.kind == PREFIX and form.startswith(term.form))
        or (term.kind == PATTERN and shape(term.form).fullmatch(form))
        or (term.kind == CASED and form == term.form.lower() and term.form in words.cased(raw))
        or (term.kind == FUZZY and OSA.distance(form, term.form) <= term.distance)
    }


RAWS = ("fièvre", "FIEVRE", "Fièvre", "Fievre", "#fievre", "fevre", "firme", "autre", "fe", "fiervess", "vri")


@settings(deadline=None)
@given(st.lists(st.sampled_from(RAWS), max_size=5))
def test_terms_are_found_alike_by_bytes_and_by_columns(raws: list[str]) -> None:
    terms = Terms(ASKED)
    pairs = [(form, raw) for raw in raws for form in words.fold(raw).forms]
    forms = pa.array([form for form, _ in pairs], pa.large_string())
    written = pa.array([raw for _, raw in pairs], pa.large_string())
    assert set(zip(*terms.pairs(forms, lambda place: written[place].as_py()), strict=True)) == by_hand(pairs)
    by_bytes, by_columns = (set(zip(*way(forms), strict=True)) for way in (terms._by_bytes, terms._by_columns))
    assert by_bytes == by_columns


def test_many_forms_are_found_by_columns() -> None:
    forms = pa.array(["fièvre", "fievre", "firme"] * BY_COLUMNS * len(ASKED), pa.large_string())
    places, terms = Terms(ASKED).pairs(forms, lambda place: forms[place].as_py())
    once = [(form, form) for form in ("fièvre", "fievre", "firme")]
    assert {(place % 3, term) for place, term in zip(places, terms, strict=True)} == by_hand(once)


def test_list_of_terms_reads_as_the_terms_do() -> None:
    assert list(TermList.of(ASKED)) == [TermList.of(ASKED)[n] for n in range(len(ASKED))] == list(ASKED)
    assert list(TermList.of(ASKED)[1:3]) == list(ASKED[1:3])


LATIN = st.text(
    st.characters(max_codepoint=0xFF, categories=["L", "N"]) | st.sampled_from("'’#@œŒ"), min_size=1, max_size=8
)


@settings(deadline=None)
@given(st.lists(LATIN, min_size=1, max_size=8))
def test_columns_fold_as_the_reference_does(raws: list[str]) -> None:
    lexicon = Lexicon()
    lexicon.read(pa.array([" ".join(raws)]))
    forms, of = lexicon.forms(0, lexicon.size)
    met = lexicon.raw(0, lexicon.size)
    for number, raw in enumerate(met):
        mine = sorted(forms.filter(pa.array(of == number)).to_pylist())
        assert mine == sorted(words.fold(raw).forms), raw
    assert [lexicon.written(n) for n in range(lexicon.size)] == met


def longest(text: str, phrases: list[str]) -> list[tuple[str, int, int]]:
    """Tag word by word, trying every phrase at every place."""
    cut, found, i = list(words.tokens(text)), [], 0
    asked = [[word.asked for word in words.words(phrase)] for phrase in phrases]
    while i < len(cut):
        fits = [
            (len(parts), -n)
            for n, parts in enumerate(asked)
            if parts and all(i + k < len(cut) and part in cut[i + k].word.forms for k, part in enumerate(parts))
        ]
        if not fits:
            i += 1
            continue
        length, n = max(fits)
        found.append((phrases[-n], cut[i].start, cut[i + length - 1].end))
        i += length
    return found


fragments = st.sampled_from(("mal", "de", "tête", "tete", "Tête", "ventre", "l'aspirine", "#mal", "€", "!"))
phrase_lists = st.lists(st.lists(fragments, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=8)


@settings(deadline=None)
@given(phrase_lists, st.lists(st.lists(fragments, max_size=12).map(" ".join), max_size=4))
def test_phrases_are_tagged_from_the_left_the_longest_first(phrases: list[str], texts: list[str]) -> None:
    tagged = Phrases(phrases, LEXICON).tag(pa.array(texts, pa.string()))
    for row, text in enumerate(texts):
        mine = tagged.row == row
        found = zip(tagged.phrase[mine].tolist(), tagged.start[mine].tolist(), tagged.end[mine].tolist(), strict=True)
        assert [(phrases[n], a, b) for n, a, b in found] == longest(text, phrases)


def test_light_words_may_stand_within_a_phrase_up_to_three() -> None:
    texts = [
        "yeux brûlent",
        "yeux qui me brûlent",
        "yeux qui me qui brûlent",
        "yeux qui me qui me brûlent",
        "yeux bleus brûlent",
    ]
    tagged = Phrases(["yeux brulent"], LEXICON, light=["qui", "me"]).tag(pa.array(texts, pa.string()))
    assert tagged.row.tolist() == [0, 1, 2]
    assert [texts[r][s:e] for r, s, e in zip(tagged.row, tagged.start, tagged.end, strict=True)] == texts[:3]


def test_a_light_word_ends_no_phrase_and_may_be_a_word_of_one() -> None:
    tagged = Phrases(["mal", "mal qui dure"], LEXICON, light=["qui"]).tag(
        pa.array(["mal qui", "mal qui dure"], pa.string())
    )
    assert (tagged.phrase.tolist(), tagged.end.tolist()) == ([0, 1], [3, 12])
