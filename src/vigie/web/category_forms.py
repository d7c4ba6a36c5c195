"""The forms of dimensions and categories."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vigie.server.models import Brand, Category, Dimension
from vigie.server.permissions import Asker, Permission
from vigie.server.queries.categories import Tree
from vigie.web.forms import DIALECTS


class DimensionForm(forms.Form):
    """A way to sort posts."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("What its categories tell apart: the subject, the symptom, the step of care."),
    )
    brand = forms.TypedChoiceField(
        label=_("Who sees it"), coerce=int, required=False, empty_value=None,
        help_text=_("A dimension of one brand is seen by its members alone."),
    )  # fmt: skip

    def __init__(self, *args: Any, who: Asker, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        allowed = who.brands(Permission.EDIT_WATCHES)
        rows = Brand.objects.filter(is_ours=True, closed_at=None)
        brands = list((rows if allowed is None else rows.filter(pk__in=allowed)).values_list("pk", "name"))
        everybody = [("", _("all brands"))] if allowed is None else []
        self.fields["brand"].choices = [*everybody, *brands]  # type: ignore[attr-defined]


class CategoryForm(forms.Form):
    """A category to add or change."""

    name = forms.CharField(label=_("Name"), max_length=80)
    parent = forms.TypedChoiceField(
        label=_("Within"), coerce=int, required=False, empty_value=None,
        help_text=_("The category it stands within holds its posts too."),
    )  # fmt: skip
    expression = forms.CharField(
        label=_("Query"),
        widget=forms.Textarea(attrs={"class": "query", "rows": 5, "spellcheck": "false", "aria-describedby": "fault"}),
        required=False,
        help_text=_("In the language of watches. Left empty, the category holds what those within it hold."),
    )
    dialect = forms.ChoiceField(
        label=_("Written for"), required=False,
        help_text=_("A query copied from another product is put into the words of Vigie."),
    )  # fmt: skip

    def __init__(self, *args: Any, tree: Tree, own: Category | None = None, **kwargs: Any) -> None:
        """Take the dimension's tree, and the category that is changed: it can't stand within itself."""
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["dialect"].choices = DIALECTS  # type: ignore[attr-defined]
        places = [(n.category.pk, f"{'– ' * n.depth}{n.category.name}") for n in tree.nodes if n.category != own]
        self.fields["parent"].choices = [("", _("at the top")), *places]  # type: ignore[attr-defined]


def dimension_initial(dimension: Dimension) -> dict[str, Any]:
    """Return what the form of a dimension shows of it."""
    return {"name": dimension.name, "brand": dimension.brand_id or ""}


def category_initial(category: Category) -> dict[str, Any]:
    """Return what the form of a category shows of it."""
    return {"name": category.name, "parent": category.parent_id or "", "expression": category.expression}
