"""Data that stand beside the repository and may not ship with it."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared"
"""The folder `shared` beside the clone."""


def shared_path(relative: str) -> Path:
    """Return the path of a shared file or folder; skip the test where it is absent."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"{relative} is not in the folder “shared” beside the clone")
    return path
