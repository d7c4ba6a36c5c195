"""The models in use: those that came with Vigie, but for those trained and chosen here."""

import io
import re
from collections.abc import Sequence
from functools import lru_cache

from vigie.enrich import tone_grams
from vigie.enrich.labeller import Labeller
from vigie.enrich.tone_grams import ToneLabeller
from vigie.schema.vocab import LabelKind
from vigie.server.models import TrainedModel

KEPT = 6
"""Trained models that stay in memory, 3 MB each: two languages, in use, before, and asked for their reasons."""


def in_use(shipped: Sequence[Labeller]) -> tuple[Labeller, ...]:
    """Return labellers with the models that this installation chose; one statement."""
    rows = TrainedModel.objects.filter(kind=LabelKind.TONE, chosen=True).order_by("language")
    chosen = {language: (pk, version) for pk, language, version in rows.values_list("pk", "language", "version")}
    return tuple(_with(labeller, chosen) for labeller in shipped)


def _with(labeller: Labeller, chosen: dict[str, tuple[int, str]]) -> Labeller:
    if not chosen or not isinstance(labeller, ToneLabeller):
        return labeller
    models = {language: trained(pk, version) for language, (pk, version) in chosen.items()}
    return ToneLabeller(models, version_of(labeller.version, {name: version for name, (_, version) in chosen.items()}))


def version_of(shipped: str, chosen: dict[str, str]) -> str:
    """Return the version of a labeller some of whose languages have a model trained here, such as `1+fr1.2`."""
    return shipped + "".join(f"+{language}{version}" for language, version in sorted(chosen.items()))


@lru_cache(maxsize=KEPT)
def trained(pk: int, version: str) -> tone_grams.Model:
    """Return a trained model; a row's weights never change."""
    row = TrainedModel.objects.get(pk=pk, version=version)
    return tone_grams.load(io.BytesIO(bytes(row.weights)), row.language)


def forget() -> None:
    """Forget models read: another database is in place."""
    trained.cache_clear()


def tone_model(version: str, language: str) -> tone_grams.Model | None:
    """Return the model of a language that a labeller of this version used; absent when it is no longer at hand."""
    shipped, *others = version.split("+")
    if language not in tone_grams.LANGUAGES or shipped != ToneLabeller.version:
        return None
    own = next((found[1] for one in others if (found := re.fullmatch(rf"{language}([\d.]+)", one))), None)
    if own is None:
        return tone_grams.committed(language)
    pk = TrainedModel.objects.filter(kind=LabelKind.TONE, language=language, version=own).values_list("pk", flat=True)
    return trained(pk[0], own) if pk else None
