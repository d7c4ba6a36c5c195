"""Training on tweets with corrections beside them; skipped where the sets are absent."""

import numpy as np
from support.shared import shared_path

from vigie.enrich.adapting import Given
from vigie.enrich.comparing import compared
from vigie.enrich.tone_grams import TONES
from vigie.enrich.training import corrected


def test_corrections_are_learnt_beside_the_tweets() -> None:
    folder = shared_path("data/sentiment")
    texts = tuple(f"la tisane numéro {n} est servie, {word}" for n, word in enumerate(["alpha", "beta"] * 20))
    told: list[int] = []
    model, known = corrected.train(
        folder,
        "fr",
        Given(texts, np.zeros(40, np.int64), ()),
        rng=np.random.default_rng(0),
        told=lambda: told.append(1),
    )
    assert len(told) == 5
    own = compared(known.truth, known.before, known.after, answers=len(TONES), rng=np.random.default_rng(0))
    tweets = compared(
        known.tweets_truth, known.tweets_before, known.tweets_after, answers=len(TONES), rng=np.random.default_rng(0)
    )
    assert own.before < 0.2 and own.after > 0.9
    assert tweets.posts > 2_000 and tweets.interval[0] > -0.02
    assert TONES[model.told(["la tisane numéro 77 est servie, alpha"])[0][0]] == "negative"
