"""`vigie enrich`: say of each post of a file what the labellers say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vigie.cli import io
from vigie.enrich.finders import FINDERS
from vigie.enrich.labellers import LABELLERS
from vigie.flows.ingest import ingest
from vigie.match import compile_queries
from vigie.schema.vocab import FindingKind, LabelKind

VALUES = {FindingKind.WHO.value: "who", FindingKind.INTENT.value: "intents"}
"""Kinds of findings whose values are an answer by themselves, and their keys; a post with none has no key."""


def labels(posts: Path) -> Iterator[dict[str, Any]]:
    """Yield one row per post: `post`, `lang`, `tone` (label, score) where the language has a tone model; where something tells
    them, `who` speaks and `intents`, each a list of values with the spans in title, end of line and text that say it.

    Raises:
        SchemaError: the file can't be read.
    """
    nothing = compile_queries({})
    for table in io.posts_from(posts):
        n = table.num_rows
        found = ingest(table, queries=nothing, keep=[True] * n, labellers=LABELLERS, finders=FINDERS)
        answers: list[dict[str, Any]] = [{"post": native_id} for native_id in table["native_id"].to_pylist()]
        for row in found.labels.to_pylist():
            _put(answers[row["row"]], row)
        for row in found.findings.to_pylist():
            if row["kind"] in VALUES:
                _put_value(answers[row["row"]], row)
        yield from answers


def _put(answer: dict[str, Any], label: dict[str, Any]) -> None:
    if label["kind"] == LabelKind.LANGUAGE.value:
        answer["lang"] = label["value"]
    else:
        answer[label["kind"]] = {"label": label["value"], "score": round(label["score"], 3)}


def _put_value(answer: dict[str, Any], finding: dict[str, Any]) -> None:
    """Add a finding to the list of its kind: one entry a value, with the places that say it and the rules that found them."""
    entries = answer.setdefault(VALUES[finding["kind"]], [])
    entry = next((e for e in entries if e["value"] == finding["value"]), None)
    if entry is None:
        entry = {"value": finding["value"], "score": round(finding["score"], 3), "cues": []}
        entries.append(entry)
    entry["cues"].append({"start": finding["start"], "end": finding["end"], "rule": finding["source"]})
