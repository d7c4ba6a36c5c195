"""What is said anew, and what of it differs: against a slow oracle, over any posts and any models."""

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from vigie.enrich.finder import FINDINGS
from vigie.flows.retelling import (
    Differences,
    Relabel,
    Shift,
    Tally,
    Tellers,
    Thing,
    Told,
    differences,
    moved_values,
)
from vigie.text.lexicon import Lexicon, Tokens


class Table:
    """A labeller by a table from first letter (and language) to value; how often it was asked is kept."""

    name = "table"

    def __init__(self, kind: str, values: dict[str, str | None], version: str = "1") -> None:
        self.kind, self.values, self.version, self.read = kind, values, version, 0

    def label(self, texts: Sequence[str], languages: Sequence[str | None]) -> tuple[list[str | None], list[float]]:
        self.read += len(texts)
        keys = [text[:1] + (language or "") for text, language in zip(texts, languages, strict=True)]
        return [self.values.get(key) for key in keys], [1.0] * len(texts)


class Letters:
    """Finds each of some letters in texts of some languages."""

    name, version = "letters", "1"

    def __init__(self, kind: str, letters: str, languages: str = "abc") -> None:
        self.kinds, self.letters, self.languages = (kind,), letters, languages

    def find(self, texts: pa.Array, languages: Sequence[str | None], *, lexicon: Lexicon, tokens: Tokens) -> pa.Table:
        cells = (False, False, False, False, 1.0, "rule")
        rows = [
            (row, self.kinds[0], letter, None, at, at + 1, *cells)
            for row, (text, language) in enumerate(zip(texts.to_pylist(), languages, strict=True))
            for at, letter in enumerate(text)
            if letter in self.letters and language and language in self.languages
        ]
        return pa.Table.from_pylist([dict(zip(FINDINGS.names, row, strict=True)) for row in rows], schema=FINDINGS)


def thing(kind: str, value: str, at: int, version: str = "0") -> Thing:
    return Thing(kind, value, "", at, at + 1, False, False, False, False, 0.5, "older", "letters", version)


LEXICON = Lexicon()
TEXTS = st.lists(st.text("abc", min_size=1, max_size=3), max_size=6)
VALUES = st.sampled_from([None, "a", "b", "c"])


@st.composite
def cases(draw: st.DrawFn) -> tuple[Told, Tellers, frozenset[str]]:
    texts = draw(TEXTS)
    labels = {kind: [draw(VALUES) for _ in texts] for kind in ("language", "tone")}
    things = [
        [thing("reaction", letter, at) for at, letter in enumerate(text) if draw(st.booleans())] for text in texts
    ]
    language = Table("language", {letter: draw(VALUES) for letter in "abc"})
    tone = Table("tone", {a + b: draw(VALUES) for a in "abc" for b in "abc"})
    finder = Letters(
        "reaction", draw(st.sampled_from(["", "a", "ab", "abc"])), draw(st.sampled_from(["a", "ab", "abc"]))
    )
    kinds = draw(st.sets(st.sampled_from(["language", "tone", "reaction", "category"])))
    return Told(texts, labels, things), Tellers((language, tone), (finder,), LEXICON), frozenset(kinds)


def slowly(told: Told, tellers: Tellers, kinds: frozenset[str]) -> tuple[dict[tuple[int, str], object], set[int]]:
    """Say anew post by post, in plain Python."""
    found: dict[tuple[int, str], object] = {}
    moved: set[int] = set()
    language, tone = tellers.labellers
    for row, text in enumerate(told.texts):
        before, spoken = told.labels["language"][row], told.labels["language"][row]
        if "language" in kinds:
            ((spoken,), _) = language.label([text], [None])
        if spoken != before:
            found[row, "language"] = (before, spoken)
            moved.add(row)
        if "tone" in kinds or row in moved:
            ((now,), _) = tone.label([text], [spoken])
            if now != told.labels["tone"][row]:
                found[row, "tone"] = (told.labels["tone"][row], now)
        if "reaction" in kinds or row in moved:
            finder = tellers.finders[0]
            there = {
                (letter, at)
                for at, letter in enumerate(text)
                if spoken and letter in finder.letters and spoken in finder.languages  # type: ignore[attr-defined]
            }
            if there != {(t.value, t.start) for t in told.things[row]}:
                found[row, "reaction"] = there
    return found, moved


