"""What a run would change, told before it is made: exactly what the run then does, once all was looked at."""

import random
from collections import Counter
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from vigie.enrich.language import LanguageLabeller
from vigie.enrich.tone_grams import ToneLabeller
from vigie.errors import DecisionError
from vigie.schema.vocab import LabelKind, Role
from vigie.server import mirroring
from vigie.server.models import Finding, FindingCorrection, Label, Mention, Post, Work
from vigie.server.permissions import COMMAND, asker_of
from vigie.server.services import finding, foretelling, judging, relabelling
from vigie.store.filters import ALL

from .conftest import NOW, House, Use, post
from .test_relabelling import SameModel, Words
from .test_stores import NextModel, agree

KINDS = ("language", "tone", "reaction")
TEXTS = (
    "Le Sérélium est horrible, nausée tous les jours", "Le Sérélium est super, merci à tous", "Sérélium, pas de vertige pour ma mère",
    "Sérélium is great and I am happy with it", "Sérélium", "Le Sérélium me donne vertige et nausée, quelle horreur",
)  # fmt: skip
DAY = {"first": NOW.date().replace(day=1), "last": NOW.date()}


class Moody(ToneLabeller):
    """A model of tone that goes by the length of the text."""

    version = "77"

    def label(self, texts: Any, languages: Any) -> tuple[list[str | None], list[float]]:
        tones: list[str | None] = ["negative", "neutral", "positive", None]
        return [tones[len(text) % 4] for text in texts], [1.0 for _ in texts]


class Mixed(LanguageLabeller):
    """A model of language that goes by the length of the text."""

    version = "77"

    def label(self, texts: Any, languages: Any = ()) -> tuple[list[str | None], list[float]]:
        return [["fr", "en", "nl"][len(text) % 3] for text in texts], [1.0 for _ in texts]


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    foretelling.forget()


def foretold(*kinds: str, more: bool = True, **changes: Any) -> foretelling.Shown:
    """Return what is foretold, of all posts unless only the sample is asked."""
    given = {**DAY, "asker": COMMAND, "now": NOW, "monotonic": lambda: 0.0, **changes}
    shown = foretelling.foretell(kinds, **given)
    if more:
        shown = foretelling.foretell(kinds, more=True, **given)
        assert shown.is_over
    return shown


def stands() -> tuple[dict[tuple[int, str], str], dict[int, set[tuple[str, int, bool]]]]:
    labels = Label.objects.filter(chosen=True).values_list("post", "kind", "value")
    things: dict[int, set[tuple[str, int, bool]]] = {}
    for p, value, at, negated in Finding.objects.values_list("post", "value", "starts", "negated"):
        things.setdefault(p, set()).add((value, at or 0, negated))
    return {(p, kind): value for p, kind, value in labels}, things


def figures(kind: str) -> dict[str, int]:
    table = mirroring.view(now=NOW).counts(ALL, (kind,))
    return {v or "": n for v, n in zip(table[kind].to_pylist(), table["mentions"].to_pylist(), strict=True)}


@pytest.mark.parametrize("seed", range(6))
def test_what_is_foretold_of_all_is_what_the_run_then_does(house: House, use: Use, run_work: Any, seed: int) -> None:
    rng = random.Random(seed)
    use(finders=(Words("1", "nausée"),))
    house.take(*(post(str(n), f"{rng.choice(TEXTS)} {'!' * rng.randrange(4)}") for n in range(rng.randrange(1, 30))))
    for mention in Mention.objects.order_by("pk")[: rng.randrange(4)]:
        judging.correct(mention.pk, LabelKind.TONE, "neutral", asker=COMMAND, now=NOW)
        FindingCorrection.objects.create(
            mention=mention, kind="reaction", value="vertige", holds=bool(seed % 2), at=NOW
        )
    finding.refresh(list(Post.objects.values_list("pk", flat=True)))
    touch_all()
    run_work()
    use(Mixed() if seed % 2 else LanguageLabeller(), Moody(), finders=(Words("2", "vertige", "nausée"),))
    asked = KINDS[: 1 + seed % 3] if seed < 3 else KINDS
    shown, before, values = foretold(*asked), stands(), {kind: figures(kind) for kind in KINDS}
    row = Work.objects.get(pk=relabelling.start(*asked, asker=COMMAND, now=NOW))
    run_work()
    row.refresh_from_db()
    after = stands()
    changed = {one.kind: one.changed.middle for one in shown.kinds if one.changed.middle}
    assert changed == row.state_json["changed"]
    for one in shown.kinds:
        if one.kind in ("language", "tone"):
            moves = Counter(
                (before[0].get(key, ""), after[0].get(key, ""))
                for key in {*before[0], *after[0]}
                if key[1] == one.kind and before[0].get(key) != after[0].get(key)
            )
            assert {(b, a): n.middle for b, a, n in one.moves} == moves
    for effect in shown.effects:
        now = figures(effect.kind)
        assert {v: n for v, n, _ in effect.rows} == {v: values[effect.kind].get(v, 0) for v, _, _ in effect.rows}
        assert {v: n.middle for v, _, n in effect.rows if n.middle} == now
    agree()


