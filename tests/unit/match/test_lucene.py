"""A foreign oracle: Lucene Monitor, built from Debian's source, finds what we find, where the languages meet."""

import random
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from vigie.match import Query, parse
from vigie.match.engine import Engine

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
from matching import drawn, peers  # noqa: E402 -- found by the path above


def few_words(rng: random.Random, n: int) -> str:
    """Return words drawn from so few that they meet; no two sides of a NEAR ask for the same."""
    return " OR ".join(rng.sample(("mal", "tete", "ventre", "dos", "doliprane", "fievre", "toux", "nez"), n))


def small_queries(rng: random.Random, n: int) -> dict[str, str]:
    kinds = (
        lambda: f"({few_words(rng, 2)}) AND NOT ({few_words(rng, 2)})",
        lambda: f"(mal OR dos) NEAR/{rng.randint(0, 4)} (tete OR fi* OR nez)",
        lambda: f'"{rng.choice(("mal de tete", "mal de", "de dos"))}" OR (toux AND {rng.choice(("do*", "nez"))})',
        lambda: f"(toux OR NOT_) AND (({few_words(rng, 1)}) OR (dos AND NOT nez))".replace(" OR NOT_", ""),
    )
    return {f"s{k}": rng.choice(kinds)() for k in range(n)}


@pytest.mark.slow
def test_lucene_monitor_finds_what_we_find() -> None:
    assert peers.monitor() is not None, f"Lucene Monitor can't be built here: {peers.unbuilt()}"
    rng = random.Random(7)
    letters = ("mal", "de", "tête", "ventre", "dos", "Doliprane", "fièvre", "toux", "nez", "fiers", "docteur")
    texts = [" ".join(rng.choices(letters, k=rng.randint(1, 14))) for _ in range(3_000)]
    for posts, expressions in (
        (pa.table({"text": texts}), small_queries(rng, 300)),
        (drawn.posts(2_000), drawn.queries(1_000)),
    ):
        asked = {i: parse(e) for i, e in expressions.items()}
        shared = {i: Query(peers.unaccented(q.root)) for i, q in asked.items() if not peers.has_facts(q)}
        engine = Engine(shared)
        found = engine.match(posts)
        ours = {(int(r), engine.ids[q]) for r, q in zip(found.row, found.query, strict=True)}
        answered = peers.lucene(shared, posts)
        assert answered is not None
        only = ours ^ answered[0]
        assert len(ours) > 500
        # Lucene lets both sides of a NEAR be one word; ours are two. Nothing else may differ.
        assert all("NEAR" in expressions[query] for _, query in only)
        assert all(pair in answered[0] for pair in only), "we find what Lucene does not"
        assert len(only) < 0.02 * len(ours)
