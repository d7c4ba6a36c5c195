"""Pages of stories: what a reader sees of them, figures that open their posts, nothing of another brand, a fixed number of statements."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from vigie.schema.tables import POSTS
from vigie.schema.vocab import Mark, Role
from vigie.server.models import Brand, Membership, Mention, PostStory, Space, Story, User
from vigie.server.permissions import COMMAND
from vigie.server.services import door, judging, people, spaces, stories, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

pytestmark = pytest.mark.usefixtures("quick_passwords")

NOW = datetime.now(UTC)
LONG = "Sérélium me fait tourner la tête depuis trois jours, le médecin dit d'attendre <b>encore</b> un peu"
OTHER = "Rupture de Kalmydor dans toutes les pharmacies du quartier depuis la semaine dernière, courage à tous"


class Town:
    """Two brands with a watch each, two spaces, and what is told there."""

    def __init__(self) -> None:
        stories.forget()
        self.brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)
        self.other = people.add_brand("Souffle", is_ours=True, asker=COMMAND, now=NOW)
        self.forum = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
        self.blog = spaces.add(SpaceDraft("Blog", "import", "blog"), asker=COMMAND, now=NOW)
        for name, brand, expression in (("S", self.brand, "serelium"), ("K", self.other, "kalmydor")):
            draft = WatchDraft(name, brand.pk, "product", brand.pk, expression)
            watches.add(draft, asker=COMMAND, now=NOW)
        self.n = 0

    def tell(self, *texts: str, space: Space | None = None, **values: Any) -> None:
        """Have one author after the other say each text, an hour after the other."""
        rows = []
        for text in texts:
            self.n += 1
            rows.append(
                {
                    "origin": "forum.example", "native_id": f"p{self.n}", "network": "forum", "text": text, "author": f"a{self.n}",
                    "published_at": NOW - timedelta(days=2) + timedelta(hours=self.n), "likes": self.n, **values,
                }
            )  # fmt: skip
        table = pa.Table.from_pylist(rows, schema=POSTS)
        door.take(table, space_id=(space or self.forum).pk, heard_at=NOW, fetch_id=None, now=NOW)


@pytest.fixture
def town(db: None) -> Town:
    return Town()


def reader(town: Town, brand: Brand) -> Client:
    user = User.objects.create_user(f"{brand.name}@example.org", "x", language="en")
    Membership.objects.create(user=user, brand=brand, role=Role.READER)
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def shows(client: Client, address: str) -> str:
    answer = client.get(address, headers={"accept-language": "en"})
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_list_shows_the_stories_of_the_window_and_opens_their_posts(town: Town) -> None:
    town.tell(LONG, "Sérélium, autre chose")
    town.tell(LONG + " merci", space=town.blog)
    client = reader(town, town.brand)
    page = shows(client, "/stories/")
    (story,) = Story.objects.all()
    assert f'href="/stories/{story.pk}/"' in page and "2 posts" in page and "2 spaces" in page
    href = re.search(r'href="(/mentions/\?[^"]*story=[^"]*)"', page)
    assert href is not None
    assert 'data-mentions="2"' in shows(client, href[1].replace("&amp;", "&"))
    assert "No story in this window" in shows(client, "/stories/?from=2001-01-01&to=2001-01-02")


def test_a_story_s_page_shows_first_post_relays_spread_and_wording_escaped(town: Town) -> None:
    town.tell(LONG)
    town.tell("Copié : " + LONG.replace("trois", "quatre"), LONG.upper(), space=town.blog)
    client = reader(town, town.brand)
    (story,) = Story.objects.all()
    page = shows(client, f"/stories/{story.pk}/")
    assert 'data-mentions="3" data-posts="3"' in page
    assert "<ins>Copié :</ins>" in page and "<del>trois</del>" in page and "<ins>quatre</ins>" in page
    assert "<b>encore" not in page and "&lt;b&gt;encore" in page
    assert "2 wordings" in page and "Main relays" in page
    assert page.index(">Forum<", page.index("Where it went")) < page.index(">Blog<", page.index("Where it went"))
    for href in re.findall(r'class="n"><a href="(/mentions/[^"]+)">(\d+)<', page):
        assert f'data-mentions="{href[1]}"' in shows(client, href[0].replace("&amp;", "&"))
    detail = shows(client, f"/mentions/{Mention.objects.order_by('pk')[1].pk}/")
    assert f'href="/stories/{story.pk}/"' in detail and "nearly the same words" in detail


def test_nothing_of_another_brand_shows_not_even_a_number(town: Town) -> None:
    town.tell(OTHER + " Sérélium aussi", OTHER)
    (story,) = Story.objects.all()
    ours, theirs = reader(town, town.brand), reader(town, town.other)
    assert "2 posts" in shows(theirs, f"/stories/{story.pk}/")
    # One post of it is ours: to us it is no story.
    assert ours.get(f"/stories/{story.pk}/").status_code == 404
    assert "No story in this window" in shows(ours, "/stories/")
    mention = Mention.objects.get(watch__brand=town.brand)
    assert "/stories/" not in re.sub(r"<nav.*?</nav>", "", shows(ours, f"/mentions/{mention.pk}/"), flags=re.S)
    town.tell(OTHER + " Sérélium encore")
    assert 'data-mentions="2" data-posts="2"' in shows(ours, f"/stories/{story.pk}/")
    assert 'data-mentions="3" data-posts="3"' in shows(theirs, f"/stories/{story.pk}/")


def test_what_people_marked_and_what_lapsed_count_no_more(town: Town) -> None:
    town.tell(LONG, LONG, LONG)
    (story,) = Story.objects.all()
    client = reader(town, town.brand)
    first = Mention.objects.order_by("pk")[0]
    judging.mark(first.pk, Mark.NOT_ABOUT_US, on=True, asker=COMMAND, now=NOW)
    assert 'data-mentions="2"' in shows(client, f"/stories/{story.pk}/")
    assert PostStory.objects.count() == 3


def test_a_story_that_was_merged_leads_to_the_one_that_stays(town: Town) -> None:
    town.tell(LONG, LONG)
    town.tell(
        "Sérélium revient dans les pharmacies du quartier dès lundi prochain, dit le grossiste ce matin", repost_of="zz"
    )
    town.tell("Sérélium revient dans les pharmacies du quartier dès lundi prochain, dit le grossiste ce matin")
    older, younger = Story.objects.order_by("pk")
    town.tell(LONG, repost_of="zz")
    client = reader(town, town.brand)
    answer = client.get(f"/stories/{younger.pk}/")
    assert (answer.status_code, answer["location"]) == (302, f"/stories/{older.pk}/")
    assert client.get("/stories/999999/").status_code == 404


def test_orders_and_pages_by_key(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from vigie.server.queries import stories as asked

    monkeypatch.setattr(asked.page, "__kwdefaults__", {"after": None, "limit": 1})
    town.tell(LONG, LONG, LONG)
    late = "Sérélium revient dans les pharmacies du quartier dès lundi prochain, dit le grossiste ce matin"
    town.tell(late, late)
    large, small = Story.objects.order_by("pk")
    client = reader(town, town.brand)
    page = shows(client, "/stories/")
    assert f"/stories/{small.pk}/" in page and f"/stories/{large.pk}/" not in page
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    assert f"/stories/{large.pk}/" in shows(client, following[1].replace("&amp;", "&"))
    assert f"/stories/{large.pk}/" in shows(client, "/stories/?order=seen")
    assert client.get("/stories/?after=x").status_code == 400


@pytest.mark.parametrize("address", ["/stories/", "STORY", "MENTION"])
def test_a_page_takes_a_fixed_number_of_statements(town: Town, address: str) -> None:
    client = reader(town, town.brand)
    town.tell(LONG, LONG)
    counts: list[int] = []
    more: tuple[Callable[[], None], ...] = (
        lambda: None,
        lambda: [town.tell(LONG + f" {n}", space=town.blog) for n in range(3)],
    )  # type: ignore[assignment, return-value]
    for tell in more:
        tell()
        named = {
            "STORY": f"/stories/{Story.objects.get().pk}/",
            "MENTION": f"/mentions/{Mention.objects.order_by('pk')[0].pk}/",
        }
        target = named.get(address, address)
        shows(client, target)
        with CaptureQueriesContext(connection) as queries:
            shows(client, target)
        counts.append(len(queries))
    assert counts[0] == counts[1]
