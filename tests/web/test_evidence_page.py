"""Evidence on the page of a mention: kept, shown, checked, never fetched by the browser from elsewhere."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from vigie.schema.tables import POSTS
from vigie.schema.vocab import Role
from vigie.server import vault
from vigie.server.models import AuditEvent, Evidence, EvidenceMedia, Membership, Mention, Post, Space, User
from vigie.server.permissions import COMMAND
from vigie.server.services import door, people, spaces
from vigie.server.services.spaces import SpaceDraft

NOW = datetime.now(UTC)


def take(space: Space, text: str, **values: Any) -> None:
    row = {
        "origin": "f.example", "native_id": "1", "network": "forum", "text": text, "published_at": NOW,
        "author": "zoe", "media": ["https://cdn.example/a.jpg"], **values,
    }  # fmt: skip
    door.take(pa.Table.from_pylist([row], schema=POSTS), space_id=space.pk, heard_at=NOW, fetch_id=None, now=NOW)


@pytest.fixture
def blog(db: None) -> Space:
    brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)
    draft = SpaceDraft("Blog", "import", "blog", ownership="owned", brand_id=brand.pk)
    return spaces.add(draft, asker=COMMAND, now=NOW)


@pytest.fixture
def mention(client: Client, blog: Space) -> Mention:
    take(blog, "Premier état")
    log_in(client, Role.COMMUNITY_MANAGER, blog, "alice")
    return Mention.objects.get()


def log_in(client: Client, role: Role, blog: Space, who: str) -> None:
    user = User.objects.create_user(f"{who}@example.org", "x", language="fr")
    Membership.objects.create(user=user, brand=blog.brand, role=role)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")


def page(client: Client, mention: Mention) -> str:
    return client.get(f"/mentions/{mention.pk}/").content.decode()


def test_what_was_seen_first_stands_beside_what_changed_and_what_is_gone(
    client: Client, mention: Mention, blog: Space
) -> None:
    assert Evidence.objects.get().sha256 in page(client, mention)
    assert "Premier état" in page(client, mention) and "blockquote" not in page(client, mention)
    take(blog, "Second état")
    changed = page(client, mention)
    assert changed.index("Second état") < changed.index("<blockquote>") < changed.index("Premier état")
    Post.objects.update(deleted_at=NOW - timedelta(hours=1))
    assert "disparu" in page(client, mention)


def test_browser_is_never_sent_elsewhere_for_a_picture(client: Client, mention: Mention) -> None:
    assert "<img" not in page(client, mention) and "cdn.example/" not in page(client, mention)
    medium = EvidenceMedia.objects.get()
    EvidenceMedia.objects.update(thumbnail=vault.seal(b"RIFF....WEBP"), media_type="image/jpeg", fetched_at=NOW)
    shown = page(client, mention)
    assert shown.count("<img") == 1 and f'src="/mentions/{mention.pk}/evidence/media/{medium.pk}.webp"' in shown
    answer = client.get(f"/mentions/{mention.pk}/evidence/media/{medium.pk}.webp")
    assert answer.content == b"RIFF....WEBP" and answer["Content-Type"] == "image/webp"
    assert (
        answer["Content-Security-Policy"].startswith("default-src 'none'")
        and answer["X-Content-Type-Options"] == "nosniff"
    )


def test_reader_sees_the_digest_and_no_name_and_keeps_nothing(client: Client, mention: Mention, blog: Space) -> None:
    log_in(client, Role.READER, blog, "bruno")
    shown = page(client, mention)
    assert (
        Evidence.objects.get().sha256 in shown
        and "zoe" not in shown
        and "/keep/" not in shown
        and "/json/" not in shown
    )


def test_sealed_text_is_given_with_the_name_and_audited(client: Client, mention: Mention) -> None:
    evidence = Evidence.objects.get()
    answer = client.post(f"/mentions/{mention.pk}/evidence/{evidence.pk}/json/")
    assert json.loads(answer.content)["author"]["handle"] == "zoe" and "attachment" in answer["Content-Disposition"]
    assert AuditEvent.objects.get(action="evidence.read").after == {"mention": mention.pk}
    assert client.post(f"/mentions/{mention.pk}/evidence/{evidence.pk + 1}/json/").status_code == 404


def test_check_says_what_it_found(client: Client, mention: Mention) -> None:
    evidence = Evidence.objects.get()
    address = f"/mentions/{mention.pk}/evidence/{evidence.pk}/check/"
    assert "Vérifié" in client.post(address, follow=True).content.decode()
    Evidence.objects.update(payload=vault.seal(b'{"title": "", "text": "x"}'))
    assert "diffère" in client.post(address, follow=True).content.decode()


def test_button_keeps_a_mention_and_says_that_it_stays(client: Client, blog: Space, mention: Mention) -> None:
    Evidence.objects.all().delete()
    assert f"/mentions/{mention.pk}/keep/" in page(client, mention)
    said = client.post(f"/mentions/{mention.pk}/keep/", follow=True).content.decode()
    assert "effacement" in said and Evidence.objects.get().reason == "flagged"
    assert f"/mentions/{mention.pk}/keep/" not in page(client, mention)


def test_evidence_without_its_key_is_said_and_breaks_no_page(client: Client, mention: Mention) -> None:
    Evidence.objects.update(payload=b"other key")
    assert "VIGIE_SECRETS_KEYS" in page(client, mention)
