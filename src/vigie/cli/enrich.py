"""`vigie enrich`: say of each post of a file what the labellers say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vigie.cli import io
from vigie.cli.stories import Stories
from vigie.enrich.labellers import LABELLERS
from vigie.flows.ingest import ingest
from vigie.match import compile_queries
from vigie.schema.vocab import LabelKind


def labels(posts: Path) -> Iterator[dict[str, Any]]:
    """Yield one row per post: `post`, `lang`, `tone` (label, score) where the language has a tone model, and `story` where others
    of the file repeat it or it repeats others: the id of the first of them in the file. Nothing is yielded before all is read.

    Raises:
        SchemaError: the file can't be read.
    """
    nothing = compile_queries({})
    stories = Stories(nothing.engine.lexicon)
    for table in io.posts_from(posts):
        n = table.num_rows
        found = ingest(table, queries=nothing, keep=[True] * n, labellers=LABELLERS).labels
        answers: list[dict[str, Any]] = [{"post": native_id} for native_id in table["native_id"].to_pylist()]
        for row in found.to_pylist():
            _put(answers[row["row"]], row)
        stories.take(table, answers)
    yield from stories.answers()


def _put(answer: dict[str, Any], label: dict[str, Any]) -> None:
    if label["kind"] == LabelKind.LANGUAGE.value:
        answer["lang"] = label["value"]
    else:
        answer[label["kind"]] = {"label": label["value"], "score": round(label["score"], 3)}
