"""Every model can be made, and each constraint refuses what it is there for."""

from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from support.factories import NOW, make

from vigie.server.models import (
    AuditEvent,
    Brand,
    Heard,
    Label,
    ListEntry,
    Membership,
    Mention,
    NamedList,
    Post,
    PostSpace,
    PostVersion,
    Space,
    User,
    Watch,
    WatchVersion,
    Work,
)

pytestmark = pytest.mark.django_db

MODELS = list(apps.get_app_config("vigie").get_models())


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_model_is_made_and_says_what_it_is(model: type[models.Model]) -> None:
    made = make(model)
    assert made.pk and str(made)


def refused(act: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


def test_safety_officer_sees_all_brands() -> None:
    refused(lambda: make(Membership, brand=make(Brand), role="safety_officer"))
    make(Membership, brand=None, role="safety_officer")


def test_one_role_per_user_and_brand_and_one_over_all() -> None:
    user, brand = make(User), make(Brand)
    make(Membership, user=user, brand=brand)
    refused(lambda: make(Membership, user=user, brand=brand))
    make(Membership, user=user, brand=None)
    refused(lambda: make(Membership, user=user, brand=None))


def test_owned_space_has_a_brand() -> None:
    refused(lambda: make(Space, ownership="owned", brand=None))


def test_field_watch_has_no_subject_and_its_past_is_not_ahead() -> None:
    refused(lambda: make(Watch, purpose="field", subject=make(Brand)))
    refused(lambda: make(Watch, version=1, matched_version=2))


def test_list_entry_is_a_site_or_an_author_and_stands_once() -> None:
    entry = make(ListEntry)
    refused(lambda: make(ListEntry, list=entry.list, site=entry.site))
    refused(lambda: make(ListEntry, site="", author_key=None))
    refused(lambda: make(ListEntry, site="a.fr", author_key=b"1" * 16))
    author = make(ListEntry, site="", author_key=b"2" * 16)
    refused(lambda: make(ListEntry, list=author.list, site="", author_key=b"2" * 16))
    refused(lambda: make(NamedList, name=entry.list.name))


def test_post_is_heard_once_and_mentioned_once_per_watch() -> None:
    heard = make(Heard)
    refused(lambda: make(Heard, key=heard.key))
    mention = make(Mention)
    refused(lambda: make(Mention, watch=mention.watch, post=mention.post))


def test_one_label_is_chosen_of_each_kind() -> None:
    label = make(Label)
    refused(lambda: make(Label, post=label.post))
    make(Label, post=label.post, chosen=False)


@pytest.mark.parametrize("model", [PostVersion, PostSpace, WatchVersion])
def test_same_version_or_space_stands_once(model: type[models.Model]) -> None:
    made = make(model)
    names = {PostVersion: ("post", "version"), PostSpace: ("post", "space"), WatchVersion: ("watch", "version")}[model]
    refused(lambda: make(model, **{name: getattr(made, name) for name in names}))


def test_one_open_work_per_key_and_any_number_of_done_ones() -> None:
    make(Work, key="k", state="waiting")
    refused(lambda: make(Work, key="k", state="running"))
    make(Work, key="k", state="done")
    make(Work, key="k", state="done")


def test_erasing_a_post_takes_all_that_hangs_on_it_and_leaves_the_audit() -> None:
    mention = make(Mention)
    make(Label, post=mention.post)
    make(AuditEvent, at=NOW, target=f"mention:{mention.pk}")
    Heard.objects.filter(pk=mention.post_id).delete()
    assert (Post.objects.count(), Mention.objects.count(), Label.objects.count()) == (0, 0, 0)
    assert AuditEvent.objects.count() == 1
