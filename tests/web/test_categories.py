"""Pages of categories: the tree with its counts, adding with a preview, closing with undo, filters and charts; what labels do."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client
from django.urls import reverse
from support.factories import make

from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server.models import Brand, Category, Dimension, Label, Membership, Mention, Post, Space, User
from vigie.server.permissions import COMMAND
from vigie.server.services import categories, door, spaces, watches
from vigie.server.services.categories import CategoryDraft, DimensionDraft
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

pytestmark = pytest.mark.usefixtures("quick_passwords")
NOW = datetime.now(UTC)
WHEN: dict[str, Any] = {"asker": COMMAND, "now": NOW}


@pytest.fixture
def brand(client: Client, db: None) -> Brand:
    """A brand with a watch, and its administrator logged in, who reads English."""
    brand = Brand.objects.create(name="Vaubrun", is_ours=True)
    watches.add(WatchDraft("Sérélium", brand.pk, "product", brand.pk, "serelium"), **WHEN)
    user = User.objects.create_user("chef@example.org", "x", language="en")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return brand


@pytest.fixture
def tree(brand: Brand) -> Dimension:
    """Effects with dizziness within them, and price; four posts."""
    made = categories.add_dimension(DimensionDraft("Theme", None), **WHEN)
    effects = categories.add(made.pk, CategoryDraft("Effects", None, ""), **WHEN)
    categories.add(made.pk, CategoryDraft("Dizziness", effects.pk, "vertige*"), **WHEN)
    categories.add(made.pk, CategoryDraft("Price", None, "prix"), **WHEN)
    forum = spaces.add(SpaceDraft("Forum", "import", "forum"), **WHEN)
    take(forum, "Sérélium vertiges", "Sérélium vertige, prix", "Sérélium", "Sérélium encore")
    return made


def take(forum: Space, *texts: str) -> None:
    rows = [
        {
            "origin": "forum.example", "native_id": str(n), "network": "forum", "text": text,
            "published_at": NOW - timedelta(hours=1),
        }
        for n, text in enumerate(texts)
    ]  # fmt: skip
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=forum.pk, heard_at=NOW, fetch_id=None, now=NOW)


def plain(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def page_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def counted(page: str) -> int:
    found = re.search(r"([\d,]+) mentions?", plain(page))
    assert found
    return int(found.group(1).replace(",", ""))


def test_the_page_shows_the_tree_and_each_count_opens_its_posts(client: Client, tree: Dimension) -> None:
    page = page_of(client, reverse("categories"))
    shown = plain(page)
    assert "Theme" in shown and shown.index("Effects") < shown.index("Dizziness") < shown.index("Price")
    opened = re.findall(r'<td class="n"><a href="([^"]+)">(\d+)</a>', page)
    assert [n for _, n in opened] == ["2", "2", "1"]
    for href, n in opened:
        assert counted(page_of(client, unescape(href))) == int(n)


def test_bars_of_the_dashboard_open_as_many_as_they_say(client: Client, tree: Dimension) -> None:
    for query in ("", f"category={Category.objects.get(name='Effects').pk}"):
        page = page_of(client, f"{reverse('dashboard')}?{query}")
        assert "By category of “Theme" in plain(page)
        figure = page[page.index(f'aria-labelledby="categories-{tree.pk}-title"') :]
        rows = re.findall(r'<a href="([^"]+category=[^"]+)"[^>]*>(\d+)</a>', figure)
        assert len(rows) == (1 if query else 3)
        for href, n in rows:
            assert counted(page_of(client, unescape(href))) == int(n)


def test_a_category_that_asks_for_labels_is_refused_while_it_is_typed(client: Client, tree: Dimension) -> None:
    address = reverse("categories-add", args=[tree.pk])
    draft = {"name": "Again", "expression": "encore AND who:patient", "parent": "", "dialect": ""}
    refused = "“who:” asks for a label"
    assert 'hx-vals=\'{"words_alone": "1"}\'' in page_of(client, address)
    assert refused in plain(client.post(address, {**draft, "preview": "1"}).content.decode())
    typed = client.post(reverse("watches-preview"), {**draft, "words_alone": "1"}).content.decode()
    assert refused in plain(typed) and "preview-count" not in typed
    assert refused in plain(client.post(address, draft).content.decode())
    assert refused not in plain(client.post(reverse("watches-preview"), draft).content.decode())


def test_filters_are_nested_and_none_is_one_of_them(client: Client, tree: Dimension) -> None:
    page = page_of(client, reverse("mentions"))
    assert 'class="within-1"' in page and "none of them" in plain(page)
    assert counted(page_of(client, f"{reverse('mentions')}?category=none:{tree.pk}")) == 2


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("Sérélium vertiges", ["Effects › Dizziness"]),
        ("Sérélium vertige, prix", ["Effects › Dizziness", "Price"]),
        ("Sérélium", []),
    ],
)
def test_a_mention_says_what_it_is_sorted_into(client: Client, tree: Dimension, text: str, paths: list[str]) -> None:
    mention = Mention.objects.get(post__text=text)
    page = page_of(client, reverse("mentions-detail", args=[mention.pk]))
    part = page.partition("<dt>Theme</dt>")[2].partition("</dd>")[0]
    found = [(unescape(name), href) for href, name in re.findall(r'class="chip" href="([^"]*)">([^<]*)<', part)]
    assert [name for name, _ in found] == paths
    for _, href in found:
        assert text in plain(page_of(client, unescape(href)))


def test_a_category_is_added_after_a_look_at_what_it_finds(client: Client, tree: Dimension) -> None:
    address = reverse("categories-add", args=[tree.pk])
    draft = {"name": "Again", "expression": "encore", "parent": "", "dialect": ""}
    looked = client.post(address, {**draft, "preview": "1"}).content.decode()
    assert not Category.objects.filter(name="Again").exists() and "preview-count" in looked
    saved = client.post(address, draft)
    made = Category.objects.get(name="Again")
    assert saved.status_code == 302 and made.expression == "encore"
    assert "to be applied" in plain(page_of(client, reverse("categories")))
    assert "Being applied to the past" in plain(page_of(client, reverse("categories-detail", args=[made.pk])))


@pytest.mark.parametrize(
    ("expression", "why"), [("a OR b AND c", "brackets"), ("serelium AND who:patient", "what is asked here has none")]
)
def test_a_query_that_won_t_do_stands_beside_its_fault(
    client: Client, tree: Dimension, expression: str, why: str
) -> None:
    answer = client.post(reverse("categories-add", args=[tree.pk]), {"name": "X", "expression": expression})
    assert answer.status_code == 200 and why in plain(answer.content.decode())


def test_a_closed_category_is_gone_and_comes_back(client: Client, tree: Dimension) -> None:
    price = Category.objects.get(name="Price")
    client.post(reverse("categories-close", args=[price.pk]))
    page = page_of(client, reverse("categories"))
    assert "Undo" in page and "no figure or filter holds it any more" in plain(page)
    assert counted(page_of(client, f"{reverse('mentions')}?category={price.pk}")) == 0
    client.post(reverse("categories-reopen", args=[price.pk]))
    assert Category.objects.get(pk=price.pk).closed_at is None
    client.post(reverse("categories-dimension-close", args=[tree.pk]))
    assert "By category" not in page_of(client, reverse("dashboard"))
    client.post(reverse("categories-dimension-reopen", args=[tree.pk]))
    assert "By category" in page_of(client, reverse("dashboard"))


def test_a_dimension_is_added_and_renamed(client: Client, brand: Brand) -> None:
    assert "No dimension yet" in page_of(client, reverse("categories"))
    client.post(reverse("categories-dimension-add"), {"name": "Step", "brand": brand.pk})
    made = Dimension.objects.get(name="Step")
    assert made.brand == brand
    client.post(reverse("categories-dimension-change", args=[made.pk]), {"name": "Moment", "brand": ""})
    made.refresh_from_db()
    assert (made.name, made.brand) == ("Moment", None)


def test_another_brand_s_dimension_does_not_exist(client: Client, tree: Dimension) -> None:
    other = Brand.objects.create(name="Souffle", is_ours=True)
    own = Brand.objects.get(name="Vaubrun")
    categories.change_dimension(tree.pk, DimensionDraft("Theme", own.pk), **WHEN)
    user = User.objects.create_user("ailleurs@example.org", "x", language="en")
    Membership.objects.create(user=user, brand=other, role=Role.COMMUNITY_MANAGER)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    price = Category.objects.get(name="Price")
    watches.add(WatchDraft("Souffle", other.pk, "product", other.pk, "prix"), **WHEN)
    forum = spaces.add(SpaceDraft("Ailleurs", "import", "forum"), **WHEN)
    take(forum, "Sérélium : un autre prix")
    mention = Mention.objects.get(watch__name="Souffle", post__text="Sérélium : un autre prix")
    for address in (
        reverse("mentions-detail", args=[mention.pk]), reverse("categories"), reverse("dashboard"), f"{reverse('mentions')}?category={price.pk}", reverse("watches-add") + "?q=a AND category:price",
    ):  # fmt: skip
        page = plain(page_of(client, address))
        assert "Theme" not in page and "Dizziness" not in page and "Price" not in page


def test_a_preview_tells_text_and_labels_apart(client: Client, tree: Dimension) -> None:
    Label.objects.filter(kind="tone").delete()
    make(Label, post=Post.objects.get(text__contains="prix"), value="negative")
    query = "serelium AND (tone:negative OR category:dizziness)"
    shown = plain(client.post(reverse("watches-preview"), {"expression": query}).content.decode())
    assert "Text and labels" in shown and "4 of your 4 newest mentions" in shown
    assert "tone:negative label · holds for 1 of these 4" in shown
    assert "category:dizziness label · holds for 2 of these 4" in shown
    assert "With its labels, 2 of these 4 would count." in shown


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("tone:negative", "Labels are read of posts that words have found"),
        ("a AND who:medecin", "Write one of: patient"),
        ("serelium AND category:absente", "There is no open category “absente” here"),
        ("serelium AND safety:grave", "drug safety"),
    ],
)
def test_what_labels_are_refused_for_is_taught(client: Client, brand: Brand, query: str, why: str) -> None:
    assert why in plain(client.post(reverse("watches-preview"), {"expression": query}).content.decode())


def test_a_search_says_that_what_was_heard_has_no_labels(client: Client, brand: Brand) -> None:
    page = plain(page_of(client, f"{reverse('search')}?q=serelium AND tone:negative"))
    assert "“tone:” asks for a label" in page
