"""What was seen is kept at first sight, sealed, checked, rotated and erased; its media come through the guard."""

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from vigie.collect.source import Counts, Response
from vigie.errors import ConfigError, DecisionError, FatalError, RetryableError
from vigie.schema.vocab import Role
from vigie.server import vault
from vigie.server.models import AuditEvent, Evidence, EvidenceMedia, Mention, Post, Receipt
from vigie.server.permissions import COMMAND, asker_of
from vigie.server.queries import evidence as reading
from vigie.server.services import erasing, evidencing, picturing, recounting, work
from vigie.server.worker.loop import Job

from .conftest import NOW, House, Runner, post

SEEN = {
    "author": "zoe@forum.example", "author_name": "Zoé", "title": "Titre", "url": "https://forum.example/1",
    "media": ["https://cdn.example/a.jpg", "javascript:alert(1)", "https://cdn.example/a.jpg", "https://cdn.example/b.svg"],
}  # fmt: skip


def content(evidence: Evidence) -> dict[str, Any]:
    return json.loads(vault.unseal(bytes(evidence.payload)))


def picture(**options: Any) -> bytes:
    sink = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secretplace"
    Image.new("RGB", (800, 400), "teal").save(sink, "JPEG", exif=exif, **options)
    return sink.getvalue()


class Web:
    """Answers each address with a body, or fails as told."""

    def __init__(self, answers: Mapping[str, bytes | Exception]) -> None:
        self.answers, self.asked = answers, list[str]()

    def __call__(self, url: str, **options: object) -> Response:
        self.asked.append(url)
        answer = self.answers.get(url, b"<html>")
        if isinstance(answer, Exception):
            raise answer
        return Response(url, 200, {"content-type": "image/png"}, answer)


def fetch_media(web: Web) -> Any:
    import threading

    work.enqueue("evidence", "evidence")
    (claimed,) = [c for c in work.claim(holder="t", limit=20) if c.kind == "evidence"]
    outcome = picturing.run(Job(claimed, threading.Event()), fetch=web, now=NOW)
    work.finish(claimed, work.Outcome())
    return outcome


def test_post_in_a_space_of_ours_is_kept_at_first_sight_as_seen(house: House) -> None:
    house.take(post("1", "Un mot", **SEEN), space=house.blog)
    house.take(post("2", "Sérélium ailleurs", **SEEN))
    kept = Evidence.objects.get()
    assert (kept.reason, kept.version, kept.taken_at, kept.kept_at) == ("owned", 1, NOW, NOW)
    found = content(kept)
    assert found["author"]["handle"] == "zoe@forum.example" and found["text"] == "Un mot"
    assert (found["space"], found["origin"], found["native_id"]) == ("notre-blog", "forum.example", "1")
    sealed = vault.unseal(bytes(kept.payload))
    assert kept.sha256 == hashlib.sha256(sealed).hexdigest()
    assert sealed == json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert b"zoe" not in bytes(kept.payload)
    assert list(EvidenceMedia.objects.order_by("pk").values_list("url", flat=True)) == [
        SEEN["media"][0],
        SEEN["media"][3],
    ]
    assert AuditEvent.objects.get(action="evidence.keep").after == {"count": 1}


def test_edit_is_kept_beside_the_first_version_and_a_repeat_is_none(house: House) -> None:
    for text in ("Un mot", "Un mot", "Un autre"):
        house.take(post("1", text, **SEEN), space=house.blog)
    assert [(e.version, content(e)["text"]) for e in Evidence.objects.order_by("version")] == [
        (1, "Un mot"),
        (2, "Un autre"),
    ]
    assert [s.text for s in reading.of_post(Post.objects.get())] == ["Un mot", "Un autre"]


def test_post_met_in_a_space_of_ours_after_another_is_kept_then(house: House) -> None:
    house.take(post("1", "Sérélium", **SEEN))
    assert not Evidence.objects.exists()
    house.take(post("1", "Sérélium", **SEEN), space=house.blog)
    assert Evidence.objects.get().version == 1


