"""The forms of every page; they check form, services decide."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vigie.collect.registry import recipes
from vigie.collect.source import Option
from vigie.schema.vocab import Ownership, Role, SpaceKind
from vigie.server.models import Brand, Space
from vigie.server.permissions import Asker, Permission
from vigie.server.services.places import options_of
from vigie.web.sentences import sentence
from vigie.web.words import choices

INTERVALS = [
    (300, _("every 5 minutes")),
    (900, _("every 15 minutes")),
    (3600, _("every hour")),
    (86400, _("every day")),
]
"""How often a space may be read."""


def _brands(who: Asker, permission: Permission) -> list[tuple[int, str]]:
    allowed = who.brands(permission)
    rows = Brand.objects.filter(is_ours=True, closed_at=None)
    return list((rows if allowed is None else rows.filter(pk__in=allowed)).values_list("pk", "name"))


DIALECTS = (
    ("", "Vigie"), ("brandwatch", "Brandwatch"), ("talkwalker", "Talkwalker"), ("meltwater", "Meltwater"), ("x", "X"),
)  # fmt: skip
"""Products whose queries are read, by name."""


class WatchForm(forms.Form):
    """A watch to add or change."""

    name = forms.CharField(label=_("Name"), max_length=120)
    expression = forms.CharField(
        label=_("Query"),
        widget=forms.Textarea(attrs={"class": "query", "rows": 5, "spellcheck": "false", "aria-describedby": "fault"}),
        help_text=_(
            'AND, OR, NOT in capitals, brackets, "exact phrase", prefix*, word~1, a NEAR/5 b, site:, language:fr.'
        ),
    )
    dialect = forms.ChoiceField(
        label=_("Written for"), required=False,
        help_text=_("A query copied from another product is put into the words of Vigie."),
    )  # fmt: skip
    purpose = forms.ChoiceField(label=_("Purpose"))
    brand = forms.TypedChoiceField(label=_("For"), coerce=int, help_text=_("Members of this brand see its mentions."))
    subject = forms.TypedChoiceField(
        label=_("Subject"), coerce=int, required=False, empty_value=None,
        help_text=_("Whom it speaks of: shares of voice compare subjects."),
    )  # fmt: skip

    def __init__(self, *args: Any, who: Asker, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["dialect"].choices = DIALECTS  # type: ignore[attr-defined]
        self.fields["purpose"].choices = choices("purpose")  # type: ignore[attr-defined]
        self.fields["brand"].choices = _brands(who, Permission.EDIT_WATCHES)  # type: ignore[attr-defined]
        subjects = list(Brand.objects.filter(closed_at=None).values_list("pk", "name"))
        self.fields["subject"].choices = [("", _("none")), *subjects]  # type: ignore[attr-defined]


class SearchForm(forms.Form):
    """A query, a window of days, spaces."""

    q = forms.CharField(
        label=_("Query"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"class": "query", "rows": 3, "spellcheck": "false", "aria-describedby": "fault"}),
        help_text=_(
            'AND, OR, NOT in capitals, brackets, "exact phrase", prefix*, word~1, a NEAR/5 b, site:, language:fr.'
        ),
    )
    first = forms.DateField(label=_("Heard from"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label=_("Heard until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    space = forms.TypedMultipleChoiceField(
        label=_("Spaces"), coerce=int, required=False, widget=forms.SelectMultiple({"size": 5}),
        help_text=_("All of them when none is chosen; Ctrl or ⌘ chooses several."),
    )  # fmt: skip

    def __init__(self, *args: Any, spaces: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["space"].choices = spaces  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a window that ends before it begins."""
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and last < first:
            self.add_error("last", gettext("The window ends before it begins."))
        for name in ("first", "last"):
            if values.get(name) and not 1970 <= values[name].year <= 2100:  # noqa: PLR2004 -- years in which posts are heard
                self.add_error(name, gettext("Choose a day between 1970 and 2100."))
        return values


