"""Objects of every model, valid by themselves: `make(Watch, name="…")` makes what it needs on the way."""

import itertools
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import models

from vigie.server import models as vigie

M = TypeVar("M", bound=models.Model)
NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)
_numbers = itertools.count(1)

DEFAULTS: dict[type[models.Model], dict[str, Any]] = {
    vigie.Brand: {"is_ours": True},
    vigie.Space: {"kind": "import", "network": "forum", "ownership": "external"},
    vigie.Watch: {"purpose": "brand", "expression": "serelium", "version": 1, "matched_version": 0},
    vigie.Membership: {"role": "reader"},
    vigie.Invitation: {"role": "reader"},
    vigie.Labeller: {"kind": "tone"},
    vigie.Label: {"kind": "tone", "value": "neutral", "chosen": True},
    vigie.Correction: {"kind": "tone", "value": "neutral"},
    vigie.MarkRow: {"kind": "not_about_us"},
    vigie.ListEntry: {"site": "forum.example"},
    vigie.Erasure: {"kind": "post"},
    vigie.SpaceStateRow: {"state": "reading"},
    vigie.TrackedAccount: {"kind": "mastodon", "network": "mastodon"},
    vigie.NameEntry: {"kind": "page"},
    vigie.Evidence: {"reason": "owned"},
    vigie.Finding: {"kind": "reaction", "score": 0.9},
    vigie.FindingCorrection: {"kind": "reaction"},
    vigie.PostStory: {"kind": "near"},
    vigie.TrainedModel: {"kind": "tone", "language": "fr"},
    vigie.AnnotationSet: {"kind": "tone", "language": "fr"},
    vigie.AnnotationItem: {"settled": None},
    vigie.Annotation: {"values": ["neutral"]},
}
"""What a field's type does not say: values of vocabularies, and what constraints ask."""


def make(model: type[M], **values: Any) -> M:
    """Make and save an object; fields that are not given get a value of their type, parents are made too."""
    filled = {**DEFAULTS.get(model, {}), **values}
    for field in model._meta.concrete_fields:
        if field.name in filled or field.attname in filled or not _is_needed(field):
            continue
        filled[field.name] = make(field.related_model) if field.is_relation else _value(field)  # type: ignore[type-var]
    return model._default_manager.create(**filled)


def _is_needed(field: models.Field) -> bool:
    optional = field.null or field.has_default() or getattr(field, "auto_now_add", False)
    return (
        not optional and not isinstance(field, models.AutoField) and not (field.blank and field.empty_strings_allowed)
    )


def _value(field: models.Field) -> Any:
    """Return a value that no other object has."""
    n = next(_numbers)
    if isinstance(field, models.BinaryField):
        return n.to_bytes(16, "big")
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.DateTimeField):
        return NOW
    if isinstance(field, models.DateField):
        return NOW.date()
    if isinstance(field, models.FloatField | models.IntegerField):
        return n
    if isinstance(field, models.EmailField):
        return f"a{n}@example.org"
    return f"x{n}"[: field.max_length or 20]