def test_statements_of_the_door_do_not_grow_with_the_evidence(house: House) -> None:
    counts = []
    house.take(post("0", "Un mot"), space=house.blog)
    for n in (1, 3):
        rows = [post(f"{n}.{i}", "Un mot", media=["https://cdn.example/a.jpg"]) for i in range(n)]
        with CaptureQueriesContext(connection) as asked:
            house.take(*rows, space=house.blog)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_person_keeps_a_mention_once_and_the_audit_says_who(house: House) -> None:
    house.take(post("1", "Sérélium", **SEEN))
    mention = Mention.objects.get()
    first = evidencing.keep(mention.pk, asker=COMMAND, now=NOW)
    again = evidencing.keep(mention.pk, asker=COMMAND, now=NOW)
    assert (first.pk, first.reason, content(first)["author"]["handle"]) == (again.pk, "flagged", "zoe@forum.example")
    assert AuditEvent.objects.filter(action="evidence.keep").count() == 1
    stranger = asker_of(99, [(house.other.pk, Role.SAFETY_OFFICER)])
    with pytest.raises(DecisionError):
        evidencing.keep(mention.pk, asker=stranger, now=NOW)
    with pytest.raises(DecisionError):
        evidencing.document(first.pk, mention, asker=stranger, now=NOW)
    assert b"zoe@forum.example" in evidencing.document(first.pk, mention, asker=COMMAND, now=NOW)
    assert AuditEvent.objects.get(action="evidence.read").target == f"evidence:{first.pk}"


def test_media_are_what_their_bytes_say_and_our_picture_says_nothing_else(house: House) -> None:
    house.take(post("1", "Un mot", **SEEN), space=house.blog)
    assert picturing.due()
    web = Web({SEEN["media"][0]: picture(), SEEN["media"][3]: b"<svg onload='alert(1)'>"})
    assert fetch_media(web).again_in_s is None and not picturing.due()
    jpeg, svg = EvidenceMedia.objects.order_by("pk")
    assert (jpeg.media_type, jpeg.sha256) == ("image/jpeg", hashlib.sha256(picture()).hexdigest())
    assert vault.unseal(bytes(jpeg.body)) == picture() and b"secretplace" in picture()
    small = reading.thumbnail(jpeg.pk, Post.objects.get())
    shown = Image.open(io.BytesIO(small or b""))
    assert (shown.format, shown.size, dict(shown.getexif())) == ("WEBP", (320, 160), {}) and b"secretplace" not in (
        small or b""
    )
    assert (svg.code, svg.body, svg.fetched_at) == ("media.unknown", None, NOW)


def test_medium_that_is_away_is_tried_again_and_told_in_the_end(house: House) -> None:
    house.take(post("1", "Un mot", media=["https://cdn.example/a.jpg", "https://cdn.example/b.jpg"]), space=house.blog)
    away = RetryableError("later", code="net.server_error", facts={"host": "cdn.example", "status": 503})
    web = Web({"https://cdn.example/a.jpg": away, "https://cdn.example/b.jpg": FatalError("gone", code="net.gone")})
    assert fetch_media(web).again_in_s == picturing.AGAIN_S
    first, second = EvidenceMedia.objects.order_by("pk")
    assert (first.code, first.fetched_at, second.code, second.fetched_at) == ("net.server_error", None, "net.gone", NOW)
    fetch_media(web)
    assert web.asked.count("https://cdn.example/a.jpg") == 1
    for _ in range(picturing.TRIES - 1):
        row = EvidenceMedia.objects.get(pk=first.pk)
        EvidenceMedia.objects.filter(pk=first.pk).update(facts=row.facts | {"again_at": ""})
        fetch_media(web)
    assert EvidenceMedia.objects.get(pk=first.pk).fetched_at == NOW


