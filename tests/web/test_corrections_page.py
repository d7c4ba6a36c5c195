"""Why, and what people say instead: without JavaScript, by one key, seen at once, undone from the message."""

import html
import io
import re
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from vigie.enrich import tone_grams
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server import engine
from vigie.server.models import (
    Brand,
    Correction,
    Finding,
    Label,
    Labeller,
    Membership,
    Mention,
    Post,
    TrainedModel,
    User,
)
from vigie.server.permissions import COMMAND
from vigie.server.services import door, finding, spaces, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

pytestmark = pytest.mark.usefixtures("quick_passwords")
NOW = datetime.now(UTC)
TEXT = "Sérélium : c’est vraiment honteux, quelle bande d’incapables, j’ai la tête qui tourne <b>fort</b> 😡"


@pytest.fixture(autouse=True)
def no_finders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find nothing but what a test says was found."""
    monkeypatch.setattr(engine, "FINDERS", ())
    engine.forget()


@pytest.fixture
def mention(client: Client, db: None) -> Mention:
    """One mention, and a community manager logged in."""
    brand = Brand.objects.create(name="Vaubrun", is_ours=True)
    space = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    watches.add(WatchDraft("Sérélium", brand.pk, "product", brand.pk, "serelium"), asker=COMMAND, now=NOW)
    row = {"origin": "f.example", "native_id": "1", "network": "forum", "text": TEXT, "published_at": NOW}
    door.take(pa.Table.from_pylist([row], schema=POSTS), space_id=space.pk, heard_at=NOW, fetch_id=None, now=NOW)
    user = User.objects.create_user("cm@example.org", "x", language="en")
    Membership.objects.create(user=user, brand=brand, role=Role.COMMUNITY_MANAGER)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return Mention.objects.get()


def found(mention: Mention, value: str, start: int, end: int, **flags: Any) -> None:
    labeller, _ = Labeller.objects.get_or_create(kind="reaction", name="lay-reactions", version="1")
    Finding.objects.create(
        post=mention.post, kind="reaction", value=value, name="qui tourne", starts=start, ends=end, score=0.9,
        source="lay list 2026-11", labeller=labeller, **flags,
    )  # fmt: skip
    finding.refresh([mention.post_id])


def why(client: Client, mention: Mention) -> str:
    answer = client.get(reverse("mentions-why", args=[mention.pk]), headers={"accept-language": "en"})
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def tones(client: Client, tone: str) -> int:
    page = client.get(reverse("mentions"), {"tone": tone}).content.decode()
    return int(page.partition('data-mentions="')[2].partition('"')[0])


def test_page_shows_pieces_with_weights_and_the_model(client: Client, mention: Mention) -> None:
    page = why(client, mention)
    weights = re.findall(r'<td class="n">([+−]?\d+[.,]\d\d)</td>', page)
    assert len(weights) > 10
    assert "tone-grams 1" in page and "language-grams 1" in page and "/methods/#tone-grams" in page
    assert "honteux" in page and "vader-fr" in page


def test_weights_shown_add_up_to_the_score_shown(client: Client, mention: Mention) -> None:
    page = why(client, mention)
    table = page.partition('id="why-tone"')[2].partition("</table>")[0]
    numbers = [
        float(n.replace("−", "-").replace(",", ".").replace("+", ""))
        for n in re.findall(r"[+−]?\d+[.,]\d\d(?=<)", table)
    ]
    *parts, total = numbers
    assert sum(parts) == pytest.approx(total, abs=0.1)


def test_finding_shows_its_place_its_entry_and_its_source(client: Client, mention: Mention) -> None:
    start = TEXT.index("tête")
    found(mention, "vertige", start, start + len("tête qui tourne"))
    page = why(client, mention)
    assert page.count("<mark>tête qui tourne</mark>") == 2
    assert "qui tourne ·" in page.replace("\n", " ") or "· qui tourne" in page
    assert "lay list 2026-11" in page and "lay-reactions 1" in page


def test_text_of_the_web_is_escaped(client: Client, mention: Mention) -> None:
    found(mention, "<i>x</i>", 0, 8)
    raw = client.get(reverse("mentions-why", args=[mention.pk])).content.decode()
    assert "<b>fort" not in raw and "<i>x" not in raw


def test_tone_is_corrected_by_one_press_seen_at_once_and_undone(client: Client, mention: Mention) -> None:
    before = Label.objects.get(kind="tone", chosen=True).value
    assert before == "negative" and tones(client, "positive") == 0
    address = reverse("mentions-correct", args=[mention.pk])
    told = client.post(address, {"kind": "tone", "value": "positive", "next": reverse("mentions")}, follow=True)
    assert tones(client, "positive") == 1
    page = html.unescape(told.content.decode())
    undo = re.search(r'action="([^"]*correct/\?[^"]*)"', page)
    assert undo
    client.post(undo[1])
    assert tones(client, "positive") == 0 and not Correction.objects.exists()


def test_undo_brings_the_correction_before_back(client: Client, mention: Mention) -> None:
    address = reverse("mentions-correct", args=[mention.pk])
    client.post(address, {"value": "neutral"})
    told = client.post(address, {"value": "positive"}, follow=True)
    undo = re.findall(r'action="([^"]*correct/\?[^"]*)"', html.unescape(told.content.decode()))
    client.post(undo[-1])
    assert Correction.objects.get().value == "neutral"


def test_page_says_what_the_model_had_told(client: Client, mention: Mention) -> None:
    client.post(reverse("mentions-correct", args=[mention.pk]), {"value": "positive"})
    page = why(client, mention)
    assert "A person said so; the model had told: negative" in page


def test_language_is_corrected(client: Client, mention: Mention) -> None:
    client.post(reverse("mentions-correct", args=[mention.pk]), {"kind": "language", "value": "es"})
    assert Correction.objects.get().value == "es"
    assert client.post(reverse("mentions-correct", args=[mention.pk]), {"kind": "x", "value": "es"}).status_code == 404
    assert client.post(reverse("mentions-correct", args=[mention.pk]), {"value": "es"}).status_code == 400


def test_finding_is_taken_away_added_and_undone(client: Client, mention: Mention) -> None:
    found(mention, "vertige", 0, 8)
    address = reverse("mentions-correct-finding", args=[mention.pk])
    told = client.post(address, {"kind": "reaction", "value": "vertige", "holds": "no"}, follow=True)
    mention.refresh_from_db()
    assert mention.found == ""
    undo = re.search(r'action="([^"]*correct-finding/\?[^"]*)"', html.unescape(told.content.decode()))
    client.post(undo[1])  # type: ignore[index]
    mention.refresh_from_db()
    assert mention.found is None
    client.post(address, {"kind": "who", "value": "patient", "holds": "yes"})
    mention.refresh_from_db()
    assert mention.found == '{"reaction":["vertige"],"who":["patient"]}'
    assert client.post(address, {"kind": "who", "value": "king", "holds": "yes"}).status_code == 400
    assert client.post(address, {"kind": "who", "value": "patient", "holds": "maybe"}).status_code == 404


def test_list_and_detail_offer_the_keys(client: Client, mention: Mention) -> None:
    page = client.get(reverse("mentions")).content.decode()
    assert f'id="m{mention.pk}" data-correct="{reverse("mentions-correct", args=[mention.pk])}"' in page
    detail = client.get(reverse("mentions-detail", args=[mention.pk])).content.decode()
    assert all(f'data-key="{key}"' in detail for key in "123w")


def test_reader_sees_why_and_no_button(client: Client, mention: Mention) -> None:
    Membership.objects.update(role=Role.READER)
    page = why(client, mention)
    assert "why-tone" in page and "data-key=" not in page.partition('id="content"')[2].partition("</main>")[0]
    assert client.post(reverse("mentions-correct", args=[mention.pk]), {"value": "neutral"}).status_code == 403
    assert "data-correct" not in client.get(reverse("mentions")).content.decode()


def test_corrected_tone_is_marked_in_the_list(client: Client, mention: Mention) -> None:
    assert "corrected" not in client.get(reverse("mentions")).content.decode().partition('<ol class="posts">')[2]
    client.post(reverse("mentions-correct", args=[mention.pk]), {"value": "positive"})
    client.get(reverse("mentions"))
    assert 'class="chip positive corrected"' in client.get(reverse("mentions")).content.decode()


def test_earlier_model_says_that_its_weights_are_gone(client: Client, mention: Mention) -> None:
    Label.objects.filter(kind="tone").update(
        labeller=Labeller.objects.create(kind="tone", name="tone-grams", version="0")
    )
    assert "no longer at hand" in why(client, mention)
    Post.objects.update(text="x")  # what it says now is not what it said then
    assert why(client, mention).count("no longer at hand") == 2


def test_statements_are_the_same_for_one_finding_and_for_three(client: Client, mention: Mention) -> None:
    found(mention, "a", 0, 8)
    counts = []
    for names in (["a"], ["b", "c"]):
        for name in names:
            found(mention, name, 0, 8)
        why(client, mention)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            why(client, mention)
        counts.append(len(seen))
    assert counts[0] == counts[1]


MEASURED = {
    "posts": 60,
    "before": 0.2,
    "after": 0.6,
    "macro_f1_before": 0.2,
    "macro_f1_after": 0.5,
    "interval": [0.3, 0.5],
}


def a_model(version: str, **figures: Any) -> TrainedModel:
    given = {
        "how": "from_weights",
        "corrections": MEASURED,
        "public": None,
        "verdict": "better_here",
        "others": 9,
        "others_changed": 1,
    }
    file = io.BytesIO()
    tone_grams.save(tone_grams.committed("fr"), file)
    return TrainedModel.objects.create(
        kind="tone", language="fr", version=version, weights=file.getvalue(), figures=given | figures, trained_at=NOW
    )


def test_page_of_models_says_what_was_measured_and_what_was_not(client: Client, mention: Mention) -> None:
    Membership.objects.update(role=Role.ADMINISTRATOR, brand=None)
    a_model("1.1")
    a_model("1.2", how="tweets", public=MEASURED, verdict="better")
    page = html.unescape(client.get(reverse("settings-models"), headers={"accept-language": "en"}).content.decode())
    assert "not measured" in page and "public tweets not seen" in page and "1 gets another tone" in page
    assert "20.0%" in page and "60.0%" in page and "Better: more corrections told right" in page


def test_model_is_put_in_use_and_the_message_takes_that_back(client: Client, mention: Mention) -> None:
    Membership.objects.update(role=Role.ADMINISTRATOR, brand=None)
    row = a_model("1.1")
    address = reverse("settings-models-choose", args=["fr"])
    told = html.unescape(client.post(address, {"model": row.pk}, follow=True).content.decode())
    row.refresh_from_db()
    assert row.chosen and f'action="{address}?model="' in told
    page = html.unescape(client.get(reverse("dashboard"), headers={"accept-language": "en"}).content.decode())
    assert "French, not measured" in page and "tone-grams 1+fr1.1" in page
    client.post(f"{address}?model=")
    row.refresh_from_db()
    assert not row.chosen
    assert client.post(address, {"model": "x"}).status_code == 404
    assert client.post(address, {"model": "99"}).status_code == 400
    assert client.post(reverse("settings-models-choose", args=["de"]), {"model": ""}).status_code == 404


def test_training_without_corrections_says_how_many_are_needed(client: Client, mention: Mention) -> None:
    Membership.objects.update(role=Role.ADMINISTRATOR, brand=None)
    answer = client.post(reverse("settings-models-train", args=["fr"]), headers={"accept-language": "en"})
    assert answer.status_code == 400 and "A model needs 40" in answer.content.decode()
