"""Rows written by hand are those that Django would write."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Model
from support.factories import make

from vigie.server.database import made
from vigie.server.models import Fetch, Space, SpaceRead, SpaceStateRow

from .conftest import NOW

pytestmark = pytest.mark.django_db

ROWS: dict[str, Callable[[Space], Model]] = {
    "a read": lambda space: SpaceRead(space=space, started_at=NOW),
    "a read with all": lambda space: SpaceRead(
        space=space, started_at=NOW, finished_at=NOW, code="net.gone", facts={"é": 1}, notes=[{"where": "line 1"}], new=3
    ),
    "a state": lambda space: SpaceStateRow(
        space=space, state="new", since=NOW, until=NOW, code="", facts={"host": "a.example"}),
    "a page": lambda space: Fetch(
        space_id=space.pk, read=made(SpaceRead(space=space, started_at=NOW)), url="https://a.example/", fetched_at=NOW,
        media_type="text/html", body=b"\x00\xff",
    ),
}  # fmt: skip


def values(row: Model) -> dict[str, Any]:
    stored = type(row)._default_manager.get(pk=row.pk)
    return {
        field.attname: bytes(value) if isinstance(value := getattr(stored, field.attname), memoryview) else value
        for field in row._meta.concrete_fields
        if not field.primary_key and field.attname != "read_id"
    }


@pytest.mark.parametrize("of", ROWS.values(), ids=ROWS)
def test_row_made_by_hand_is_the_one_that_django_writes(
    of: Callable[[Space], Model], django_assert_num_queries: Any
) -> None:
    space = make(Space)
    row, other = of(space), of(space)
    with django_assert_num_queries(1):
        assert made(row) is row
    other.save(force_insert=True)
    assert values(row) == values(other)
    assert row.pk and row.pk != other.pk and not row._state.adding


def test_row_made_by_hand_is_saved_again_as_any_other(django_assert_num_queries: Any) -> None:
    row = made(SpaceRead(space=make(Space), started_at=NOW))
    row.code = "net.gone"
    with django_assert_num_queries(1):
        row.save(update_fields=["code"])
    assert SpaceRead.objects.get().code == "net.gone"
