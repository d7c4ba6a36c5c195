"""Hold a batch against the standing queries and label what matters.

text match → language of what may match, and of what is kept anyway → language tests → the other labels, findings, categories
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from vigie.enrich import categories as sorting
from vigie.enrich import found as found_in
from vigie.enrich.finder import FINDINGS, Finder
from vigie.enrich.labeller import Labeller
from vigie.flows.categorise import Categories, categorise
from vigie.match import Queries
from vigie.match.engine import Found
from vigie.schema.vocab import LabelKind
from vigie.text.lexicon import Lexicon

MATCHES = pa.schema([("row", pa.int64()), ("query", pa.string())])
"""One row per (post of the batch, query that holds)."""

LABELS = pa.schema(
    [
        ("row", pa.int64()),
        ("kind", pa.string()),
        ("value", pa.string()),
        ("score", pa.float64()),
        ("model", pa.string()),
        ("version", pa.string()),
    ]
)
"""One row per (post of the batch, kind) that a labeller could answer."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What the core says of a batch; rows are places in it."""

    mentions: pa.Table
    """`MATCHES`."""
    labels: pa.Table
    """`LABELS`; of posts that match or are kept, and no others."""
    findings: pa.Table
    """`enrich.finder.FINDINGS` with `model` and `version`; of the same posts."""


FOUND = FINDINGS.append(pa.field("model", pa.string())).append(pa.field("version", pa.string()))
"""One row per thing found in a post of the batch, and who found it."""


def ingest(
    posts: pa.Table,
    *,
    queries: Queries,
    keep: Sequence[bool],
    labellers: Sequence[Labeller],
    finders: Sequence[Finder] = (),
    categories: Categories | None = None,
) -> Ingested:
    """Match and label posts, and find what they speak of.

    Args:
        posts: Columns of `match.DOCUMENTS`; at least `text`.
        keep: Posts to label whatever matches.
        categories: What sorts the posts that match or are kept.
    """
    matched = queries.found(posts, unread=True)
    candidates = sorted(set(matched.row.tolist()) | {i for i, kept in enumerate(keep) if kept})
    texts = _texts(posts, candidates)
    labels: dict[str, list[object]] = {name: [] for name in LABELS.names}
    languages = _languages(texts, candidates, labellers, labels)
    rows, names = _settle(posts, matched, languages, queries)
    kept = set(rows) | {i for i in candidates if keep[i]}
    _other_labels(texts, sorted(kept), languages, labellers, labels)
    table = pa.table([pa.array(labels[f.name], f.type) for f in LABELS], schema=LABELS)
    mentions = pa.table([pa.array(rows, pa.int64()), pa.array(names, pa.string())], schema=MATCHES)
    ordered = sorted(kept)
    found = find([texts[i] for i in ordered], [languages.get(i) for i in ordered], finders, queries.engine.lexicon)
    if categories is not None and ordered:
        found = pa.concat_tables([found, _sorted(_in_language(posts, ordered, languages), categories)])
    return Ingested(mentions, _of_rows(table, kept), _at(found, ordered))


def _sorted(posts: pa.Table, categories: Categories) -> pa.Table:
    """Return `FOUND` of posts: the categories that hold them."""
    return _signed(categorise(posts, categories), sorting.NAME, sorting.VERSION)


def find(
    texts: Sequence[str], languages: Sequence[str | None], finders: Sequence[Finder], lexicon: Lexicon
) -> pa.Table:
    """Return `FOUND` of texts: they are cut into words once for all finders, and what repeats without end is cut off."""
    if not finders or not texts:
        return FOUND.empty_table()
    array = pa.array(texts, pa.large_string())
    tokens = lexicon.read(array)
    tables = []
    for finder in finders:
        table = finder.find(array, languages, lexicon=lexicon, tokens=tokens)
        tables.append(_signed(found_in.capped(table), finder.name, finder.version))
    return pa.concat_tables(tables)


