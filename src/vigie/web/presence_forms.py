"""The forms of accounts and of the register of names."""

from datetime import date
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from vigie.collect.discovery import with_scheme
from vigie.collect.names import host_of
from vigie.schema.vocab import NameDecision
from vigie.server.models import Brand, NameEntry
from vigie.server.permissions import Asker, Permission
from vigie.server.services.accounts import COUNTS
from vigie.server.services.names import Standing, owners, standing_of
from vigie.web.words import choices

LARGEST = 10_000_000_000
"""Followers of an account at most: more than there are people; a longer number is a slip."""


def _brands(who: Asker, *, competitors: bool) -> list[tuple[int, str]]:
    """Return the brands one may edit for; competitors belong to all of ours."""
    allowed = who.brands(Permission.EDIT_SPACES)
    rows = Brand.objects.filter(closed_at=None).order_by("-is_ours", "name")
    return [
        (brand.pk, brand.name)
        for brand in rows
        if (competitors if not brand.is_ours else allowed is None or brand.pk in allowed)
    ]


class AccountAddressForm(forms.Form):
    """The address of an account."""

    typed: str
    """The address as typed, with or without a scheme: how it is asked is found out."""

    address = forms.CharField(
        label=_("Address"), max_length=2000, help_text=_("Of the account's page, as a browser shows it."),
        widget=forms.TextInput(attrs={"autocomplete": "url", "autofocus": True, "inputmode": "url"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def clean_address(self) -> str:
        """Return the address with its scheme; `https` when none was typed."""
        self.typed = str(self.cleaned_data["address"]).strip()
        whole = with_scheme(self.typed)
        if not whole.lower().startswith(("http://", "https://")) or " " in whole or "." not in host_of(whole):
            raise forms.ValidationError(_("Give the address of a page on the web."))
        return whole


class AccountForm(forms.Form):
    """An account that was found, or one whose figures will be typed in."""

    name = forms.CharField(label=_("Name"), max_length=200)
    brand = forms.TypedChoiceField(
        label=_("Whose account"), coerce=int, help_text=_("A brand of ours, or a competitor.")
    )
    network = forms.ChoiceField(label=_("Network"))

    def __init__(self, *args: Any, who: Asker, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["brand"].choices = _brands(who, competitors=True)  # type: ignore[attr-defined]
        self.fields["network"].choices = choices("network")  # type: ignore[attr-defined]


class FigureForm(forms.Form):
    """The counts of an account on one day, read by a person."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    followers = forms.IntegerField(label=_("Followers"), required=False, min_value=0, max_value=LARGEST)
    following = forms.IntegerField(label=_("Accounts followed"), required=False, min_value=0, max_value=LARGEST)
    posts = forms.IntegerField(label=_("Posts"), required=False, min_value=0, max_value=LARGEST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def counts(self) -> dict[str, int | None]:
        """Return the counts by name; what was left empty is not known."""
        return {name: self.cleaned_data.get(name) for name in COUNTS}


class NameForm(forms.Form):
    """A page, account or domain to enter."""

    kind = forms.ChoiceField(label=_("What it is"))
    address = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("Of an account also its host and its handle: forum.example marie34."),
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )  # fmt: skip
    name = forms.CharField(label=_("Name as it stands there"), max_length=200)
    brand = forms.TypedChoiceField(label=_("Whose name it bears"), coerce=int)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, who: Asker, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["kind"].choices = choices("name_kind")  # type: ignore[attr-defined]
        self.fields["brand"].choices = _brands(who, competitors=False)  # type: ignore[attr-defined]


OURS = "ours"
"""Value of the answer that a name is ours; the others are decisions."""


class DecisionForm(forms.Form):
    """Whether a name is ours, and what is done when it is not."""

    answer = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    holder = forms.CharField(
        label=_("Who holds it"), required=False, max_length=200,
        help_text=_("When it is ours: the person or team with the password."),
    )  # fmt: skip
    owner = forms.TypedChoiceField(
        label=_("Who does it"), coerce=int, required=False, empty_value=None, help_text=_("To claim or to report it."),
    )  # fmt: skip
    due = forms.DateField(
        label=_("By which day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, entry: NameEntry, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", initial=_initial(standing_of(entry)), **kwargs)
        decisions = [(value, capfirst(word)) for value, word in choices("name_decision")]
        own = [(OURS, pgettext("name", "It is ours"))]
        self.fields["answer"].choices = [*own, *decisions]  # type: ignore[attr-defined]
        people = [(user.pk, str(user)) for user in owners(entry.brand_id)]
        self.fields["owner"].choices = [("", _("nobody")), *people]  # type: ignore[attr-defined]

    def standing(self) -> Standing:
        """Return the decision; what does not belong to the answer is left out."""
        values = self.cleaned_data
        if values["answer"] == OURS:
            return Standing(is_ours=True, holder=values["holder"], note=values["note"])
        due: date | None = values["due"]
        return Standing(
            is_ours=False, decision=NameDecision(values["answer"]).value, owner_id=values["owner"], due=due, note=values["note"]
        )  # fmt: skip


def _initial(standing: Standing) -> dict[str, Any]:
    return {
        "answer": OURS if standing.is_ours else standing.decision, "holder": standing.holder,
        "owner": standing.owner_id or "", "due": standing.due, "note": standing.note,
    }  # fmt: skip
