"""What is run at install reaches every kernel."""

from vigie.match.warm import warm
from vigie.text import kernel


def test_warming_runs_every_kernel() -> None:
    warm()
    ours = {name: one for name, one in vars(kernel).items() if hasattr(one, "signatures") and not name.startswith("_")}
    assert set(ours) == {"cut", "learn", "widen", "hold", "tag", "index", "keys_of"}
    assert [name for name, one in ours.items() if not one.signatures] in ([], ["widen"])