def touch_all() -> None:
    with transaction.atomic():
        judging.touch(list(Mention.objects.values_list("pk", flat=True)))


def test_sample_gives_an_interval_that_the_truth_of_all_lies_in(
    house: House,
    use: Use,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house.take(*(post(str(n), TEXTS[n % 2]) for n in range(120)))
    use(LanguageLabeller(), NextModel())
    monkeypatch.setattr(foretelling, "SAMPLE", 40)
    monkeypatch.setattr(foretelling, "PIECE", 20)
    shown = foretold("tone", more=False)
    (tone,) = shown.kinds
    assert (shown.seen, shown.total, shown.mentions_seen, shown.is_over) == (40, 120, 40, False)
    assert tone.changed.low < 60 < tone.changed.high and not tone.changed.is_exact
    (positive,) = [row for row in shown.effects[0].rows if row[0] == "positive"]
    assert positive[1] == 60 and positive[2].low <= 120 <= positive[2].high
    whole = foretold("tone")
    assert whole.kinds[0].changed.is_exact and whole.kinds[0].changed.middle == 60


def test_same_record_gives_the_same_sample(house: House, use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    house.take(*(post(str(n), TEXTS[n % len(TEXTS)]) for n in range(60)))
    use(LanguageLabeller(), NextModel())
    monkeypatch.setattr(foretelling, "SAMPLE", 10)
    assert foretold("tone", more=False) == foretold("tone", more=False)


def test_ids_are_tried_where_few_of_many_are_posts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.take(*(post(str(n), TEXTS[0] if n % 5 == 0 else "rien") for n in range(100)))
    ids = set(Post.objects.values_list("pk", flat=True))
    monkeypatch.setattr(foretelling, "PROBES", 30)
    drawn = foretelling._drawn(random.Random(1), min(ids), max(ids), 8)
    assert len(drawn) == 8 and set(drawn) < ids
    assert len(foretelling._drawn(random.Random(1), min(ids), max(ids) + 10**9, 8)) < 8
    everyone = [i for piece in foretelling._post_pieces(random.Random(1), len(ids)) for i in piece]
    assert sorted(everyone) == sorted(ids)


def test_each_post_may_be_drawn(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.take(*(post(str(n), TEXTS[0]) for n in range(40)))
    ids = sorted(Post.objects.values_list("pk", flat=True))
    monkeypatch.setattr(foretelling, "PROBES", 20)
    drawn = Counter(i for seed in range(300) for i in foretelling._drawn(random.Random(seed), ids[0], ids[-1], 10))
    # 75 expected of each; seven standard deviations of a binomial.
    assert set(drawn) == set(ids) and all(abs(n - 75) < 55 for n in drawn.values())


def test_examples_say_before_and_after_of_each_kind(house: House, use: Use) -> None:
    use(finders=(Words("1", "nausée"),))
    house.take(post("1", TEXTS[0]), post("2", TEXTS[1]))
    use(LanguageLabeller(), NextModel(), finders=(Words("2", "horrible"),))
    (example,) = foretold(*KINDS).examples
    assert example.text == TEXTS[0]
    assert set(example.changes) == {("tone", ("negative",), ("positive",)), ("reaction", ("nausée",), ("horrible",))}


def test_versions_of_what_stands_are_counted(house: House, use: Use) -> None:
    house.take(post("1", TEXTS[0]))
    use(LanguageLabeller(), NextModel())
    house.take(post("2", TEXTS[0]))
    (tone,) = foretold("tone").kinds
    assert {name: n.middle for name, n in tone.stored} == {"tone-grams 1": 1, "tone-grams 99": 1}
    assert tone.today == "tone-grams 99" and tone.changed.middle == 1


def test_model_that_says_the_same_changes_nothing(house: House, use: Use) -> None:
    house.take(post("1", TEXTS[0]))
    use(LanguageLabeller(), SameModel())
    shown = foretold("tone")
    assert shown.kinds[0].changed.middle == 0 and shown.examples == () and shown.kinds[0].moves == ()


def test_empty_record_foretells_nothing(house: House) -> None:
    shown = foretold("language", "tone")
    assert shown.is_over and shown.total == 0 and shown.examples == ()


def test_who_may_not_steer_work_or_does_not_see_all_is_refused(house: House) -> None:
    for who in (
        asker_of(5, [(None, Role.COMMUNITY_MANAGER)]), asker_of(5, [(house.brand.pk, Role.ADMINISTRATOR)]), asker_of(5, []),
    ):  # fmt: skip
        with pytest.raises(DecisionError):
            foretold("tone", asker=who)


def test_statements_are_the_same_for_one_post_and_for_three(house: House, use: Use) -> None:
    counts = []
    for names in ("1", "23"):
        use(finders=(Words("1", "nausée"),))
        house.take(*(post(name, TEXTS[0]) for name in names))
        use(Mixed(), Moody(), finders=(Words("2", "horrible"),))
        foretold(*KINDS)
        foretelling.forget()
        with CaptureQueriesContext(connection) as caught:
            foretold(*KINDS, more=False)
        counts.append(len(caught))
    assert counts[0] == counts[1]