def _signed(findings: pa.Table, model: str, version: str) -> pa.Table:
    """Return findings with who found them."""
    names = (pa.repeat(pa.scalar(name, pa.string()), findings.num_rows) for name in (model, version))
    return pa.table([*findings.columns, *names], schema=FOUND)


def _at(found: pa.Table, rows: Sequence[int]) -> pa.Table:
    """Return findings with the places of their posts in the batch."""
    if not found.num_rows:
        return found
    return found.set_column(0, FOUND.field("row"), pa.array(rows, pa.int64()).take(found["row"].combine_chunks()))


def _texts(posts: pa.Table, rows: Sequence[int]) -> dict[int, str]:
    """Return what labellers read of some rows: the title, when there is one, above the text."""
    some = posts.take(pa.array(rows, pa.int64()))
    titles = some["title"].to_pylist() if "title" in posts.column_names else [None] * len(rows)
    pairs = zip(rows, titles, some["text"].to_pylist(), strict=True)
    return {row: f"{title}\n{text}" if title else text for row, title, text in pairs}


def _languages(
    texts: Mapping[int, str],
    rows: Sequence[int],
    labellers: Sequence[Labeller],
    labels: dict[str, list[object]],
) -> dict[int, str | None]:
    """Return the language of the rows, and note it as their label."""
    languages: dict[int, str | None] = {}
    for labeller in labellers:
        if labeller.kind == LabelKind.LANGUAGE:
            values, scores = labeller.label([texts[i] for i in rows], [None] * len(rows))
            languages = dict(zip(rows, values, strict=True))
            _note(labels, labeller, rows, values, scores)
    return languages


def _settle(
    posts: pa.Table, found: Found, languages: Mapping[int, str | None], queries: Queries
) -> tuple[list[int], list[str]]:
    """Return rows and queries of all that hold, now that languages are known; in the order of posts and queries."""
    pairs = set(zip(found.row[found.certain].tolist(), found.query[found.certain].tolist(), strict=True))
    open_rows = sorted(set(found.row[~found.certain].tolist()))
    if open_rows:
        read = queries.found(_in_language(posts, open_rows, languages))
        pairs |= {(open_rows[r], q) for r, q in zip(read.row.tolist(), read.query.tolist(), strict=True)}
    ids = queries.engine.ids
    ordered = sorted(pairs)
    return [row for row, _ in ordered], [ids[query] for _, query in ordered]


def _in_language(posts: pa.Table, rows: Sequence[int], languages: Mapping[int, str | None]) -> pa.Table:
    """Return some posts with their language."""
    some = posts.take(pa.array(rows, pa.int64()))
    tags = pa.array([languages.get(i) for i in rows], pa.string())
    at = some.schema.get_field_index("language")
    return some.append_column("language", tags) if at < 0 else some.set_column(at, "language", tags)


def _other_labels(
    texts: Mapping[int, str],
    rows: Sequence[int],
    languages: dict[int, str | None],
    labellers: Sequence[Labeller],
    labels: dict[str, list[object]],
) -> None:
    tags = [languages.get(i) for i in rows]
    for labeller in labellers:
        if labeller.kind != LabelKind.LANGUAGE:
            values, scores = labeller.label([texts[i] for i in rows], tags)
            _note(labels, labeller, rows, values, scores)


def _note(
    labels: dict[str, list[object]],
    labeller: Labeller,
    rows: Sequence[int],
    values: Sequence[str | None],
    scores: Sequence[float],
) -> None:
    said = [n for n, value in enumerate(values) if value is not None]
    answers: tuple[list[object], ...] = (
        [rows[n] for n in said], [labeller.kind] * len(said), [values[n] for n in said], [scores[n] for n in said],
        [labeller.name] * len(said), [labeller.version] * len(said),
    )  # fmt: skip
    for name, cells in zip(LABELS.names, answers, strict=True):
        labels[name] += cells


def _of_rows(labels: pa.Table, rows: set[int]) -> pa.Table:
    """Return the labels of these rows: the language of a post that did not match in the end is forgotten."""
    return labels.filter(pa.array([row in rows for row in labels["row"].to_pylist()], pa.bool_()))
