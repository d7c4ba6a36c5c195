"""The form of a set of posts to label."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.enrich.language import told_apart
from vigie.schema.vocab import LabelKind
from vigie.server.models import Brand
from vigie.server.permissions import Asker, Permission
from vigie.server.services.annotating import KINDS, MOST
from vigie.web.words import language_name, word

HOW = (
    ("random", gettext_lazy("at random from a window: its figures stand for all its mentions")),
    ("hand", gettext_lazy("by hand, from the posts' own pages: its figures stand for nothing else")),
)

LONGEST_SEED = 2**31 - 1


def kind_name(kind: str) -> str:
    """Return what a kind of label or finding is called."""
    if kind == LabelKind.TONE:
        return _("Tone")
    return _("Language") if kind == LabelKind.LANGUAGE else word(kind, "finding_kind")


class SetForm(forms.Form):
    """A set to draw."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("What is labelled"))
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the posts"), help_text=gettext_lazy("Of no matter when languages are labelled.")
    )
    brand = forms.TypedChoiceField(
        label=gettext_lazy("For"), coerce=int, required=False, empty_value=None,
        help_text=gettext_lazy("Members of this brand label it and see its figures."),
    )  # fmt: skip
    how = forms.ChoiceField(label=gettext_lazy("Posts are chosen"), choices=HOW)
    first = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    posts = forms.IntegerField(label=gettext_lazy("Posts"), min_value=1, max_value=MOST)
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"), min_value=0, max_value=LONGEST_SEED, required=False,
        help_text=gettext_lazy("Left empty, one is drawn and kept: the same seed draws the same posts again."),
    )  # fmt: skip

    def __init__(self, *args: Any, who: Asker, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["kind"].choices = [(kind, kind_name(kind)) for kind in KINDS]
        tongues = sorted(((tag, language_name(tag)) for tag in told_apart()), key=lambda row: row[1])
        first = [row for row in tongues if row[0] in ("fr", "en")]
        self.fields["language"].choices = [*first, *(row for row in tongues if row not in first)]
        allowed = who.brands(Permission.ADJUDICATE)
        rows = Brand.objects.filter(is_ours=True, closed_at=None)
        brands = list((rows if allowed is None else rows.filter(pk__in=allowed)).values_list("pk", "name"))
        self.fields["brand"].choices = ([("", _("all brands"))] if allowed is None else []) + brands
