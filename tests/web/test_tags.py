"""Tags and filters as templates use them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.utils import translation

from vigie.web.templatetags.vigie import initials, undo_address

NOW = datetime(2026, 10, 30, 8, 2, tzinfo=UTC)


def rendered(source: str, **context: object) -> str:
    with translation.override("fr"):
        return Template("{% load i18n %}" + source).render(Context({"now": NOW, **context}))


@pytest.mark.parametrize(
    ("sentence", "page"),
    [
        ("One of `fr`, `en`.", "One of <code>fr</code>, <code>en</code>."),
        ("No code.", "No code."),
        ("<b> `<i>`", "&lt;b&gt; <code>&lt;i&gt;</code>"),
    ],
)
def test_code_within_a_sentence_is_set_as_code(sentence: str, page: str) -> None:
    assert rendered("{{ s|coded }}", s=sentence) == page


def test_ago_shows_the_exact_time_on_hover() -> None:
    assert rendered("{% ago t %}", t=NOW - timedelta(hours=2)) == (
        '<time datetime="2026-10-30T06:02:00+00:00" title="30 oct. 2026, 07:02">il y a 2 h</time>'
    )
    assert rendered("{% ago t %}", t=None) == "–"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ 12480|number }}", "12\u202f480"),
        ("{{ 0.37|percent }}", "37\u202f%"),
        ('{{ "negative"|word:"tone" }}', "négatif"),
        ('{{ "unheard_of"|word:"tone" }}', "unheard_of"),
        ('{{ "fr"|tongue }}', "français"),
        ('{{ "und"|tongue }}', "langue indéterminée"),
        ('{{ "x-klingon"|tongue }}', "x-klingon"),
        ("{{ 3|ratio_percent:4 }}", "75\u202f%"),
        ("{{ 3|ratio_percent:0 }}", "–"),
    ],
)
def test_filter_gives_its_text_in_french(source: str, text: str) -> None:
    assert rendered(source) == text


def test_excerpt_tag_escapes_and_marks() -> None:
    text = "<i>" + "mot " * 200 + "Sérélium" + " fin" * 50
    start = text.index("Sérélium")
    found = rendered("{% excerpt text spans 80 %}", text=text, spans=[(start, start + 8)])
    assert "<mark>Sérélium</mark>" in found
    assert found.startswith("… ")
    assert found.endswith(" …")
    assert "<i>" not in rendered("{% excerpt text %}", text=text)


def test_initials_are_two_letters() -> None:
    assert [initials(name) for name in ("forum", "X", "réseau é", "#hcsmeu")] == ["Fo", "X", "Ré", "Hc"]


def test_undo_address_stands_in_a_messages_tags() -> None:
    message = Message(constants.SUCCESS, "1 mention écartée", extra_tags="undo:/marks/7/undo/")
    assert undo_address(message.extra_tags) == "/marks/7/undo/"
    assert undo_address("") == ""
