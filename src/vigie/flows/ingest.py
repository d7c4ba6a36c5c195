"""Hold a batch against the standing queries and label what matters.

text match → language of what may match, and of what is kept anyway → language tests → the other labels
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from vigie.enrich.labeller import Labeller
from vigie.match import Certain, Document, Queries, TextMatch
from vigie.schema.vocab import LabelKind

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


def ingest(
    posts: pa.Table,
    *,
    spaces: Sequence[tuple[str, ...]],
    queries: Queries,
    keep: Sequence[bool],
    labellers: Sequence[Labeller],
) -> Ingested:
    """Match and label `tables.POSTS` rows; `spaces` are the short names of each, `keep` those kept whatever matches."""
    documents = _documents(posts, spaces)
    found = [queries.text_match(document) for document in documents]
    candidates = [i for i, held in enumerate(found) if held or keep[i]]
    labels: dict[str, list[object]] = {name: [] for name in LABELS.names}
    languages = _languages(documents, candidates, labellers, labels)
    matched = _settle(documents, found, languages, queries)
    kept = {i for i, _ in matched} | {i for i in candidates if keep[i]}
    _other_labels(documents, sorted(kept), languages, labellers, labels)
    rows, names = [m[0] for m in matched], [m[1] for m in matched]
    table = pa.table([pa.array(labels[f.name], f.type) for f in LABELS], schema=LABELS)
    mentions = pa.table([pa.array(rows, pa.int64()), pa.array(names, pa.string())], schema=MATCHES)
    return Ingested(mentions, _of_rows(table, kept))


def _documents(posts: pa.Table, spaces: Sequence[tuple[str, ...]]) -> list[Document]:
    titles, texts = posts["title"].to_pylist(), posts["text"].to_pylist()
    return [Document(title, text, names) for title, text, names in zip(titles, texts, spaces, strict=True)]


def _read(document: Document) -> str:
    return f"{document.title}\n{document.text}" if document.title else document.text


def _languages(
    documents: Sequence[Document],
    rows: Sequence[int],
    labellers: Sequence[Labeller],
    labels: dict[str, list[object]],
) -> dict[int, str | None]:
    """Return the language of the rows, and note it as their label."""
    languages: dict[int, str | None] = {}
    for labeller in labellers:
        if labeller.kind == LabelKind.LANGUAGE:
            values, scores = labeller.label([_read(documents[i]) for i in rows], [None] * len(rows))
            languages = dict(zip(rows, values, strict=True))
            _note(labels, labeller, rows, values, scores)
    return languages


def _settle(
    documents: Sequence[Document],
    found: Sequence[Mapping[str, TextMatch]],
    languages: Mapping[int, str | None],
    queries: Queries,
) -> list[tuple[int, str]]:
    """Return (row, query) of all that hold, now that languages are known."""
    matched: list[tuple[int, str]] = []
    for row, held in enumerate(found):
        certain = {name for name, what in held.items() if what is Certain}
        if len(certain) < len(held):
            document = replace(documents[row], language=languages.get(row))
            certain.update(queries.holding(document, among=held.keys() - certain))
        matched.extend((row, name) for name in held if name in certain)
    return matched


def _other_labels(
    documents: Sequence[Document],
    rows: Sequence[int],
    languages: dict[int, str | None],
    labellers: Sequence[Labeller],
    labels: dict[str, list[object]],
) -> None:
    texts, tags = [_read(documents[i]) for i in rows], [languages.get(i) for i in rows]
    for labeller in labellers:
        if labeller.kind != LabelKind.LANGUAGE:
            values, scores = labeller.label(texts, tags)
            _note(labels, labeller, rows, values, scores)


def _note(
    labels: dict[str, list[object]],
    labeller: Labeller,
    rows: Sequence[int],
    values: Sequence[str | None],
    scores: Sequence[float],
) -> None:
    for row, value, score in zip(rows, values, scores, strict=True):
        if value is not None:
            answer = (row, labeller.kind, value, score, labeller.name, labeller.version)
            for name, cell in zip(LABELS.names, answer, strict=True):
                labels[name].append(cell)


def _of_rows(labels: pa.Table, rows: set[int]) -> pa.Table:
    """Return the labels of these rows: the language of a post that did not match in the end is forgotten."""
    return labels.filter(pa.array([row in rows for row in labels["row"].to_pylist()], pa.bool_()))