def test_check_finds_what_was_changed_and_what_no_key_reads(house: House) -> None:
    house.take(post("1", "Un mot", **SEEN), post("2", "Un autre"), space=house.blog)
    fetch_media(Web({SEEN["media"][0]: picture()}))
    assert evidencing.verify() == evidencing.Verified(2, 1, ())
    one, two = Evidence.objects.order_by("pk")
    Evidence.objects.filter(pk=one.pk).update(payload=vault.seal(b"{}"))
    Evidence.objects.filter(pk=two.pk).update(payload=b"garbage")
    medium = EvidenceMedia.objects.exclude(body=None).get()
    EvidenceMedia.objects.filter(pk=medium.pk).update(body=vault.seal(b"other"))
    wrong = (f"evidence:{one.pk}", f"evidence:{two.pk}", f"medium:{medium.pk}")
    assert evidencing.verify().mismatched == wrong
    assert not evidencing.agrees(Evidence.objects.get(pk=one.pk))


@pytest.fixture
def keys(settings: Any) -> Any:
    from dataclasses import replace

    def use(*values: str) -> None:
        settings.VIGIE = replace(settings.VIGIE, secrets_keys=values)
        vault.forget()

    yield use
    vault.forget()


def test_rotation_goes_on_where_it_was_cut(house: House, keys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    keys(old)
    house.take(*(post(str(n), "Un mot", **SEEN) for n in range(3)), space=house.blog)
    fetch_media(Web({SEEN["media"][0]: picture()}))
    keys(new, old)
    real, calls = vault.resealed, []

    def dying(value: bytes) -> bytes:
        calls.append(1)
        if len(calls) == 3:
            raise ConfigError("cut", code="cut")
        return real(value)

    monkeypatch.setattr(vault, "resealed", dying)
    with pytest.raises(ConfigError):
        evidencing.rotate(asker=COMMAND, now=NOW)
    monkeypatch.setattr(vault, "resealed", real)
    media = EvidenceMedia.objects.exclude(body=None).count()
    assert evidencing.rotate(asker=COMMAND, now=NOW) == 1 + media
    assert evidencing.rotate(asker=COMMAND, now=NOW) == 0
    keys(new)
    assert evidencing.verify() == evidencing.Verified(3, media, ())


def test_erasure_removes_evidence_and_leaves_a_receipt(house: House, run_work: Runner) -> None:
    house.take(post("1", "Un mot", **SEEN), post("2", "Un autre", author="bob"), space=house.blog)
    erasing.demand(
        "author", erasing.target_of(Mention.objects.get(post__native_id="1").pk, "author"), asker=COMMAND, now=NOW
    )
    run_work()
    assert Receipt.objects.order_by("pk").values_list("step", "removed").first() == ("evidence", 1)
    assert [content(e)["native_id"] for e in Evidence.objects.all()] == ["2"]


def test_post_that_its_source_says_is_gone_is_marked_and_so_is_its_return(house: House) -> None:
    house.take(post("1", "Un mot", **SEEN), space=house.blog)
    found = list(Post.objects.select_related("space"))
    before = Mention.objects.get().revision
    assert recounting.write(found, {"1": Counts(gone=True)}, now=NOW) == 1
    assert Post.objects.get().deleted_at == NOW and Mention.objects.get().revision > before
    assert recounting.write(list(Post.objects.all()), {"1": Counts(gone=True)}, now=NOW) == 0
    assert recounting.write(list(Post.objects.all()), {"1": Counts()}, now=NOW) == 0
    assert recounting.write(list(Post.objects.all()), {"1": Counts(likes=1)}, now=NOW) >= 1
    assert Post.objects.get().deleted_at is None
    assert set(AuditEvent.objects.filter(action__in=["posts.gone", "posts.back"]).values_list("action", flat=True)) == {
        "posts.gone",
        "posts.back",
    }
    assert Evidence.objects.count() == 1
