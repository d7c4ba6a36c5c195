"""`vigie train`, `vigie language train`, `vigie tone train`: refused in a line where the sets are not."""

from pathlib import Path

import pytest

from vigie.cli.training import train_all, train_language, train_tone
from vigie.errors import SchemaError


@pytest.mark.parametrize("train", [train_language, train_tone])
def test_training_says_which_set_is_missing(tmp_path: Path, train) -> None:  # type: ignore[no-untyped-def] # both commands
    with pytest.raises(SchemaError, match="is missing") as refused:
        list(train(tmp_path, tmp_path, None))
    assert (refused.value.code, refused.value.exit_status) == ("training.missing", 2)
    assert list(tmp_path.iterdir()) == []


def test_training_of_all_refuses_before_it_trains_anything(tmp_path: Path) -> None:
    for name in ("language", "sentiment", "hpo", "psytar"):
        (tmp_path / name).mkdir()
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(SchemaError, match="phee is missing"):
        list(train_all(tmp_path, out, None, None))
    assert list(out.iterdir()) == []
