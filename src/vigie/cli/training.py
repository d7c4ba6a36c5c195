"""`vigie language train`, `vigie tone train`: models from texts that the operator has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vigie.errors import SchemaError


def train_language(folder: Path, out: Path, card: str | None) -> Iterator[dict[str, Any]]:
    """Train the language model into a folder; yield what it reaches, by language.

    Raises:
        SchemaError: a set is missing in the folder.
    """
    from vigie.enrich.training import language, measuring  # noqa: PLC0415 -- compiles its loop, seconds

    _require(folder, "language", "sentiment/umsab", "sentiment/goemotions-en", "sentiment/psytar-tone", "hpo")
    language.save(language.final(folder), out / "language.npz")
    if card:
        measuring.write_language(folder, card)
    yield from measuring.language_lines(language.crossed(folder))


def _require(folder: Path, *names: str) -> None:
    for name in names:
        if not (folder / name).is_dir():
            sentence = f"{folder / name} is missing; the card of the model says what stands there and where it is from"
            raise SchemaError(sentence, code="training.missing", facts={"folder": name})
