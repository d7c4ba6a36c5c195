"""Labelling blind, by keyboard, without JavaScript; deciding; taking along; and the figures that follow."""

import html
import re
from collections.abc import Callable
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
from vigie.server import clock
from vigie.server.models import Annotation, AnnotationItem, AnnotationSet, Brand, Label, Membership, Mention, User
from vigie.server.permissions import COMMAND
from vigie.server.queries import accuracy
from vigie.server.services import door, spaces, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

pytestmark = pytest.mark.usefixtures("quick_passwords")
NOW = datetime.now(UTC)


@pytest.fixture
def brand(db: None) -> Brand:
    """Eight French posts of a brand."""
    brand = Brand.objects.create(name="Vaubrun", is_ours=True)
    space = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    watches.add(WatchDraft("Sérélium", brand.pk, "product", brand.pk, "serelium"), asker=COMMAND, now=NOW)
    rows = [
        {"origin": "f.example", "native_id": str(n), "network": "forum", "text": f"Sérélium : =merci <b>beaucoup</b> pour le message {n}", "published_at": NOW}
        for n in range(8)
    ]  # fmt: skip
    door.take(pa.Table.from_pylist(rows, schema=POSTS), space_id=space.pk, heard_at=NOW, fetch_id=None, now=NOW)
    return brand


Log = Callable[[str, Role], Client]


@pytest.fixture
def log_in(brand: Brand) -> Log:
    """Return a function that logs a new person in."""

    def log(name: str, role: Role) -> Client:
        user = User.objects.create_user(f"{name}@example.org", "x", language="en")
        Membership.objects.create(user=user, brand=None if role is Role.ADMINISTRATOR else brand, role=role)
        client = Client(headers={"accept-language": "en"})
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return log


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return html.unescape(answer.content.decode())


def main_of(page: str) -> str:
    return page.partition('id="content"')[2].partition("</main>")[0]


def drawn(client: Client, brand: Brand, **values: Any) -> AnnotationSet:
    today = clock.today(clock.now()).isoformat()
    form = {
        "name": "octobre", "kind": "tone", "language": "fr", "brand": brand.pk, "how": "random", "first": today, "last": today,
        "posts": 8, "seed": 5,
    }  # fmt: skip
    answer = client.post(reverse("annotation-add"), form | values)
    assert answer.status_code == 302, text_of(answer)
    return AnnotationSet.objects.latest("pk")


def label(client: Client, one: AnnotationSet, *values: str) -> str:
    """Label the next post, as a person does it, and return the page that follows."""
    page = text_of(client.get(reverse("annotation-label", args=[one.pk])))
    action = re.search(r'action="(/annotation/items/\d+/say/)"', page)
    assert action
    return text_of(client.post(action[1], {"value": list(values)}, follow=True))


def test_two_label_a_third_decides_and_all_is_told(log_in: Log, brand: Brand) -> None:
    chief = log_in("chief", Role.ADMINISTRATOR)
    one = drawn(chief, brand)
    anne, ben = log_in("anne", Role.COMMUNITY_MANAGER), log_in("ben", Role.COMMUNITY_MANAGER)
    label(anne, one, "positive")
    label(ben, one, "positive")
    label(anne, one, "positive")
    label(ben, one, "neutral")
    page = text_of(chief.get(reverse("annotation-detail", args=[one.pk])))
    assert "Not measured: 1 of 200 posts are settled." in page and "seed: 5" in page
    page = text_of(chief.get(reverse("annotation-settle", args=[one.pk])))
    assert "One says" in page and "positive" in page and "neutral" in page and "anne" not in page
    action = re.search(r'action="(/annotation/items/\d+/settle/)"', page)
    assert action
    told = text_of(chief.post(action[1], {"value": "neutral"}, follow=True))
    assert "is decided" in told
    assert AnnotationItem.objects.filter(settled_at__isnull=False).count() == 2
    undo = re.search(r'action="(/annotation/items/\d+/settle/\?back=1)"', told)
    assert undo
    chief.post(undo[1])
    assert AnnotationItem.objects.filter(settled_at__isnull=False).count() == 1