class RecipeForm(forms.Form):
    """An address, and the recipe to try on it."""

    address = forms.URLField(
        label=_("Address"),
        assume_scheme="https",
        max_length=2000,
        help_text=_("Of a list of threads, or of one thread."),
    )
    engine = forms.ChoiceField(
        label=_("Begin with"),
        required=False,
        help_text=_("Its text replaces the one below; the engine of a page is known by itself."),
    )
    recipe = forms.CharField(
        label=_("Recipe"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"class": "query", "rows": 24, "spellcheck": "false"}),
        help_text=_("TOML: selector@attribute takes an attribute; without it the text is taken."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        names = [(engine, recipes().named(toml)[0]) for engine, toml in recipes().builtins().items()]
        self.fields["engine"].choices = [("", _("the text below")), *names]  # type: ignore[attr-defined]


class AddressForm(forms.Form):
    """An address to listen to."""

    address = forms.CharField(
        label=_("Address"), max_length=2000,
        help_text=_("Of a site, a feed, an account, a hashtag, a forum or a mailbox: Vigie finds by itself how to read it."),
        widget=forms.TextInput(attrs={"autocomplete": "url", "autofocus": True, "inputmode": "url"}),
    )  # fmt: skip

    def clean_address(self) -> str:
        """Return the address as typed: how it is asked is found out."""
        return str(self.cleaned_data["address"]).strip()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)