@given(cases())
def test_differences_are_those_found_post_by_post(case: tuple[Told, Tellers, frozenset[str]]) -> None:
    told, tellers, kinds = case
    differ = differences(told, kinds, tellers)
    said: dict[tuple[int, str], object] = {
        (row, kind): (one.before, one.after) for kind, rows in differ.labels.items() for row, one in rows.items()
    }
    said |= {
        (row, kind): {(t.value, t.start) for t in some}
        for kind, rows in differ.things.items()
        for row, some in rows.items()
    }
    expected, _ = slowly(told, tellers, kinds)
    assert said == expected
    assert differ.rows == sorted({row for row, _ in expected})
    assert differ.counts() == Counter(kind for _, kind in expected)


@given(cases())
def test_what_was_written_differs_no_more(case: tuple[Told, Tellers, frozenset[str]]) -> None:
    told, tellers, kinds = case
    differ = differences(told, kinds, tellers)
    labels = {kind: list(values) for kind, values in told.labels.items()}
    for kind, rows in differ.labels.items():
        for row, one in rows.items():
            labels[kind][row] = one.after
    things = [list(some) for some in told.things]
    for kind, found in differ.things.items():
        for row, some in found.items():
            things[row] = [t for t in things[row] if t.kind != kind] + some
    assert differences(Told(told.texts, labels, things), kinds, tellers).rows == []


@given(cases())
def test_tallies_of_parts_are_the_tally_of_the_whole(case: tuple[Told, Tellers, frozenset[str]]) -> None:
    told, tellers, kinds = case
    whole, parts = Tally(), Tally()
    whole.add(told, differences(told, kinds, tellers))
    for n in range(len(told.texts)):
        one = Told(told.texts[n : n + 1], {k: v[n : n + 1] for k, v in told.labels.items()}, told.things[n : n + 1])
        parts.add(one, differences(one, kinds, tellers))
    assert (whole.seen, whole.changed) == (parts.seen, parts.changed)
    assert {k: v for k, v in whole.moves.items() if v} == {k: v for k, v in parts.moves.items() if v}


def test_text_is_read_once_and_not_at_all_by_what_is_not_asked() -> None:
    language, tone = Table("language", {"a": "a"}), Table("tone", {"aa": "b"})
    told = Told(["a", "ab"], {"language": ["a", "a"], "tone": ["b", "b"]}, [[], []])
    differences(told, frozenset({"language"}), Tellers((language, tone), (), LEXICON))
    assert (language.read, tone.read) == (2, 0)


def test_version_source_and_score_alone_are_no_difference() -> None:
    told = Told(["a"], {"language": ["a"]}, [[thing("reaction", "a", 0)]])
    tellers = Tellers((), (Letters("reaction", "a"),), LEXICON)
    assert differences(told, frozenset({"reaction"}), tellers).rows == []


def test_differences_without_rows_are_those_of_the_others() -> None:
    differ = Differences({"tone": {0: Relabel("a", "b", 1.0), 1: Relabel("a", "c", 1.0)}}, {"reaction": {1: []}})
    assert differ.without({1}).counts() == {"tone": 1}
    assert differ.without(set()).rows == [0, 1]


def test_moved_values_are_lost_and_found_once_each() -> None:
    before = [thing("drug", "x", 0), thing("drug", "x", 5), thing("who", "patient", 0)]
    after = [thing("drug", "y", 0)]
    assert moved_values(before, after, "drug") == [("x", ""), ("", "y")]


def test_kinds_are_labels_first_and_versions_of_what_nothing_says_are_absent() -> None:
    tellers = Tellers((Table("language", {}), Table("tone", {}, "3")), (Letters("reaction", ""),), LEXICON)
    assert tellers.kinds == ("language", "tone", "reaction")
    assert tellers.versions(["tone", "reaction", "category"]) == {"tone": "table 3", "reaction": "letters 1"}


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60), st.integers(1, 60))
def test_estimate_of_figures_holds_the_truth_once_all_was_seen_and_lies_within_bounds_before(
    mentions: list[tuple[bool, bool]], seen: int
) -> None:
    shift, seen = Shift(), min(seen, len(mentions))
    for before, after in mentions[:seen]:
        shift.add(["x"] if before else [], ["x"] if after else [])
    have = sum(before for before, _ in mentions)
    found = shift.estimate("x", before=have, seen=seen, total=len(mentions), is_over=seen == len(mentions))
    assert 0 <= found.low <= found.middle <= found.high <= len(mentions)
    if seen == len(mentions):
        assert found.is_exact and found.middle == sum(after for _, after in mentions)


def test_estimate_of_nothing_seen_is_anything() -> None:
    found = Shift().estimate("x", before=3, seen=0, total=10, is_over=False)
    assert (found.low, found.middle, found.high, found.is_exact) == (0, 3, 10, False)