def test_nobody_sees_what_the_model_or_another_said(log_in: Log, brand: Brand) -> None:
    one = drawn(log_in("chief", Role.ADMINISTRATOR), brand)
    anne, ben = log_in("anne", Role.COMMUNITY_MANAGER), log_in("ben", Role.COMMUNITY_MANAGER)
    Label.objects.filter(kind="tone").update(value="negative")
    before = main_of(text_of(ben.get(reverse("annotation-label", args=[one.pk]))))
    label(anne, one, "positive")
    after = main_of(text_of(ben.get(reverse("annotation-label", args=[one.pk]))))
    strip = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
    assert strip.sub("", before) == strip.sub("", after)
    assert before.count("negative") == 2 and 'aria-pressed="true"' not in before  # the choice itself alone


def test_choices_have_keys_and_the_text_is_escaped(log_in: Log, brand: Brand) -> None:
    chief = log_in("chief", Role.ADMINISTRATOR)
    one = drawn(chief, brand)
    raw = chief.get(reverse("annotation-label", args=[one.pk])).content.decode()
    assert all(f'data-key="{key}"' in raw for key in "123n")
    assert "<b>beaucoup" not in raw and "&lt;b&gt;beaucoup" in raw


def test_message_takes_one_s_label_back_and_shows_the_post_again(log_in: Log, brand: Brand) -> None:
    one = drawn(log_in("chief", Role.ADMINISTRATOR), brand)
    anne = log_in("anne", Role.COMMUNITY_MANAGER)
    told = label(anne, one, "positive")
    undo = re.search(r'action="(/annotation/items/\d+/withdraw/)"', told)
    assert undo
    page = text_of(anne.post(undo[1], follow=True))
    assert not Annotation.objects.exists() and "Post 1" in page


@pytest.mark.parametrize(
    ("kind", "values", "kept"),
    [("who", {"value": ["patient"]}, ["patient"]), ("who", {}, []), ("drug", {"written": "Doliprane, dafalgan\n"}, ["dafalgan", "doliprane"])],
)  # fmt: skip
def test_findings_are_labelled_with_any_number_of_values(
    log_in: Log, brand: Brand, kind: str, values: dict[str, Any], kept: list[str]
) -> None:
    chief = log_in("chief", Role.ADMINISTRATOR)
    one = drawn(chief, brand, kind=kind)
    page = text_of(chief.get(reverse("annotation-label", args=[one.pk])))
    action = re.search(r'action="(/annotation/items/\d+/say/)"', page)
    chief.post(action[1], values)  # type: ignore[index]
    assert Annotation.objects.get().values == kept


def test_all_languages_can_be_said(log_in: Log, brand: Brand) -> None:
    chief = log_in("chief", Role.ADMINISTRATOR)
    one = drawn(chief, brand, kind="language")
    page = text_of(chief.get(reverse("annotation-label", args=[one.pk])))
    assert one.language == "" and 'value="und"' in page and '<option value="sv">' in page


def test_set_is_taken_along_with_what_the_model_says(log_in: Log, brand: Brand) -> None:
    chief = log_in("chief", Role.ADMINISTRATOR)
    one = drawn(chief, brand)
    label(log_in("anne", Role.COMMUNITY_MANAGER), one, "positive")
    label(log_in("ben", Role.COMMUNITY_MANAGER), one, "positive")
    body = chief.get(reverse("annotation-csv", args=[one.pk])).content.decode("utf-8-sig").splitlines()
    assert body[0] == "place,post,url,title,text,label_1,label_2,settled,how,model_says,model"
    assert len(body) == 9 and ",positive,positive,positive,agreed," in body[1] and "tone-grams 1" in body[1]
    assert log_in("cleo", Role.COMMUNITY_MANAGER).get(reverse("annotation-csv", args=[one.pk])).status_code == 403


