"""The query editor: its colours are what was typed, its fault stands beside the query, a word is excluded by a press."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pyarrow as pa
import pytest
from django.test import Client
from django.urls import reverse

from vigie.match import parse
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server.models import Brand, Membership, Space, User, Watch
from vigie.server.permissions import COMMAND
from vigie.server.services import comparing, door, lists, spaces, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft
from vigie.web.editor import excluding

pytestmark = pytest.mark.usefixtures("quick_passwords")
NOW = datetime.now(UTC)


@pytest.fixture
def watch(client: Client, db: None) -> Watch:
    """A watch, and a community manager logged in."""
    brand = Brand.objects.create(name="Vaubrun", is_ours=True)
    draft = WatchDraft("Sérélium", brand.pk, "product", brand.pk, "serelium")
    found = watches.add(draft, asker=COMMAND, now=NOW)
    user = User.objects.create_user("cm@example.org", "x", language="en")
    Membership.objects.create(user=user, brand=brand, role=Role.COMMUNITY_MANAGER)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return found


@pytest.fixture
def forum(watch: Watch) -> Space:
    """A forum beside the watch."""
    return spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)


def heard(forum: Space, texts: list[str]) -> None:
    """Take posts in, heard now."""
    rows = [
        {
            "origin": "forum.example", "native_id": str(n), "network": "forum", "text": text,
            "published_at": NOW - timedelta(hours=1),
        }
        for n, text in enumerate(texts)
    ]  # fmt: skip
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=forum.pk, heard_at=NOW, fetch_id=None, now=NOW)


def plain(page: str) -> str:
    """Return the words of a page, spaces of any kind made one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def banners(page: str) -> list[str]:
    """Return what the page warns of."""
    return [plain(found) for found in re.findall(r'<div class="banner warning".*?</div>', page, re.DOTALL)]


def parts(page: str) -> list[str]:
    """Return the rows of the parts, a branch marked with an asterisk."""
    rows = re.findall(r'<li( class="branch")?>(<span class="query">.*?)</li>', page, re.DOTALL)
    return [("* " if branch else "") + plain(inner) for branch, inner in rows]


def typed(client: Client, expression: str, **more: str) -> str:
    sent = {"expression": expression, **more}
    return client.post(reverse("watches-preview"), sent, headers={"accept-language": "en"}).content.decode()


def layer(page: str) -> str:
    """Return the text of the colours."""
    inner = page.partition('id="colours"')[2].partition(">")[2].partition("</div>")[0]
    return unescape(re.sub(r"<[^>]+>", "", inner))


@pytest.mark.parametrize("expression", ["serelium", "  a AND\r\n\t<b> ", 'x OR "a & b"~3 ', "a OR b AND c", " ("])
def test_colours_are_what_was_typed(client: Client, watch: Watch, expression: str) -> None:
    assert layer(typed(client, expression)) == expression.replace("\r\n", "\n")


def test_fault_is_underlined_where_it_stands(client: Client, watch: Watch) -> None:
    page = typed(client, "  a OR b AND c")
    inner = re.findall(r'<span class="[^"]*q-fault">([^<]*)</span>', page)
    assert "".join(inner) == "OR b AND"
    assert "data-fault" in page
    assert "data-fault" not in typed(client, "a OR b")


def test_page_without_a_script_shows_the_fault(client: Client, watch: Watch) -> None:
    page = client.get(reverse("watches-add"), {"q": "a OR b AND c"}).content.decode()
    assert "data-fault" in page
    assert re.search(r'<textarea[^>]*aria-describedby="[^"]*fault', page)
    assert "hx-swap-oob" not in page


@pytest.mark.parametrize(
    "expression", ["a", "a b", "a OR b", "a NEAR/2 b", "a <<<c OR d>>>", "NOT b AND a", "(a OR b)"]
)
def test_excluding_a_word_keeps_the_rest(expression: str) -> None:
    root = parse(excluding(expression, "cheval")).root
    assert str(root).endswith("AND NOT cheval")


def test_press_puts_the_word_into_the_query_and_saves_nothing(client: Client, watch: Watch) -> None:
    sent = {"name": "x", "expression": "a OR b", "purpose": "product", "brand": watch.brand_id, "exclude": "cheval"}
    page = client.post(reverse("watches-change", args=[watch.pk]), sent).content.decode()
    assert "(a OR b) AND NOT cheval</textarea>" in page
    watch.refresh_from_db()
    assert watch.expression == "serelium"


def test_query_of_another_product_is_put_into_ours(client: Client, watch: Watch) -> None:
    page = typed(client, "serelium -cheval", dialect="x")
    assert "q-operator" in page.partition('id="colours"')[0]
    sent = {
        "name": "x", "expression": "serelium -cheval", "purpose": "product", "brand": watch.brand_id, "dialect": "x",
    }  # fmt: skip
    client.post(reverse("watches-change", args=[watch.pk]), sent)
    watch.refresh_from_db()
    assert watch.expression == "serelium AND NOT cheval"


