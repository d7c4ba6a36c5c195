"""Dimensions and their categories: add, change, close, open again; each change is applied to the past by the worker."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from vigie.enrich import categories as sorting
from vigie.enrich.categories import Place
from vigie.errors import DecisionError
from vigie.match import parse
from vigie.match.labels import refuse_labels
from vigie.server import engine
from vigie.server.models import Brand, Category, CategoryVersion, Dimension, Watch
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit, work

WORK_KEY = "categorise"
"""One walk over the past applies whatever changed."""


@dataclass(frozen=True, slots=True)
class DimensionDraft:
    """What somebody says of a dimension."""

    name: str
    brand_id: int | None
    """The brand whose members see it; all see it when there is none."""


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """What somebody says of a category."""

    name: str
    parent_id: int | None
    expression: str


def _require(asker: Asker, brand_id: int | None) -> None:
    """Refuse who may not: what all brands see is changed by who edits the watches of all brands."""
    asker.require(Permission.EDIT_WATCHES, brand_id=brand_id)
    if brand_id is None and asker.brands(Permission.EDIT_WATCHES) is not None:
        raise DecisionError(
            "All brands see this dimension: only somebody who edits the watches of all brands changes it.",
            code="dimension.of_all",
        )


def may_edit(asker: Asker, brand_id: int | None) -> bool:
    """Say whether they may change a dimension of a brand, or of all."""
    brands = asker.brands(Permission.EDIT_WATCHES)
    return brands is None or (brand_id is not None and brand_id in brands)


@transaction.atomic
def add_dimension(draft: DimensionDraft, *, asker: Asker, now: datetime) -> Dimension:
    """Add a dimension; it holds nothing until categories are added to it.

    Raises:
        DecisionError: the role does not allow it, or the name or brand won't do.
    """
    _require(asker, draft.brand_id)
    _check_dimension(draft, None)
    made = Dimension.objects.create(name=draft.name.strip(), brand_id=draft.brand_id, created_at=now)
    audit.write(
        asker, "dimension.add", f"dimension:{made.pk}", now=now, after={"brand": made.brand_id}, brand_id=made.brand_id
    )
    return made


@transaction.atomic
def change_dimension(dimension_id: int, draft: DimensionDraft, *, asker: Asker, now: datetime) -> Dimension:
    """Rename a dimension, or say who sees it: figures of the past go by the new name.

    Raises:
        DecisionError: the role does not allow it, or the name or brand won't do.
    """
    dimension = _dimension(dimension_id, asker)
    _require(asker, draft.brand_id)
    _check_dimension(draft, dimension)
    before = {"brand": dimension.brand_id, "renamed": False}
    after = {"brand": draft.brand_id, "renamed": draft.name.strip() != dimension.name}
    dimension.name, dimension.brand_id = draft.name.strip(), draft.brand_id
    dimension.save(update_fields=["name", "brand"])
    _renamed(asker)
    audit.write(
        asker, "dimension.change", f"dimension:{dimension_id}", now=now, before=before, after=after,
        brand_id=dimension.brand_id,
    )  # fmt: skip
    return dimension


def _check_dimension(draft: DimensionDraft, own: Dimension | None) -> None:
    if Dimension.objects.filter(name__iexact=draft.name.strip()).exclude(pk=own.pk if own else None).exists():
        raise DecisionError("Another dimension has this name already.", code="dimension.name_taken")
    if draft.brand_id is not None and not Brand.objects.filter(pk=draft.brand_id, is_ours=True).exists():
        raise DecisionError("A dimension belongs to one of our brands, or to all of them.", code="dimension.no_brand")


def _dimension(dimension_id: int, asker: Asker) -> Dimension:
    dimension = Dimension.objects.select_for_update().get(pk=dimension_id)
    _require(asker, dimension.brand_id)
    return dimension


@transaction.atomic
def close_dimension(dimension_id: int, *, asker: Asker, now: datetime, closed: bool = True) -> None:
    """Take a dimension out of figures and filters with all its categories, or put it back: the undo."""
    dimension = _dimension(dimension_id, asker)
    before = {"closed": dimension.closed_at is not None}
    dimension.closed_at = now if closed else None
    dimension.save(update_fields=["closed_at"])
    dimension.categories.update(applied_version=0)
    _changed(asker)
    audit.write(
        asker, "dimension.close" if closed else "dimension.reopen", f"dimension:{dimension_id}", now=now, before=before,
        after={"closed": closed}, brand_id=dimension.brand_id,
    )  # fmt: skip


@transaction.atomic
def add(dimension_id: int, draft: CategoryDraft, *, asker: Asker, now: datetime) -> Category:
    """Add a category and have it applied to the past.

    Raises:
        DecisionError: the role does not allow it, or the name or place won't do.
        QueryError: the expression can't be read.
    """
    dimension = _dimension(dimension_id, asker)
    _check(draft, dimension, None)
    made = Category.objects.create(
        dimension=dimension,
        parent_id=draft.parent_id,
        name=draft.name.strip(),
        expression=draft.expression,
        created_at=now,
    )
    _word(made, asker, now)
    _changed(asker)
    audit.write(asker, "category.add", f"category:{made.pk}", now=now, after=_facts(made), brand_id=dimension.brand_id)
    return made


@transaction.atomic
def change(category_id: int, draft: CategoryDraft, *, asker: Asker, now: datetime) -> Category:
    """Change a category; another wording or another place is applied to the past, another name is not needed to be.

    Raises:
        DecisionError: the role does not allow it, or the name or place won't do.
        QueryError: the expression can't be read.
    """
    category = _category(category_id, asker)
    _check(draft, category.dimension, category)
    before = _facts(category)
    reworded, moved = draft.expression != category.expression, draft.parent_id != category.parent_id
    category.name, category.parent_id, category.expression = draft.name.strip(), draft.parent_id, draft.expression
    category.version += int(reworded)
    if moved:
        category.applied_version = 0
    category.save()
    if reworded:
        _word(category, asker, now)
    if reworded or moved:
        _changed(asker)
    else:
        _renamed(asker)
    audit.write(
        asker, "category.change", f"category:{category.pk}", now=now, before=before, after=_facts(category),
        brand_id=category.dimension.brand_id,
    )  # fmt: skip
    return category


def _category(category_id: int, asker: Asker) -> Category:
    category = Category.objects.select_related("dimension").get(pk=category_id)
    category.dimension = _dimension(category.dimension_id, asker)
    return category


def _check(draft: CategoryDraft, dimension: Dimension, own: Category | None) -> None:
    if draft.expression:
        refuse_labels(parse(draft.expression))
    others = Category.objects.filter(dimension=dimension, closed_at=None).exclude(pk=own.pk if own else None)
    if others.filter(parent=draft.parent_id, name__iexact=draft.name.strip()).exists():
        raise DecisionError("Another category at this place has this name already.", code="category.name_taken")
    _check_place(draft.parent_id, others, own)


def _check_place(parent_id: int | None, others: QuerySet[Category], own: Category | None) -> None:
    places = {i: Place(parent, 0) for i, parent in others.values_list("pk", "parent_id")}
    if own is None and len(places) >= sorting.MAX_CATEGORIES:
        raise DecisionError(
            f"A dimension has at most {sorting.MAX_CATEGORIES} open categories.", code="category.many",
            facts={"most": sorting.MAX_CATEGORIES},
        )  # fmt: skip
    if parent_id is None:
        above: tuple[int, ...] = ()
    elif parent_id not in places or (own is not None and own.pk in _above(parent_id, places)):
        raise DecisionError("A category stands within another open one of its dimension.", code="category.no_parent")
    else:
        above = sorting.chain(parent_id, places)
    if len(above) + _height(own.pk if own else None, places) > sorting.MAX_DEPTH:
        raise DecisionError(
            f"Categories are nested at most {sorting.MAX_DEPTH} deep.", code="category.deep",
            facts={"most": sorting.MAX_DEPTH},
        )  # fmt: skip


def _above(parent_id: int, places: dict[int, Place]) -> set[int | None]:
    """Return a category, those it stands within, and where the last of them stands: itself not among `places`."""
    found = sorting.chain(parent_id, places)
    return {*found, places[found[-1]].parent}


def _height(own: int | None, places: dict[int, Place]) -> int:
    """Return the levels of a category and those within it."""
    inner = [i for i, place in places.items() if own is not None and place.parent == own]
    return 1 + max((_height(i, places) for i in inner), default=0)


def _word(category: Category, asker: Asker, now: datetime) -> None:
    CategoryVersion.objects.create(
        category=category, version=category.version, expression=category.expression, at=now, by_id=asker.user_id
    )


def _facts(category: Category) -> dict[str, object]:
    return {"version": category.version, "dimension": category.dimension_id, "parent": category.parent_id}


@transaction.atomic
def close(category_id: int, *, asker: Asker, now: datetime, closed: bool = True) -> None:
    """Take a category out of figures and filters with those within it, or put it back: the undo.

    Raises:
        DecisionError: the role does not allow it, or, put back, its name or place is taken.
    """
    category = _category(category_id, asker)
    before = {"closed": category.closed_at is not None}
    if not closed:
        _check(CategoryDraft(category.name, category.parent_id, category.expression), category.dimension, category)
    category.closed_at = now if closed else None
    category.applied_version = 0
    category.save(update_fields=["closed_at", "applied_version"])
    _changed(asker)
    audit.write(
        asker, "category.close" if closed else "category.reopen", f"category:{category_id}", now=now, before=before, after={"closed": closed},
        brand_id=category.dimension.brand_id,
    )  # fmt: skip


def _changed(asker: Asker) -> None:
    _renamed(asker)
    work.enqueue("categorise", WORK_KEY, asker=asker)


def _renamed(asker: Asker) -> None:
    """Say that a category's name means something else now, and run the watches that ask for categories over the past."""
    engine.bump_generation()
    for watch in Watch.objects.filter(closed_at=None, expression__icontains="category:").order_by("pk"):
        work.enqueue("backfill", f"backfill:{watch.pk}", {"watch": watch.pk}, asker=asker)
