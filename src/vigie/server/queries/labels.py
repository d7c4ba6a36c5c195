"""Labels of posts and of mentions as queries test them: the effective ones, so that a person's word counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from vigie.enrich import found
from vigie.match.document import DOCUMENTS, LABEL_COLUMNS
from vigie.schema.vocab import FindingKind
from vigie.server.database import select_in

LISTS = {kind.value: LABEL_COLUMNS[kind.value] for kind in FindingKind if kind.value in LABEL_COLUMNS}
"""Columns of `DOCUMENTS` that hold findings, by kind."""

Values = Mapping[str, list[str]]
"""What a post holds of each kind of finding: values, and the names they were found by."""


@dataclass(slots=True)
class Labels:
    """What is known of some posts."""

    tones: dict[int, str] = field(default_factory=dict)
    stories: dict[int, str] = field(default_factory=dict)
    findings: dict[int, list[tuple[str, str, str]]] = field(default_factory=dict)
    """Kind, value and name of those that count."""


def of_posts(post_ids: Sequence[int]) -> Labels:
    """Read the labels of posts; three statements."""
    known = Labels()
    sql = "SELECT post_id, value FROM vigie_label WHERE kind = 'tone' AND chosen AND post_id IN ({in})"
    known.tones = dict(select_in(sql, post_ids))
    sql = "SELECT post_id, story_id FROM vigie_poststory WHERE post_id IN ({in})"
    known.stories = {post: str(story) for post, story in select_in(sql, post_ids)}
    sql = "SELECT post_id, kind, value, name, negated, hypothetical FROM vigie_finding WHERE post_id IN ({in}) ORDER BY id"
    for post, kind, value, name, negated, hypothetical in select_in(sql, post_ids):
        if found.counts(kind, negated=bool(negated), hypothetical=bool(hypothetical)):
            known.findings.setdefault(post, []).append((kind, value, name))
    return known


@dataclass(frozen=True, slots=True)
class Corrected:
    """What people said of some mentions."""

    tones: Mapping[int, str]
    findings: Mapping[int, list[tuple[str, str, bool]]]
    """Kind, value, and whether it holds."""


def of_mentions(mention_ids: Sequence[int]) -> Corrected:
    """Read the corrections of mentions; two statements."""
    sql = "SELECT mention_id, value FROM vigie_correction WHERE kind = 'tone' AND mention_id IN ({in})"
    tones = dict(select_in(sql, mention_ids))
    findings: dict[int, list[tuple[str, str, bool]]] = {}
    sql = "SELECT mention_id, kind, value, holds FROM vigie_findingcorrection WHERE mention_id IN ({in})"
    for mention, kind, value, holds in select_in(sql, mention_ids):
        findings.setdefault(mention, []).append((kind, value, bool(holds)))
    return Corrected(tones, findings)


def labelled(
    table: pa.Table,
    post_ids: Sequence[int],
    known: Labels,
    mention_ids: Sequence[int | None] | None = None,
    said: Corrected | None = None,
) -> pa.Table:
    """Return rows of `DOCUMENTS` with their labels.

    Args:
        post_ids: The post of each row.
        mention_ids: The mention of each row, whose corrections count; without them the models' word stands alone.
    """
    asked = list(mention_ids) if mention_ids is not None else [None] * len(post_ids)
    told = said or Corrected({}, {})
    values = [
        _values(known.findings.get(p, ()), told.findings.get(m or 0, ())) for p, m in zip(post_ids, asked, strict=True)
    ]
    columns: dict[str, list[object]] = {
        "tone": [told.tones.get(m or 0, known.tones.get(p)) for p, m in zip(post_ids, asked, strict=True)],
        "story": [known.stories.get(p) for p in post_ids],
        **{column: [one.get(kind) for one in values] for kind, column in LISTS.items()},
    }
    for name, cells in columns.items():
        array = pa.array(cells, DOCUMENTS.field(name).type)
        at = table.schema.get_field_index(name)
        table = table.append_column(name, array) if at < 0 else table.set_column(at, name, array)
    return table


def _values(findings: Sequence[tuple[str, str, str]], said: Sequence[tuple[str, str, bool]]) -> Values:
    """Return values and names by kind, once people said which values hold."""
    gone = {(kind, value) for kind, value, holds in said if not holds}
    kinds: dict[str, list[str]] = {}
    for kind, value, name in findings:
        if (kind, value) not in gone:
            kinds.setdefault(kind, []).extend([value, *([name] if name else [])])
    for kind, value, holds in said:
        if holds:
            kinds.setdefault(kind, []).append(value)
    return kinds
