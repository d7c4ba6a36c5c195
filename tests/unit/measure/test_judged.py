"""How often labels are right, beside scikit-learn's own figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.measure.judged import judged

VALUES = ("a", "b", "c")
SETS = st.frozensets(st.sampled_from("abc"))


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@given(st.lists(st.tuples(SETS, SETS), min_size=1, max_size=25))
def test_figures_are_those_of_a_count_by_hand(rows: list[tuple[frozenset[str], frozenset[str]]]) -> None:
    found = judged([t for t, _ in rows], [g for _, g in rows], values=VALUES, rng=rng())
    assert found is not None
    assert found.accuracy == pytest.approx(sum(t == g for t, g in rows) / len(rows))
    f1s = []
    for part in found.parts:
        right = sum(part.value in t and part.value in g for t, g in rows)
        true, told = sum(part.value in t for t, _ in rows), sum(part.value in g for _, g in rows)
        assert (part.true, part.given, part.right) == (true, told, right)
        assert part.precision == (right / told if told else None)
        assert part.recall == (right / true if true else None)
        f1s.append(2 * right / (true + told) if true + told else 0.0)
    assert found.macro_f1 == pytest.approx(np.mean(f1s))
    assert found.together.right == sum(len(t & g) for t, g in rows)
    assert (found.together.true, found.together.given) == (sum(len(t) for t, _ in rows), sum(len(g) for _, g in rows))
    assert found.macro_interval[0] <= found.macro_interval[1]
    assert found.accuracy_interval[0] - 1e-9 <= found.accuracy <= found.accuracy_interval[1] + 1e-9


def test_one_value_a_post_is_as_for_other_labels() -> None:
    truth = [frozenset({v}) for v in "aabbcc" * 40]
    given_ = [frozenset({v}) for v in "aabacb" * 40]
    found = judged(truth, given_, values=VALUES, rng=rng())
    assert found is not None and found.posts == 240
    assert found.macro_f1 == pytest.approx((0.8 + 0.5 + 2 / 3) / 3)
    assert found.macro_interval[0] < found.macro_f1 < found.macro_interval[1]
    assert found.macro_interval[1] - found.macro_interval[0] < 0.2


def test_of_nothing_nothing_is_known() -> None:
    assert judged([], [], values=VALUES, rng=rng()) is None
