"""The user's own categories: at the door, over the past, in figures, within what somebody may see."""

from typing import Any

import pytest

from vigie.errors import DecisionError
from vigie.match import QueryError
from vigie.server import engine, mirroring
from vigie.server.models import AuditEvent, Category, Finding, Mention, Post, Work
from vigie.server.permissions import COMMAND, Asker, Permission
from vigie.server.queries import categories as reading
from vigie.server.queries import filters as filtering
from vigie.server.services import categories, categorising, lists, work
from vigie.server.services.categories import CategoryDraft, DimensionDraft
from vigie.server.services.work import Claimed
from vigie.store.filters import ALL

from .conftest import NOW, House, post
from .test_stores import agree

WHEN: dict[str, Any] = {"asker": COMMAND, "now": NOW}


def dimension(brand: int | None = None, name: str = "Sujet") -> int:
    return categories.add_dimension(DimensionDraft(name, brand), **WHEN).pk


def category(of: int, name: str, expression: str = "", within: int | None = None) -> int:
    return categories.add(of, CategoryDraft(name, within, expression), **WHEN).pk


def held() -> dict[str, set[int]]:
    """Return the posts of each category by name."""
    names = {str(c.pk): c.name for c in Category.objects.all()}
    found: dict[str, set[int]] = {}
    for value, native in Finding.objects.filter(kind="category").values_list("value", "post__native_id"):
        found.setdefault(names[value], set()).add(int(native))
    return found


def counted() -> dict[str, int]:
    names = {str(c.pk): c.name for c in Category.objects.all()}
    table = mirroring.view(now=NOW).counts(ALL, ("category",))
    return {names[v]: n for v, n in zip(table["category"].to_pylist(), table["mentions"].to_pylist(), strict=True)}


def texts(*words: str) -> list[dict[str, Any]]:
    return [post(str(n), f"Sérélium {word}") for n, word in enumerate(words, 1)]


def test_posts_are_sorted_at_the_door_and_a_parent_holds_what_its_children_hold(house: House) -> None:
    sujet = dimension()
    effects = category(sujet, "Effets")
    category(sujet, "Vertiges", "vertige*", effects)
    category(sujet, "Prix", "prix")
    house.take(*texts("vertiges", "prix et vertige", "rien"))
    assert held() == {"Effets": {1, 2}, "Vertiges": {1, 2}, "Prix": {2}}
    assert counted() == {"Effets": 2, "Vertiges": 2, "Prix": 1}
    sources = set(Finding.objects.filter(value=str(effects)).values_list("source", flat=True))
    assert sources == {f"category {Category.objects.get(name='Vertiges').pk} v1"}
    agree()


def test_a_parents_own_query_holds_beside_its_children(house: House) -> None:
    sujet = dimension()
    effects = category(sujet, "Effets", "nausee OR vertige")
    category(sujet, "Vertiges", "vertige*", effects)
    house.take(*texts("vertige", "nausée"))
    assert held() == {"Effets": {1, 2}, "Vertiges": {1}}
    assert set(Finding.objects.filter(value=str(effects)).values_list("source", flat=True)) == {
        f"category {effects} v1"
    }


def test_languages_and_spaces_are_known_to_categories(house: House) -> None:
    sujet = dimension()
    category(sujet, "Français", "language:fr")
    category(sujet, "Blog", f"space:{house.blog.name}")
    said = post("1", "Sérélium me donne des vertiges depuis que je prends les nouveaux comprimés")
    house.take(said)
    assert held() == {"Français": {1}}
    house.take(said, space=house.blog)
    assert held() == {"Français": {1}, "Blog": {1}}
    agree()


def test_an_answer_kept_for_its_conversation_is_sorted_too(house: House) -> None:
    category(dimension(), "Merci", "merci AND network:forum")
    answer = post("2", "merci beaucoup", in_reply_to="1")
    house.take(post("1", "Sérélium"), answer)
    assert Post.objects.count() == 2
    assert held() == {"Merci": {2}}


