"""What a labeller is: something that reads texts and says one thing of each, with a score."""

from collections.abc import Sequence
from typing import Protocol


class Labeller(Protocol):
    """A model at one version; the same texts always get the same labels."""

    @property
    def kind(self) -> str:
        """Return a value of `vocab.LabelKind`."""
        ...

    @property
    def name(self) -> str:
        """Return the model's name, as on its card."""
        ...

    @property
    def version(self) -> str:
        """Return the model's version, as on its card."""
        ...

    def label(self, texts: Sequence[str], languages: Sequence[str | None]) -> tuple[list[str | None], list[float]]:
        """Return the value (absent where the model can't say) and the score (0-1) of each text."""
        ...