def test_set_closes_with_undo(log_in: Log, brand: Brand) -> None:
    chief = log_in("chief", Role.ADMINISTRATOR)
    one = drawn(chief, brand)
    told = text_of(chief.post(reverse("annotation-close", args=[one.pk]), follow=True))
    assert reverse("annotation-reopen", args=[one.pk]) in told
    assert "Nothing is left for you here" in text_of(chief.get(reverse("annotation-label", args=[one.pk])))


def test_post_is_put_into_a_set_from_its_page(log_in: Log, brand: Brand) -> None:
    chief = log_in("chief", Role.ADMINISTRATOR)
    one = drawn(chief, brand, how="hand")
    mention = Mention.objects.all()[0]
    assert "octobre" in text_of(chief.get(reverse("mentions-why", args=[mention.pk])))
    told = text_of(chief.post(reverse("annotation-put", args=[mention.pk]), {"set": one.pk}, follow=True))
    assert "Put into “octobre”" in told and one.items.count() == 1
    assert "chosen by hand" in text_of(chief.get(reverse("annotation-detail", args=[one.pk])))


def test_form_says_why_nothing_was_drawn(log_in: Log, brand: Brand) -> None:
    chief = log_in("chief", Role.ADMINISTRATOR)
    form = {
        "name": "x",
        "kind": "tone",
        "language": "en",
        "brand": brand.pk,
        "how": "random",
        "first": "2001-01-01",
        "last": "2001-01-02",
        "posts": 8,
    }
    assert "No post of this language" in text_of(chief.post(reverse("annotation-add"), form))
    assert "This kind is not labelled" in text_of(chief.post(reverse("annotation-add"), form | {"language": "de"}))


@pytest.fixture
def measured(log_in: Log, brand: Brand, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Eight settled posts are enough here, and the model is right on six."""
    monkeypatch.setattr(accuracy, "ENOUGH", 8)
    chief = log_in("chief", Role.ADMINISTRATOR)
    one = drawn(chief, brand)
    one.items.update(settled=["positive"], settled_at=NOW)
    Label.objects.filter(kind="tone").update(value="positive")
    Label.objects.filter(kind="tone", post__in=one.items.values("post")[:2]).update(value="neutral")
    return chief


def test_own_figure_stands_beside_the_chart_instead_of_the_tweets(measured: Client) -> None:
    page = text_of(measured.get(reverse("dashboard")))
    assert "on our own posts, numbering 8" in page and "in English on tweets" not in page
    assert "English, macro-F1 0.66 on public tweets" in page
    AnnotationItem.objects.filter(place__gt=4).delete()
    assert "on tweets" in text_of(measured.get(reverse("dashboard")))


def test_page_of_methods_shows_every_label_with_its_card_and_its_own_figure(measured: Client) -> None:
    page = text_of(measured.get(reverse("methods")))
    assert 'id="tone-grams"' in page and 'id="language-grams"' in page and 'id="tone-lexicon"' in page
    tone = page.partition('id="label-tone"')[2].partition("</section>")[0]
    assert "75.0% (40.9% – 92.9%)" in tone and "Macro-F1" in tone
    language = page.partition('id="label-language"')[2].partition("</section>")[0]
    assert "Not measured: nobody has labelled posts of yours." in language


def test_statements_of_the_list_are_the_same_for_one_set_and_for_three(log_in: Log, brand: Brand) -> None:
    chief = log_in("chief", Role.ADMINISTRATOR)
    drawn(chief, brand)
    counts = []
    for names in (["b"], ["c", "d"]):
        for name in names:
            drawn(chief, brand, name=name)
        chief.get(reverse("annotation"))
        with CaptureQueriesContext(connection) as seen:
            chief.get(reverse("annotation"))
        counts.append(len(seen))
    assert counts[0] == counts[1]