def test_a_new_category_is_applied_to_the_past_with_progress(house: House, run_work: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(categorising, "STEP", 2)
    house.take(*texts("vertige", "prix", "vertige", "rien"))
    made = category(dimension(), "Vertiges", "vertige*")
    assert held() == {} and Category.objects.get(pk=made).applied_version == 0
    run_work()
    row = Work.objects.get(key="categorise")
    assert (row.state, row.code, row.done, row.total) == ("done", "categories.applied", 4, 4)
    assert held() == {"Vertiges": {1, 3}} and counted() == {"Vertiges": 2}
    assert Category.objects.get(pk=made).applied_version == 1
    assert AuditEvent.objects.filter(action="posts.categorise").count() == 2
    agree()


def test_a_walk_that_changes_nothing_writes_nothing(house: House, run_work: Any) -> None:
    category(dimension(), "Vertiges", "vertige*")
    house.take(*texts("vertige", "prix"))
    before = list(Mention.objects.order_by("pk").values_list("pk", "revision"))
    run_work()
    assert list(Mention.objects.order_by("pk").values_list("pk", "revision")) == before
    assert not AuditEvent.objects.filter(action="posts.categorise").exists()


class Stopped(Exception):
    """The worker dies."""


def test_a_walk_goes_on_where_it_stood(house: House, monkeypatch: Any) -> None:
    monkeypatch.setattr(categorising, "STEP", 1)
    house.take(*texts("vertige", "vertige", "vertige"))
    category(dimension(), "Vertiges", "vertige*")
    asked: list[int] = []
    applied = categorising._apply
    monkeypatch.setattr(categorising, "_apply", lambda ids, *a, **k: asked.extend(ids) or applied(ids, *a, **k))
    job = Dying(after=2)
    with pytest.raises(Stopped):
        categorising.run(job, clock=lambda: NOW)  # type: ignore[arg-type]
    again = Dying(after=9, state=job.state)
    assert categorising.run(again, clock=lambda: NOW).code == "categories.applied"  # type: ignore[arg-type]
    assert asked == sorted(set(asked)) and held() == {"Vertiges": {1, 2, 3}}


class Dying:
    """A piece of work whose worker dies after some checkpoints."""

    def __init__(self, after: int, state: dict[str, Any] | None = None) -> None:
        self.left, self.state = after, dict(state or {})
        self.claimed = Claimed(1, "categorise", "categorise", {}, self.state, 0, "")

    def checkpoint(self, *, state: Any = None, **_: Any) -> None:
        self.state = dict(state or self.state)
        self.left -= 1
        if not self.left:
            raise Stopped


def test_a_category_that_changes_under_the_walk_begins_it_again(house: House, monkeypatch: Any) -> None:
    house.take(*texts("vertige", "prix"))
    made = category(dimension(), "Vertiges", "vertige*")
    real = categorising._asked
    said = iter([real(), "another"])
    monkeypatch.setattr(categorising, "_asked", lambda: next(said))
    outcome = categorising.run(Dying(9), clock=lambda: NOW)  # type: ignore[arg-type]
    assert (outcome.code, outcome.again_in_s) == ("categories.changed_again", 0.0)
    assert held() == {} and Category.objects.get(pk=made).applied_version == 0


def test_another_wording_or_place_changes_the_past_and_another_name_does_not(house: House, run_work: Any) -> None:
    house.take(*texts("vertige", "prix"))
    sujet = dimension()
    effects, made = category(sujet, "Effets"), category(sujet, "Vertiges", "vertige*")
    run_work()
    categories.change(made, CategoryDraft("Étourdissements", None, "vertige*"), **WHEN)
    assert not Work.objects.filter(key="categorise", state="waiting").exists()
    assert counted() == {"Étourdissements": 1}
    categories.change(made, CategoryDraft("Étourdissements", effects, "prix"), **WHEN)
    run_work()
    assert held() == {"Effets": {2}, "Étourdissements": {2}}
    assert Category.objects.get(pk=made).version == 2 and Category.objects.get(pk=made).versions.count() == 2
    agree()


def test_a_closed_category_leaves_figures_and_comes_back(house: House, run_work: Any) -> None:
    sujet = dimension()
    effects = category(sujet, "Effets")
    category(sujet, "Vertiges", "vertige*", effects)
    house.take(*texts("vertige"))
    categories.close(effects, **WHEN)
    chosen = filtering.parse({"category": [str(effects)]}, today=NOW.date())
    assert not mirroring.view(now=NOW).mentions(filtering.to_store(chosen, COMMAND, {}))
    run_work()
    assert held() == {} and counted() == {}
    categories.close(effects, **WHEN, closed=False)
    run_work()
    assert held() == {"Effets": {1}, "Vertiges": {1}}
    categories.close_dimension(sujet, **WHEN)
    run_work()
    assert held() == {} and engine.standing().categories is None
    agree()


def test_an_edit_sorts_anew(house: House) -> None:
    category(dimension(), "Vertiges", "vertige*")
    house.take(post("1", "Sérélium vertige"))
    house.take(post("1", "Sérélium tout va bien"))
    assert held() == {} and counted() == {}
    agree()


def test_a_list_that_changes_has_its_categories_applied_again(house: House, run_work: Any) -> None:
    amis = lists.add("amis", lists.Entries(("autre.example",)), **WHEN)
    category(dimension(), "Amis", "list:amis")
    house.take(*texts("un"))
    run_work()
    lists.change(amis.pk, lists.Entries(("forum.example",)), without=(), **WHEN)
    run_work()
    assert held() == {"Amis": {1}}


def test_names_places_and_queries_are_checked(house: House) -> None:
    sujet = dimension()
    top = category(sujet, "Effets")
    inner = category(sujet, "Vertiges", "vertige*", top)
    for draft, code in (
        (CategoryDraft("effets", None, "x"), "category.name_taken"),
        (CategoryDraft("Autre", 999, "x"), "category.no_parent"),
    ):
        with pytest.raises(DecisionError) as refused:
            categories.add(sujet, draft, **WHEN)
        assert refused.value.code == code
    for within in (top, inner):
        with pytest.raises(DecisionError) as refused:
            categories.change(top, CategoryDraft("Effets", within, ""), **WHEN)
        assert refused.value.code == "category.no_parent"
    third = category(sujet, "3", "x", inner)
    fourth = category(sujet, "4", "x", third)
    with pytest.raises(DecisionError) as refused:
        category(sujet, "5", "x", fourth)
    assert refused.value.code == "category.deep"
    with pytest.raises(QueryError):
        category(sujet, "Faute", "a OR b AND c")
    with pytest.raises(DecisionError) as refused:
        dimension(name="sujet")
    assert refused.value.code == "dimension.name_taken"


def member(brand: int) -> Asker:
    return Asker(9, "user:9", frozenset(), {brand: frozenset({Permission.SEE_MENTIONS, Permission.EDIT_WATCHES})})


def test_a_dimension_of_a_brand_is_seen_by_its_members_alone(house: House) -> None:
    own = category(dimension(house.brand.pk), "Produit", "serelium")
    house.take(*texts("un"))
    insider, outsider = member(house.brand.pk), member(house.other.pk)
    assert [t.dimension.name for t in reading.trees(insider)] == ["Sujet"] and reading.trees(outsider) == []
    chosen = filtering.parse({"category": [str(own)]}, today=NOW.date())
    assert filtering.to_store(chosen, outsider, {}).sorted_into[0].among == ()
    with pytest.raises(DecisionError):
        categories.close(own, asker=outsider, now=NOW)
    with pytest.raises(DecisionError) as refused:
        dimension_of_all = dimension(None, "Pour tous")
        categories.add(dimension_of_all, CategoryDraft("x", None, "x"), asker=insider, now=NOW)
    assert refused.value.code == "dimension.of_all"


def test_bars_count_what_their_lists_hold(house: House) -> None:
    sujet = dimension()
    effects = category(sujet, "Effets")
    category(sujet, "Vertiges", "vertige*", effects)
    category(sujet, "Prix", "prix")
    house.take(*texts("vertige", "prix vertige", "rien", "rien"))
    for chosen_names in ((), ("Effets",), ("Prix",), ("Vertiges", "Prix")):
        ids = tuple(str(Category.objects.get(name=name).pk) for name in chosen_names)
        query = {"category": ids, "from": ["2026-10-01"], "to": ["2026-10-30"]}
        filters = filtering.parse(query, today=NOW.date())
        (bars,) = reading.charted(filters, reading.trees(COMMAND), who=COMMAND, now=NOW)
        for one, n in bars.bars:
            opened = filtering.parse(query | {"category": [str(one.pk)]}, today=NOW.date())
            assert n == mirroring.view(now=NOW).mentions(filtering.to_store(opened, COMMAND, {}))
        assert bars.others == (0 if bars.parent else 2)
        assert bars.total == (2 if bars.parent else 4)


@pytest.mark.parametrize("several", [1, 3])
def test_the_walk_and_the_door_ask_as_often_whatever_the_rows(
    several: int, house: House, django_assert_num_queries: Any
) -> None:
    sujet = dimension()
    for n in range(several):
        category(sujet, f"c{n}", "vertige*")
    engine.standing()
    house.take(*(post(f"{n}", "Sérélium vertige") for n in range(several)))
    Finding.objects.all().delete()
    ids = list(Post.objects.values_list("pk", flat=True))
    asked = categorising._asked()
    with django_assert_num_queries(WALK_STATEMENTS):
        assert categorising._apply(ids, asked, now=NOW)


WALK_STATEMENTS = 15
"""Statements of one step of the walk."""


def test_work_of_categories_is_one_row_whatever_changed(house: House) -> None:
    sujet = dimension()
    category(sujet, "a", "a")
    category(sujet, "b", "b")
    assert Work.objects.filter(kind="categorise").count() == 1 and work.is_open("categorise")
