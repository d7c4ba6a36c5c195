"""Agreement: the worked examples of its authors, and a slow oracle."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.measure.agreement import cohen_kappa, kappa_interval, krippendorff_alpha, masi, nominal

COHEN_1960 = ((88, 14, 18), (10, 40, 10), (2, 6, 12))
"""Cohen 1960, table 1: 200 cases in three categories by two psychologists; kappa = 0.492."""

VALUES = st.sampled_from("abc")


def pairs_of(table: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    cells = [(row, column) for row, counts in enumerate(table) for column, n in enumerate(counts) for _ in range(n)]
    return [row for row, _ in cells], [column for _, column in cells]


def test_kappa_of_cohen_s_own_table() -> None:
    assert cohen_kappa(*pairs_of(COHEN_1960)) == pytest.approx(0.492, abs=0.0005)


def test_kappa_of_a_table_known_by_heart() -> None:
    assert cohen_kappa(*pairs_of(((20, 5), (10, 15)))) == pytest.approx(0.4)


KRIPPENDORFF_B = list(zip("aabbdcccedda", "babbbccceddd", strict=True))
"""Krippendorff 2011, B: nominal, two people, nothing missing."""

KRIPPENDORFF_C = [
    [value for value in unit if value != "."]
    for unit in zip("123321412...", "1233224125.3", ".3332342251.", "12332441251.", strict=True)
]
"""Krippendorff 2011, C: four people, some of whom did not say."""


@pytest.mark.parametrize(
    ("units", "alpha"),
    [
        (list(zip("0100000010", "1110010000", strict=True)), 0.095),
        (KRIPPENDORFF_B, 0.692),
        (KRIPPENDORFF_C, 0.743),
    ],
)
def test_alpha_of_krippendorff_s_examples(units: list[Sequence[str]], alpha: float) -> None:
    assert krippendorff_alpha(units) == pytest.approx(alpha, abs=0.0006)


def slow_alpha(units: Sequence[Sequence[str]]) -> float | None:
    """Follow the definition: observed over expected disagreement of all pairs of values that can be paired."""
    paired = [unit for unit in units if len(unit) > 1]
    values = [value for unit in paired for value in unit]
    if not values:
        return None
    seen = sum(sum(a != b for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in paired) / len(values)
    chance = sum(a != b for a, b in permutations(values, 2)) / (len(values) * (len(values) - 1))
    return None if chance == 0 else 1 - seen / chance


@given(st.lists(st.lists(VALUES, max_size=4), max_size=12))
def test_alpha_is_the_slow_one(units: list[list[str]]) -> None:
    found, slow = krippendorff_alpha(units), slow_alpha(units)
    assert found is slow is None or found == pytest.approx(slow)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=30))
def test_kappa_is_the_slow_one_whoever_is_first(rows: list[tuple[str, str]]) -> None:
    first, second = [a for a, _ in rows], [b for _, b in rows]
    found = cohen_kappa(first, second)
    assert found == cohen_kappa(second, first)
    if not rows or len({*first, *second}) == 1:
        assert found is None
        return
    seen = np.mean([a == b for a, b in rows])
    chance = np.mean([[a == b for b in second] for a in first])
    assert found == pytest.approx((seen - chance) / (1 - chance))


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=20))
def test_all_the_same_is_one_and_nothing_is_more(rows: list[tuple[str, str]]) -> None:
    values = [a for a, _ in rows]
    assert krippendorff_alpha([(a, a) for a in values]) in (None, 1.0)
    alpha, kappa = krippendorff_alpha(rows), cohen_kappa(*zip(*rows, strict=True))
    assert (alpha is None or alpha <= 1.0) and (kappa is None or kappa <= 1.0)


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [("", "", 0.0), ("ab", "ab", 0.0), ("a", "", 1.0), ("a", "b", 1.0), ("a", "ab", 1 - 2 / 3 / 2), ("ab", "bc", 1 - 1 / 9)],
)  # fmt: skip
def test_sets_of_values_are_partly_the_same(a: str, b: str, apart: float) -> None:
    assert masi(frozenset(a), frozenset(b)) == pytest.approx(apart) == masi(frozenset(b), frozenset(a))


def test_alpha_of_sets_is_milder_than_of_names() -> None:
    units = [(frozenset("ab"), frozenset("a")), (frozenset("c"), frozenset("c")), (frozenset(), frozenset("b"))]
    mild, strict = krippendorff_alpha(units, masi), krippendorff_alpha(units, nominal)
    assert mild is not None and strict is not None and mild > strict


def test_interval_of_kappa_holds_it() -> None:
    first, second = pairs_of(COHEN_1960)
    low, high = kappa_interval(first, second, rng=np.random.default_rng(0)) or (0.0, 0.0)
    assert 0.36 < low < 0.45 < 0.54 < high < 0.63
    assert kappa_interval([], [], rng=np.random.default_rng(0)) is None
