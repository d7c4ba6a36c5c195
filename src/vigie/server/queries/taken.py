"""A set of labelled posts as a table to take along."""

import csv
import io

from vigie.enrich import found
from vigie.schema.vocab import LabelKind
from vigie.server.database import select_in
from vigie.server.models import Annotation, AnnotationItem, AnnotationSet, Label, PostVersion
from vigie.server.permissions import Asker
from vigie.server.queries import annotation
from vigie.server.queries.exports import cell

COLUMNS = ("place", "post", "url", "title", "text", "label_1", "label_2", "settled", "how", "model_says", "model")


def csv_of(one: AnnotationSet, who: Asker) -> bytes:
    """Return the items as CSV with a byte order mark, values parted by a bar; people are first and second, without names.

    A set holds some thousand posts at most (`services.annotating.MOST`); six statements.
    """
    items = list(annotation.readable(one, who))
    said: dict[int, list[str]] = {}
    for item, values in Annotation.objects.filter(item__set=one).order_by("pk").values_list("item_id", "values"):
        said.setdefault(item, []).append("|".join(values))
    models, old = _models(one, items), _old_texts(items)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for item in items:
        labels = [*said.get(item.pk, []), "", ""][:2]
        title, text = old.get((item.post_id, item.post_version), (item.post.title, item.post.text))
        row = (
            item.place, item.post_id, item.post.url, title, text, *labels,
            None if item.settled is None else "|".join(item.settled), _how(item), *models.get(item.post_id, ("", "")),
        )  # fmt: skip
        writer.writerow([cell(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _how(item: AnnotationItem) -> str:
    if item.settled_at is None:
        return ""
    return "agreed" if item.settled_by is None else "decided"


def _models(one: AnnotationSet, items: list[AnnotationItem]) -> dict[int, tuple[str, str]]:
    """Return what the model in use says of each post, and which it is."""
    posts = [item.post_id for item in items]
    if one.kind in list(LabelKind):
        rows = Label.objects.filter(post__in=posts, kind=one.kind, chosen=True).select_related("labeller")
        return {row.post_id: (row.value, str(row.labeller)) for row in rows}
    texts = select_in("SELECT id, found FROM vigie_post WHERE id IN ({in})", posts)
    return {int(post): ("|".join(found.read(text).get(one.kind, ())), "") for post, text in texts}


def _old_texts(items: list[AnnotationItem]) -> dict[tuple[int, int], tuple[str, str]]:
    """Return the texts that people read of posts that were edited since."""
    edited = {item.post_id for item in items if item.post.version != item.post_version}
    rows = PostVersion.objects.filter(post__in=edited).values_list("post_id", "version", "title", "text")
    return {(post, version): (title, text) for post, version, title, text in rows}
