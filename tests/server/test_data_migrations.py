"""Data migrations go on where a killed try stopped, and touch each row once."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from vigie.server.models import Brand, Counter

batches = import_module("vigie.server.migrations._batches")


class Editor:
    """What a migration is handed, outside a transaction."""

    def __init__(self) -> None:
        self.connection = connection


@pytest.fixture
def brands(transactional_db: None) -> list[Brand]:
    return [Brand.objects.create(name=f"b{n}", is_ours=True) for n in range(7)]


def run(change: Any) -> None:
    batches.in_batches(apps, Editor(), name="0000_test", model="Brand", change=change, rows=2)


def test_killed_migration_goes_on_from_its_last_batch(brands: list[Brand]) -> None:
    batch_sizes: list[int] = []

    def change(table: Any, keys: Sequence[int]) -> None:
        for brand in table.objects.filter(pk__in=keys):
            brand.name += "!"
            brand.save()
        batch_sizes.append(len(keys))
        if len(batch_sizes) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(change)
    assert Brand.objects.filter(name__endswith="!").count() == 4
    run(change)
    assert batch_sizes == [2, 2, 2, 2, 1]
    assert sorted(Brand.objects.values_list("name", flat=True)) == [f"b{n}!" for n in range(7)]
    assert not Counter.objects.filter(name__startswith="batches:").exists()


def test_migration_of_one_great_transaction_is_refused(brands: list[Brand]) -> None:
    with transaction.atomic(), pytest.raises(AssertionError, match="atomic = False"):
        run(lambda table, keys: None)


def test_empty_table_leaves_no_place(transactional_db: None) -> None:
    run(lambda table, keys: pytest.fail("nothing to change"))
    assert not Counter.objects.filter(name__startswith="batches:").exists()
