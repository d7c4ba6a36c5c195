"""Tags and filters of every template; no `{% load %}` needed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString

from vigie.server import clock
from vigie.web import charts, formats, marks, words
from vigie.web.sentences import stored

register = template.Library()

register.filter("number", formats.number)
register.filter("signed", formats.signed)
register.filter("percent", formats.percent)
register.filter("compact", formats.compact)
register.filter("day", formats.day)
register.filter("moment", formats.moment)
register.filter("clock", formats.clock)
register.filter("duration", formats.duration)
register.filter("size", formats.size)
register.filter("word", words.word)
register.filter("tongue", words.language_name)  # Django has a filter `language_name`, in English


@register.simple_tag(takes_context=True)
def ago(context: RequestContext, value: datetime | None) -> SafeString:
    """Say how long ago, with the exact time on hover; the context's `now` counts when there is one."""
    if value is None:
        return SafeString(formats.NO_VALUE)
    now = context.get("now") or clock.now()
    return _time(value, formats.ago(value, now))


@register.simple_tag
def at(value: datetime) -> SafeString:
    """Write an instant as a `<time>`."""
    return _time(value, formats.moment(value))


def _time(value: datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), formats.moment(value), text)


@register.simple_tag
def why(code: str, facts: Mapping[str, Any]) -> str:
    """Write the sentence of a code and its facts."""
    return stored(code, facts)


@register.simple_tag
def window(start: date, end: date) -> str:
    """Write a span of days, both included."""
    return formats.window(start, end)


@register.simple_tag
def marked(text: str, spans: Iterable[tuple[int, int]] = (), named: Sequence[marks.Named] = ()) -> SafeString:
    """Write a post's text with its matched words marked and what it names underlined; everything is escaped."""
    return marks.marked(text, spans, named or ())


@register.simple_tag
def excerpt(text: str, spans: Iterable[tuple[int, int]] = (), limit: int = 320) -> SafeString:
    """Write the part of a long text around its first mark, with ellipses where something is left out."""
    piece, inside, before, after = marks.excerpt(text, spans, limit=limit)
    return format_html("{}{}{}", "… " if before else "", marks.marked(piece, inside), " …" if after else "")


@register.filter
def initials(value: str) -> str:
    """Return the two letters that stand for a network or a space."""
    letters = "".join(letter for letter in str(value) if letter.isalnum())
    return letters[:2].capitalize()


@register.filter
def coded(sentence: str) -> SafeString:
    """Write what stands between backticks as code; everything is escaped."""
    parts = str(sentence).split("`")
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if n % 2 else part,) for n, part in enumerate(parts))
    )


@register.filter
def ratio_percent(part: float, whole: float) -> str:
    """Write a part of a whole per hundred; of nothing it is not known."""
    return formats.percent(part / whole if whole else None)


@register.filter
def item(mapping: Mapping[Any, Any], key: Any) -> Any:
    """Return a mapping's value."""
    return mapping.get(key)


@register.filter
def undo_address(tags: str) -> str:
    """Return the address that undoes what a message tells, from its tags."""
    return next((tag.removeprefix("undo:") for tag in str(tags).split() if tag.startswith("undo:")), "")


@register.filter
def bound(field: Any) -> SafeString:
    """Render a form's field; its help and its error are told to screen readers with it."""
    described = [f"{field.auto_id}_help"] if field.help_text else []
    described += [named] if (named := field.field.widget.attrs.get("aria-describedby")) else []
    described += [f"{field.auto_id}_error"] if field.errors else []
    attributes = {"aria-describedby": " ".join(described)} if described else {}
    if field.errors:
        attributes["aria-invalid"] = "true"
    return SafeString(field.as_widget(attrs=attributes))


@register.filter
def widget_type(field: Any) -> str:
    """Return the kind of a field's control, such as `checkboxinput`."""
    return type(field.field.widget).__name__.lower()


@register.simple_tag
def sparkline(values: Sequence[float], kind: str = "") -> SafeString:
    """Draw a small line; it repeats what the figure says, so screen readers pass it."""
    return format_html(
        '<svg class="spark {}" viewBox="0 0 96 26" fill="none" stroke="currentColor" stroke-width="1.8" '
        'stroke-linejoin="round" stroke-linecap="round" aria-hidden="true"><polyline points="{}"/></svg>',
        kind,
        charts.sparkline(values),
    )


@register.simple_tag
def vega_locale() -> SafeString:
    """Write the language's numbers and dates for the charts' script."""
    return json_script(charts.vega_locale(), "vega-locale")


@register.filter
def unlocalized(value: int) -> str:
    """Write a number for scripts and tests: digits alone."""
    return str(value)


@register.filter
def safe_link(url: str) -> str:
    """Return a link of the web, or nothing: a post's address may be anything, `javascript:` too."""
    return url if str(url).lower().startswith(("http://", "https://")) else ""
