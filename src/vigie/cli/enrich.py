"""`vigie enrich`: say of each post of a file what labellers and finders say."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vigie.cli import io
from vigie.cli.stories import Stories
from vigie.enrich.finder import Finder
from vigie.enrich.finders import FINDERS
from vigie.enrich.health.finder import HealthFinder
from vigie.enrich.health.table import installed
from vigie.enrich.labellers import LABELLERS
from vigie.flows.ingest import ingest
from vigie.match import compile_queries
from vigie.schema.vocab import FindingKind, LabelKind

LISTS = {
    FindingKind.DRUG.value: "drugs", FindingKind.REACTION.value: "reactions", FindingKind.CONDITION.value: "conditions",
    FindingKind.DEVICE.value: "devices",
}  # fmt: skip
"""What each kind of finding is called in an answer."""

FLAGS = ("negated", "hypothetical", "past", "of_another")


VALUES = {FindingKind.WHO.value: "who", FindingKind.INTENT.value: "intents"}
"""Kinds of findings whose values are an answer by themselves, and their keys; a post with none has no key."""


def labels(posts: Path) -> Iterator[dict[str, Any]]:
    """Yield one row per post: `post`, `lang`, `tone` (label, score) where the language has a tone model; what was found, as lists
    that are absent when they are empty: `drugs`, `reactions`, `conditions`, `devices`, each with its place; `who` speaks and
    `intents`, values with the spans in title, end of line and text that say them; `story` where others of the file repeat it or
    it repeats others: the id of the first of them in the file. Nothing is yielded before all is read.

    Raises:
        SchemaError: the file can't be read.
    """
    nothing, finders = compile_queries({}), _finders()
    stories = Stories(nothing.engine.lexicon)
    for table in io.posts_from(posts):
        n = table.num_rows
        said = ingest(table, queries=nothing, keep=[True] * n, labellers=LABELLERS, finders=finders)
        answers: list[dict[str, Any]] = [{"post": native_id} for native_id in table["native_id"].to_pylist()]
        for row in said.labels.to_pylist():
            _put(answers[row["row"]], row)
        titles = table["title"].to_pylist() if "title" in table.column_names else [None] * n
        for row in said.findings.to_pylist():
            if row["kind"] in LISTS:
                answers[row["row"]].setdefault(LISTS[row["kind"]], []).append(_shown(row, titles[row["row"]]))
            elif row["kind"] in VALUES:
                _put_value(answers[row["row"]], row)
        stories.take(table, answers)
    yield from stories.answers()


def _finders() -> Sequence[Finder]:
    """Return the finders, with the drug base that this installation loaded."""
    from vigie.server.config import load  # noqa: PLC0415 -- beside its one use

    base = installed(load(os.environ).var)
    return [HealthFinder(base=base) if isinstance(finder, HealthFinder) else finder for finder in FINDERS]


def _put(answer: dict[str, Any], label: dict[str, Any]) -> None:
    if label["kind"] == LabelKind.LANGUAGE.value:
        answer["lang"] = label["value"]
    else:
        answer[label["kind"]] = {"label": label["value"], "score": round(label["score"], 3)}


def _shown(row: dict[str, Any], title: str | None) -> dict[str, Any]:
    """Return a finding with its place in `text`, or in `title` where it stands there; flags that do not hold are left out."""
    before = len(title) + 1 if title else 0
    in_title = row["start"] is not None and row["start"] < before
    shown = {"value": row["value"]} | ({"name": row["name"]} if row["name"] else {})
    if row["start"] is not None:
        less = 0 if in_title else before
        shown |= {"start": row["start"] - less, "end": row["end"] - less} | ({"in": "title"} if in_title else {})
    shown |= {flag: True for flag in FLAGS if row[flag]}
    return shown | {"score": round(row["score"], 3), "source": row["source"]}


def _put_value(answer: dict[str, Any], finding: dict[str, Any]) -> None:
    """Add a finding to the list of its kind: one entry a value, with the places that say it and the rules that found them."""
    entries = answer.setdefault(VALUES[finding["kind"]], [])
    entry = next((e for e in entries if e["value"] == finding["value"]), None)
    if entry is None:
        entry = {"value": finding["value"], "score": round(finding["score"], 3), "cues": []}
        entries.append(entry)
    entry["cues"].append({"start": finding["start"], "end": finding["end"], "rule": finding["source"]})
