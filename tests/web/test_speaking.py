"""Who speaks and what for, on pages: values with the words that tell them, charts whose bars open as many mentions as they say."""

import html
import re
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server.models import Brand, FindingCorrection, Membership, Mention, User
from vigie.server.permissions import COMMAND
from vigie.server.services import door, spaces, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

pytestmark = pytest.mark.usefixtures("quick_passwords")
NOW = datetime.now(UTC)

TEXTS = [
    "Ma mère est sous chimio et sous Sérélium, quelqu'un connaît ?",
    "Merci au docteur, mon traitement par Sérélium va bien.",
    "Sérélium : je prends ce médicament depuis trois semaines.",
    "Il pleut sur Sérélium depuis hier, rien de plus à dire ici.",
]


@pytest.fixture
def ours(client: Client, db: None) -> Brand:
    """Four mentions, and a reader logged in who reads French."""
    brand = Brand.objects.create(name="Vaubrun", is_ours=True)
    watches.add(WatchDraft("Sérélium", brand.pk, "product", brand.pk, "serelium"), asker=COMMAND, now=NOW)
    take(*TEXTS)
    user = User.objects.create_user("alice@example.org", "x", language="fr")
    Membership.objects.create(user=user, brand=brand, role=Role.READER)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return brand


def take(*texts: str, **values: Any) -> None:
    space = spaces.add(SpaceDraft(f"Forum {texts[0][:8]}", "import", "forum"), asker=COMMAND, now=NOW)
    rows = [
        {
            "origin": f"{space.pk}.example", "native_id": str(n), "network": "forum", "text": text, "published_at": NOW,
            **values,
        }
        for n, text in enumerate(texts)
    ]  # fmt: skip
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=space.pk, heard_at=NOW, fetch_id=None, now=NOW)


def mention_of(text: str) -> Mention:
    return Mention.objects.get(post__text=text)


def page_of(client: Client, mention: Mention) -> str:
    return client.get(reverse("mentions-detail", args=[mention.pk])).content.decode()


def bars(client: Client, key: str, query: str = "") -> dict[str, tuple[str, int]]:
    """Return the table of a chart: by value, the address that it opens and the number beside it."""
    page = client.get(reverse("dashboard") + query).content.decode()
    figure = page.partition(f'aria-labelledby="{key}-title"')[2].partition("</figure>")[0]
    body = figure.partition("<tbody>")[2]
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL):
        cells = [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.split(r"</t[dh]>", row)]
        found[cells[0]] = (html.unescape(re.search(r'href="([^"]+)"', row)[1]), int(cells[2]))
    return found


def test_a_mention_shows_its_values_with_the_words_and_the_rule(client: Client, ours: Brand) -> None:
    page = page_of(client, mention_of(TEXTS[0]))
    assert '<span class="chip">proche</span>' in page
    assert "<mark>Ma mère est sous chimio</mark>" in page
    assert "<code>fr.kin-ill</code>" in page
    assert "<code>any.question-mark</code>" in page
    assert "Rien dans les mots" in page_of(client, mention_of(TEXTS[3]))


def test_cues_in_a_title_stand_at_their_place_and_are_escaped(client: Client, ours: Brand) -> None:
    take("Sérélium <b>ici</b>", title="Merci <i>docteur</i>")
    page = page_of(client, mention_of("Sérélium <b>ici</b>"))
    assert "<mark>Merci</mark> &lt;i&gt;docteur" in page


def test_what_people_said_wins(client: Client, ours: Brand) -> None:
    mention = mention_of(TEXTS[0])
    for value, holds in (("relative", False), ("patient", True)):
        FindingCorrection.objects.create(mention=mention, kind="who", value=value, holds=holds, at=NOW)
    page = page_of(client, mention)
    assert '<span class="chip corrected">patient</span>' in page
    assert ">proche<" not in page.partition("<h3>Qui parle")[2].partition("</dl>")[0]


@pytest.mark.parametrize("query", ["", "?intent=question", "?who=patient", "?who=patient&intent=thanks", "?who=none"])
@pytest.mark.parametrize(
    ("key", "values"), [("speakers", {"patient", "proche"}), ("intents", {"question", "remerciement"})]
)
def test_each_bar_opens_as_many_mentions_as_it_says(
    client: Client, ours: Brand, key: str, values: set[str], query: str
) -> None:
    found = bars(client, key, query)
    assert query or values <= set(found)
    for text, (href, n) in found.items():
        page = client.get(href).content.decode()
        assert int(page.partition('data-mentions="')[2].partition('"')[0]) == n, text


def test_charts_say_what_they_stand_on(client: Client, ours: Brand) -> None:
    assert {text: n for text, (_, n) in bars(client, "speakers").items()} == {
        "patient": 2, "proche": 1, "on ne sait pas": 1,
    }  # fmt: skip
    page = client.get(reverse("dashboard")).content.decode()
    figure = page.partition('aria-labelledby="speakers-title"')[2].partition("</figure>")[0]
    assert "who 1" in figure
    assert "4 citations" in figure.replace("\u202f", " ").replace("\u00a0", " ")
    assert '/methods/#speaking">' in figure


def test_another_brands_mentions_are_in_no_bar(client: Client, ours: Brand) -> None:
    other = Brand.objects.create(name="Souffle", is_ours=True)
    watches.add(WatchDraft("Autre", other.pk, "product", other.pk, "kalmedis"), asker=COMMAND, now=NOW)
    take("Kalmédis : en tant qu'infirmière, c'est honteux")
    assert "professionnel de santé" not in bars(client, "speakers")
    assert "plainte" not in bars(client, "intents")


def test_statements_do_not_grow_with_the_cues(client: Client, ours: Brand) -> None:
    take("Sérélium : merci.", "Sérélium : merci ! Quelqu'un connaît ? C'est honteux. Ma fille est malade. À fuir.")
    counts = []
    for text in (
        "Sérélium : merci.",
        "Sérélium : merci ! Quelqu'un connaît ? C'est honteux. Ma fille est malade. À fuir.",
    ):
        mention = mention_of(text)
        page_of(client, mention)
        with CaptureQueriesContext(connection) as statements:
            page_of(client, mention)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_methods_say_that_french_was_not_measured_or_how_well(client: Client, ours: Brand) -> None:
    page = client.get(reverse("methods")).content.decode()
    assert 'id="speaking"' in page
    assert "proche" in page
    assert "Sarcasm" in page