@pytest.mark.parametrize(("common", "warns"), [(10, True), (9, False)])
@pytest.mark.parametrize("expression", ["serelium AND vertiges", "serelium OR vertiges"])
def test_word_in_one_post_of_twenty_is_warned_about(
    client: Client, forum: Space, expression: str, common: int, warns: bool
) -> None:
    heard(forum, ["serelium et vertiges", *["vertiges"] * (common - 1), *["rien"] * (200 - common)])
    found = banners(typed(client, expression))
    assert found == (["“vertiges” is in one post of twenty or more: by itself it says nothing."] if warns else [])


def test_rows_say_what_each_part_of_a_query_does(client: Client, forum: Space) -> None:
    heard(forum, ["serelium", "vertiges", "vertiges", "serelium et vertiges", "rien"])
    rows = parts(typed(client, "serelium OR vertiges"))
    said = [re.sub(r"\d+ ?%", "N%", row) for row in rows]
    assert said == [
        "* serelium in 2 posts · 2 found · 1 by it alone · N% of the time",
        "* vertiges in 3 posts · 3 found · 2 by it alone · N% of the time",
    ]
    shares = [int(share) for row in rows for share in re.findall(r"(\d+) ?%", row)]
    assert 99 <= sum(shares) <= 101 and min(shares) > 0


def test_tests_within_a_branch_say_nothing_of_what_they_catch_alone(client: Client, forum: Space) -> None:
    heard(forum, ["serelium et vertiges", "serelium", "toux"])
    rows = parts(typed(client, "(serelium AND vertiges) OR toux"))
    assert [(row.startswith("* "), "by it alone" in row) for row in rows] == [
        (True, True), (True, True), (False, False), (False, False),
    ]  # fmt: skip
    assert all("of the time" in row for row in rows)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["serelium", "vertiges"], "1 of them is found for what its source does not say."),
        (["serelium", "serelium"], "2 of them are found for what their source does not say."),
        (["vertiges"], None),
    ],
)
def test_page_says_how_many_are_found_for_what_nobody_says(
    client: Client, forum: Space, texts: list[str], said: str | None
) -> None:
    heard(forum, texts)
    page = plain(typed(client, "serelium AND NOT country:be"))
    assert (said in page) if said else ("source does not say" not in page)


def test_name_that_nothing_here_has_is_warned_about(client: Client, forum: Space) -> None:
    for name in ("amis", "close"):
        made = lists.add(name, lists.read_entries("amis.example", ""), asker=COMMAND, now=NOW)
    lists.close(made.pk, asker=COMMAND, now=NOW)
    page = typed(
        client,
        f"serelium AND NOT list:nope AND NOT list:NOPE AND NOT list:Amis AND NOT list:close AND (space:nope OR space:{forum.name})",
    )
    assert banners(page) == [
        "There is no open list “nope” here, so this test never holds. Look its name up on the page of the lists, or add it there.",
        "There is no open list “close” here, so this test never holds. Look its name up on the page of the lists, or add it there.",
        "There is no space “nope” here, so this test never holds. Look its short name up on the page of the spaces.",
    ]


def test_preview_of_a_change_says_what_it_would_add_and_what_would_lapse(client: Client, watch: Watch) -> None:
    forum = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    said = ["Sérélium", "Sérélium et vertiges", "vertiges", "encore des vertiges", "rien"]
    rows = [{"origin": "f.example", "native_id": text, "network": "forum", "text": text} for text in said]
    posts = pa.Table.from_pylist(rows, schema=POSTS)
    door.take(posts, space_id=forum.pk, heard_at=NOW, fetch_id=None, now=NOW)
    page = typed(client, "vertiges", watch=str(watch.pk))
    assert "The change would add 2 mentions, of the posts heard since" in page
    assert "1 of its 2 mentions would lapse." in page
    for unchanged in (typed(client, "serelium", watch=str(watch.pk)), typed(client, "vertiges")):
        assert "The change would add" not in unchanged and "would lapse" not in unchanged


def test_preview_says_of_the_newest_when_not_all_mentions_were_looked_at(
    client: Client, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "MOST", 2)
    forum = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    rows = [
        {"origin": "f.example", "native_id": str(n), "network": "forum", "text": "Sérélium"} for n in range(5)
    ]  # fmt: skip
    posts = pa.Table.from_pylist(rows, schema=POSTS)
    door.take(posts, space_id=forum.pk, heard_at=NOW, fetch_id=None, now=NOW)
    page = typed(client, "vertiges", watch=str(watch.pk))
    assert "2 of the newest 2 of its 5 mentions would lapse." in page