class ListForm(forms.Form):
    """A list of sites and authors."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Letters, digits and hyphens: queries write list:name.")
    )
    sites = forms.CharField(
        label=_("Sites, one a line"), widget=forms.Textarea(attrs={"rows": 8}), required=False,
        help_text=_("Subdomains are meant too."),
    )  # fmt: skip
    authors = forms.CharField(
        label=_("Authors to add, one a line"), widget=forms.Textarea(attrs={"rows": 4}), required=False,
        help_text=_("A host and a handle: forum.example marie34. They are kept as pseudonyms."),
    )  # fmt: skip

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        if not is_new:
            del self.fields["name"]


def _option_field(option: Option, *, is_kept: bool) -> forms.CharField:
    """Return the field of an option; a secret is written and never shown."""
    help_text = gettext(option.help) if option.help else ""
    if option.is_secret and is_kept:
        stays = gettext("Left empty, what was given before stays.")
        help_text = f"{help_text} {stays}".strip()
    long = option.is_long
    widget: forms.Widget = (
        forms.Textarea(attrs={"rows": 12, "class": "query", "spellcheck": "false"}) if long else forms.TextInput()
    )
    if option.is_secret:
        widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
    return forms.CharField(
        label=gettext(option.label), help_text=help_text, widget=widget, max_length=20_000 if long else 500,
        required=option.is_required and not (option.is_secret and is_kept),
    )  # fmt: skip


class SpaceForm(forms.Form):
    """A space that was found, or one for files; what its source is told stands among the fields."""

    title = forms.CharField(label=_("Name"), max_length=200)
    network = forms.ChoiceField(label=_("Network"))
    ownership = forms.ChoiceField(label=_("Whose it is"))
    brand = forms.TypedChoiceField(label=_("Brand"), coerce=int, required=False, empty_value=None)
    interval_s = forms.TypedChoiceField(label=_("Read"), coerce=int, choices=INTERVALS, required=False, empty_value=900)

    def __init__(self, *args: Any, who: Asker, kind: str = "", kept: Collection[str] = (), **kwargs: Any) -> None:
        """Take who adds or changes it, its kind, and the names of the secrets that it has: left empty they stay."""
        super().__init__(*args, label_suffix="", **kwargs)
        self.told = options_of(kind)
        for option in self.told:
            self.fields[f"option-{option.name}"] = _option_field(option, is_kept=option.name in kept)
        self.fields["network"].choices = choices("network")  # type: ignore[attr-defined]
        self.fields["ownership"].choices = choices("ownership")  # type: ignore[attr-defined]
        self.fields["brand"].choices = [("", _("none")), *_brands(who, Permission.EDIT_SPACES)]  # type: ignore[attr-defined]
        if kind == SpaceKind.IMPORT:
            del self.fields["interval_s"]

    def secrets(self) -> dict[str, str]:
        """Return the secrets that were typed."""
        return {
            o.name: value for o in self.told if o.is_secret and (value := self.cleaned_data.get(f"option-{o.name}"))
        }

    def options(self, known: Mapping[str, str]) -> dict[str, str]:
        """Return what was told, beside what is known of the place and nobody is asked for."""
        asked = {o.name for o in self.told}
        told = {o.name: self.cleaned_data.get(f"option-{o.name}") for o in self.told if not o.is_secret}
        return {n: v for n, v in known.items() if n not in asked} | {n: v for n, v in told.items() if v}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for problem in recipes().problems(found["option-recipe"]) if found.get("option-recipe") else ():
            self.add_error("option-recipe", sentence(problem.code, problem.facts, fallback=problem.sentence))
        if found.get("ownership") != Ownership.EXTERNAL and not found.get("brand"):
            self.add_error("brand", _("Say which brand owns or sponsors this space."))
        return found


class UploadForm(forms.Form):
    """A file of posts."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, TSV, NDJSON or Parquet; exports of Talkwalker, Meltwater and Brandwatch are recognised."),
        required=False,
    )
    space = forms.TypedChoiceField(label=_("Into the space"), coerce=int, required=False, empty_value=None)
    title = forms.CharField(label=_("or into a new space named"), max_length=200, required=False)
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    kept_as = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, kept: tuple[str, str] | None = None, **kwargs: Any) -> None:
        """Take what was sent.

        Args:
            kept: The name under which the file was kept, and its own: a browser sends a file once, and forgets it.
        """
        if data is not None and kept is not None:
            data = data.copy()
            data["kept"], data["kept_as"] = kept
        super().__init__(data, label_suffix="", **kwargs)
        spaces = Space.objects.filter(kind=SpaceKind.IMPORT.value, closed_at=None).values_list("pk", "title")
        self.fields["space"].choices = [("", _("a new one")), *spaces]  # type: ignore[attr-defined]
        self._is_kept = kept is not None
        if kept is not None:
            self.fields["file"].help_text = _(
                "“%(name)s” is kept. To take another file in its place, choose it here."
            ) % {"name": kept[1]}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self._is_kept and "file" not in self.errors:
            self.add_error("file", forms.Field.default_error_messages["required"])
        if not found.get("space") and not (found.get("title") or "").strip():
            self.add_error("title", _("Name the new space, or choose one."))
        return found


class OpmlForm(forms.Form):
    """A list of feeds."""

    file = forms.FileField(
        label=_("File"), help_text=_("OPML, as readers of feeds write it: “export” in their settings.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)


class InviteForm(forms.Form):
    """A seat to offer."""

    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"))
    brand = forms.TypedChoiceField(label=_("Brand"), coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["role"].choices = choices("role")  # type: ignore[attr-defined]
        brands = Brand.objects.filter(is_ours=True, closed_at=None).values_list("pk", "name")
        self.fields["brand"].choices = [("", _("all brands")), *brands]  # type: ignore[attr-defined]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class AcceptForm(forms.Form):
    """A seat to take."""

    name = forms.CharField(label=_("Your name"), max_length=150)
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False,
        help_text=_("Twelve characters at least."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def clean_password(self) -> str:
        from django.contrib.auth.password_validation import validate_password  # noqa: PLC0415 -- loads a word list

        validate_password(self.cleaned_data["password"])
        return str(self.cleaned_data["password"])


class BrandForm(forms.Form):
    """A brand of ours, or a competitor."""

    name = forms.CharField(label=_("Name"), max_length=120)
    is_ours = forms.BooleanField(label=_("It is ours"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
