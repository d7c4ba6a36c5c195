"""One batch through match and labels: nothing more is read than is needed, nothing is lost."""

from collections.abc import Sequence

import pyarrow as pa

from vigie.enrich.labellers import LABELLERS
from vigie.flows.ingest import LABELS, MATCHES, Ingested, ingest
from vigie.match import Document, compile_queries
from vigie.schema.tables import POSTS, conform

TEXTS = (
    "Le doliprane marche bien, merci beaucoup",
    "Doliprane works well, thank you very much",
    "Rien à voir avec le sujet, il fait beau",
    "L'aspirine me donne mal au ventre, c'est horrible",
    "",
)


def posts(texts: Sequence[str], titles: Sequence[str | None] | None = None) -> pa.Table:
    """Return posts with these texts."""
    rows = [
        {"origin": "forum.example", "native_id": str(n), "network": "forum", "text": text, "title": title}
        for n, (text, title) in enumerate(zip(texts, titles or [None] * len(texts), strict=True))
    ]
    return conform(
        pa.Table.from_pylist(rows, schema=pa.schema([POSTS.field(name) for name in rows[0]])), POSTS, what="test"
    )


def met(table: pa.Table) -> pa.Table:
    """Return posts as met in the space `forum`."""
    return table.append_column("spaces", pa.array([["forum"]] * table.num_rows, pa.list_(pa.string())))


class Spy:
    """A language labeller that remembers what it was asked, and answers by a word of the text."""

    kind, name, version = "language", "spy", "1"

    def __init__(self) -> None:
        self.read: list[str] = []

    def label(self, texts: Sequence[str], languages: Sequence[str | None]) -> tuple[list[str | None], list[float]]:
        self.read += texts
        return ["en" if "works" in text else "fr" for text in texts], [1.0] * len(texts)


def run(expressions: dict[str, str], *, keep: Sequence[bool] | None = None, spy: Spy | None = None) -> Ingested:
    """Ingest the texts above, each met in the space `forum`."""
    labellers = (spy, LABELLERS[1]) if spy else LABELLERS
    return ingest(
        met(posts(TEXTS)), queries=compile_queries(expressions),
        keep=keep or [False] * len(TEXTS), labellers=labellers,
    )  # fmt: skip


def pairs(found: Ingested) -> set[tuple[int, str]]:
    return {(row["row"], row["query"]) for row in found.mentions.to_pylist()}


def test_ingest_gives_one_mention_per_post_and_query_that_hold() -> None:
    found = run(
        {
            "d": "doliprane",
            "fr": "doliprane AND language:fr",
            "not": "doliprane AND NOT language:fr",
            "s": "space:forum",
        }
    )
    expected = {(0, "d"), (1, "d"), (0, "fr"), (1, "not"), *((n, "s") for n in range(5))}
    assert pairs(found) == expected
    assert found.mentions.schema == MATCHES
    assert found.labels.schema == LABELS
    assert found.mentions.num_rows == len(expected)


def test_ingest_reads_the_language_of_what_may_match_or_is_kept_alone() -> None:
    spy = Spy()
    run({"d": "doliprane AND language:fr"}, keep=[False, False, False, True, False], spy=spy)
    assert spy.read == [TEXTS[0], TEXTS[1], TEXTS[3]]


def test_ingest_labels_what_matches_or_is_kept_and_forgets_the_rest() -> None:
    found = run({"d": "doliprane AND language:fr"}, keep=[False, False, False, True, False])
    labels = {(row["row"], row["kind"]): row["value"] for row in found.labels.to_pylist()}
    assert labels == {
        (0, "language"): "fr", (0, "tone"): "positive", (3, "language"): "fr", (3, "tone"): "negative",
    }  # fmt: skip
    assert {(row["model"], row["version"]) for row in found.labels.to_pylist()} == {
        (labeller.name, labeller.version) for labeller in LABELLERS
    }


def test_ingest_gives_no_tone_where_no_model_reads_the_language() -> None:
    found = run({}, keep=[False] * 4 + [True])
    assert [(row["row"], row["kind"], row["value"]) for row in found.labels.to_pylist()] == [(4, "language", "und")]


def test_ingest_of_nothing_is_nothing() -> None:
    found = ingest(posts(TEXTS).slice(0, 0), queries=compile_queries({"d": "a"}), keep=[], labellers=LABELLERS)
    assert (found.mentions.num_rows, found.labels.num_rows) == (0, 0)


def test_ingest_agrees_with_full_evaluation_of_each_post() -> None:
    expressions = {
        "a": "doliprane OR (aspirine AND language:fr)",
        "b": "NOT (NOT merci) AND NOT language:en",
        "c": '"mal au ventre" AND (language:fr OR language:und)',
        "d": "le OR thank",
    }
    queries, titles = compile_queries(expressions), ["merci", None, "doliprane", "", None]
    table = posts(TEXTS, titles)
    spy = Spy()
    found = ingest(table, queries=queries, keep=[True] * 5, labellers=[spy])
    languages = {row["row"]: row["value"] for row in found.labels.to_pylist()}
    full = {
        (n, query)
        for n, (title, text) in enumerate(zip(titles, TEXTS, strict=True))
        for query in queries.match(Document(title, text, (), languages[n]))
    }
    assert pairs(found) == full != set()
