"""Figures of a card: macro-F1, its interval, the confusion."""

import numpy as np
import pytest

from vigie.enrich.accuracy import accuracy


def test_accuracy_is_that_of_a_worked_example() -> None:
    truth, given = ["a", "a", "b", "b", "b", "a"], ["a", "b", "b", "b", "a", "other"]
    found = accuracy(truth, given, labels=("a", "b"), others=("other",), rng=np.random.default_rng(1))
    assert found.f1 == {"a": pytest.approx(2 * 1 / (3 + 2)), "b": pytest.approx(2 * 2 / (3 + 3))}
    assert found.macro_f1 == pytest.approx((0.4 + 2 / 3) / 2)
    assert found.confusion == {"a": {"a": 1, "b": 1, "other": 1}, "b": {"a": 1, "b": 2}}
    assert found.interval[0] < found.macro_f1 < found.interval[1]


def test_accuracy_of_a_perfect_labeller_is_one_without_doubt() -> None:
    found = accuracy(["a", "b"] * 30, ["a", "b"] * 30, labels=("a", "b"), rng=np.random.default_rng(1))
    assert (found.macro_f1, found.interval) == (1.0, (1.0, 1.0))


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(40):
        truth = rng.choice(["a", "b"], 150)
        given = np.where(rng.random(150) < 0.7, truth, np.where(truth == "a", "b", "a"))
        low, high = accuracy(list(truth), list(given), labels=("a", "b"), rng=rng).interval
        covered += low <= 0.7 <= high
    assert covered >= 34
