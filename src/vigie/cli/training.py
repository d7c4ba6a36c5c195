"""`vigie train`, `vigie language train`, `vigie tone train`, `vigie health train`: models from texts that the operator has."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from vigie.errors import SchemaError


def train_all(folder: Path, out: Path, names: Path | None, card: str | None) -> Iterator[dict[str, Any]]:
    """Train every model into a folder, and write the names that health learns into a file; yield what each reaches.

    Args:
        names: Where the list goes; absent: `phee.tsv` beside the models.

    Raises:
        SchemaError: a set is missing in the folder.
    """
    _require(folder, "language", "sentiment", "hpo", "psytar", "phee")
    for name, rows in (("language", train_language(folder, out, card)), ("tone", train_tone(folder, out, card))):
        yield from ({"model": name, **row} for row in rows)
    _health_training()
    from vigie.enrich.training import health_names  # noqa: PLC0415 -- Numba, a second

    learnt = health_names.learnt(folder)
    (names or out / "phee.tsv").write_text(health_names.written(learnt), "utf-8")
    yield {"model": "health names", "names": len(learnt)}
    yield from ({"model": "health", **row} for row in train_health(folder, out, card))


def train_language(folder: Path, out: Path, card: str | None) -> Iterator[dict[str, Any]]:
    """Train the language model into a folder; yield what it reaches, by language.

    Raises:
        SchemaError: a set is missing in the folder.
    """
    from vigie.enrich.training import language  # noqa: PLC0415 -- compiles its loop, seconds

    _require(folder, "language", "sentiment/umsab", "sentiment/goemotions-en", "sentiment/psytar-tone", "hpo")
    measuring, _ = _tone_training()
    language.save(language.final(folder), out / "language.npz")
    if card:
        measuring.write_language(folder, card)
    yield from measuring.language_lines(language.crossed(folder))


def train_tone(folder: Path, out: Path, card: str | None) -> Iterator[dict[str, Any]]:
    """Train the tone models into a folder; yield what each reaches on tweets it has not seen.

    Raises:
        SchemaError: a set is missing in the folder.
    """
    from vigie.enrich.tone_grams import LANGUAGES, save  # noqa: PLC0415 -- Numba, a second

    folder = folder / "sentiment" if (folder / "sentiment").is_dir() else folder
    _require(folder, "umsab", "xed", "goemotions-en", "psytar-tone")
    measuring, tone = _tone_training()
    known: dict[str, Any] = {}
    models: dict[str, Any] = {}
    for name in LANGUAGES:
        models[name] = tone.train(folder, name, told=partial(known.__setitem__, name))
        save(models[name], out / f"tone-{name}.npz")
        yield _reached(name, known[name], tone)
    if card:
        measuring.write_tone(folder, known, models, card)


def train_corrected(folder: Path | None) -> Iterator[dict[str, Any]]:
    """Train the tone models with what people corrected; yield what each reaches, beside the one without corrections.

    With the sets in a folder the whole recipe is run; without, weights move from those that came with Vigie.

    Raises:
        SchemaError: a set is missing in the folder.
    """
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    recipe = None
    if folder is not None:
        sets = folder / "sentiment" if (folder / "sentiment").is_dir() else folder
        _require(sets, "umsab", "xed", "goemotions-en")
        _tone_training()
        from vigie.enrich.training import corrected  # noqa: PLC0415 -- scikit-learn

        def recipe(language: str, given: Any, rng: Any, told: Any) -> Any:
            return corrected.train(sets, language, given, rng=rng, told=told)

    yield from commands.train_with_corrections(recipe)


def train_health(folder: Path, out: Path, card: str | None) -> Iterator[dict[str, Any]]:
    """Train the model that reads sentences about a medicine into a folder; yield what it reaches by cross-validation.

    With a card, the test splits are measured too, and written there.

    Raises:
        SchemaError: a set is missing in the folder.
    """
    _require(folder, "psytar", "phee")
    health, measuring = _health_training()
    model = health.train(folder)
    health.save(model, out / "health-en.npz")
    if card:
        measuring.write(folder, model, card)
    for name, found in health.crossed(folder).items():
        yield {"by": name, **{key: round(value, 4) for key, value in found.items()}}


def _health_training() -> tuple[Any, Any]:
    try:
        from vigie.enrich.training import health, health_measuring  # noqa: PLC0415 -- scikit-learn, training alone
    except ModuleNotFoundError as error:
        sentence = "training needs scikit-learn: pip install 'vigie[train]'"
        raise SchemaError(sentence, code="training.extra", facts={"module": str(error.name)}) from error
    return health, health_measuring


def _tone_training() -> tuple[Any, Any]:
    try:
        from vigie.enrich.training import measuring, tone  # noqa: PLC0415 -- scikit-learn, which only training needs
    except ModuleNotFoundError as error:
        sentence = "training needs scikit-learn: pip install 'vigie[train]'"
        raise SchemaError(sentence, code="training.extra", facts={"module": str(error.name)}) from error
    return measuring, tone


def _reached(name: str, known: Any, tone: Any) -> dict[str, Any]:
    by_seed = [tone.macro_f1(known.truth, scores) for scores in known.scores]
    errors = [tone.calibration_error(shares, known.truth) for shares in known.shares]
    return {
        "language": name, "tweets": len(known.texts), "macro_f1": round(sum(by_seed) / len(by_seed), 4),
        "by_seed": [round(value, 4) for value in by_seed], "calibration_error": round(sum(errors) / len(errors), 4),
    }  # fmt: skip


def _require(folder: Path, *names: str) -> None:
    for name in names:
        if not (folder / name).is_dir():
            sentence = f"{folder / name} is missing; the card of the model says what stands there and where it is from"
            raise SchemaError(sentence, code="training.missing", facts={"folder": name})
