"""Mentions as plain dicts, and what figures and lists must say of them, in plain Python."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from vigie.schema.tables import FOUND_COLUMNS, MENTIONS
from vigie.schema.vocab import FindingKind
from vigie.store.figures import FOUND_DIMENSIONS
from vigie.store.filters import NO_VALUE, Filter, Sorted

ZONE = "Europe/Paris"
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
START = datetime(2026, 8, 31, 21, 30, tzinfo=UTC)
"""Half past eleven in Paris: an hour later it is another day, and another month."""

Row = dict[str, Any]


def mention(mention_id: int, post_id: int, watch_id: int, revision: int = 1, **changes: Any) -> Row:
    """Return a mention row; what belongs to the post follows from its id unless it is given."""
    row: Row = {
        "mention_id": mention_id, "revision": revision, "watch_id": watch_id, "post_id": post_id,
        "space_id": post_id % 3 + 1, "author_id": post_id % 4 or None, "network": ("blog", "forum")[post_id % 2],
        "published_at": START + timedelta(hours=post_id % 2_000), "day_is_heard": False,
        "language": ("fr", "en", None)[post_id % 3], "tone": ("negative", None, "positive")[post_id % 3],
        "story_id": post_id % 6 or None, "drugs": (None, ["a"], ["a", "b"])[post_id % 3], "reactions": None,
        "conditions": None, "devices": None, "speakers": (["patient"], None)[post_id % 2],
        "intents": (None, ["question", "thanks"], ["question"], ["thanks"])[post_id % 4],
        "categories": (None, ["1"], ["1", "2"], ["3"], ["2", "3"])[post_id % 5],
        "likes": post_id % 5, "reposts": post_id % 2, "replies": None, "views": (None, 7, 7, 900)[post_id % 4],
        "in_watch": True, "lapsed": False, "not_about_us": False, "deleted": False,
    }  # fmt: skip
    row |= changes
    row["day"] = row["published_at"].astimezone(ZoneInfo(ZONE)).date()
    return row


def table(rows: list[Row]) -> pa.Table:
    """Return rows as the record hands them over."""
    return pa.Table.from_pylist(rows, schema=MENTIONS)


def passes(row: Row, chosen: Filter) -> bool:
    """Say whether a filter lets a row through."""
    lapsed = {"without": not row["lapsed"], "only": row["lapsed"], "all": True}[chosen.lapsed]
    return bool(
        row["in_watch"]
        and lapsed
        and (chosen.watches is None or row["watch_id"] in chosen.watches)
        and (chosen.include_not_about_us or not row["not_about_us"])
        and (chosen.from_day is None or row["day"] >= chosen.from_day)
        and (chosen.to_day is None or row["day"] <= chosen.to_day)
        and _among(row["network"], chosen.networks)
        and _among(row["language"], chosen.languages)
        and _among(row["tone"], chosen.tones)
        and _among(row["space_id"], chosen.spaces)
        and _among(row["author_id"], chosen.authors)
        and _among(row["story_id"], chosen.stories)
        and all(_holds(row[FOUND_COLUMNS[FindingKind(kind)]], some) for kind, some in chosen.found.items())
        and all(_sorted(row["categories"] or [], asked) for asked in chosen.sorted_into)
    )


def _sorted(held: list[str], asked: Sorted) -> bool:
    lacks = asked.none_of is not None and not any(value in asked.none_of for value in held)
    return any(value in asked.among for value in held) or lacks


def _among(value: Any, allowed: tuple[Any, ...]) -> bool:
    return not allowed or (NO_VALUE if value is None else value) in allowed


def _holds(values: list[str] | None, allowed: tuple[str, ...]) -> bool:
    return not allowed or any(value in allowed for value in values or [NO_VALUE])


def keys_of(row: Row, chosen: Filter, by: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Return the combinations that a row counts in: one for each of its values of a kind of finding."""
    several: list[list[Any]] = []
    for name in by:
        if name in FOUND_DIMENSIONS:
            several.append(row[FOUND_DIMENSIONS[name]] or [])
        else:
            several.append([chosen.subjects.get(row["watch_id"]) if name == "subject" else row[name]])
    return list(product(*several))


def counts(rows: list[Row], chosen: Filter, by: tuple[str, ...]) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Return mentions and different posts per combination."""
    cells: Counter[tuple[Any, ...]] = Counter()
    posts: dict[tuple[Any, ...], set[int]] = {}
    for row in rows:
        for key in keys_of(row, chosen, by) if passes(row, chosen) else []:
            if not ("subject" in by and key[by.index("subject")] is None):
                cells[key] += 1
                posts.setdefault(key, set()).add(row["post_id"])
    return {key: (n, len(posts[key])) for key, n in cells.items()}


def listed(rows: list[Row], chosen: Filter, order: str) -> list[tuple[int, list[int], list[int]]]:
    """Return the whole list: post, its mentions and their watches, in order."""
    groups: dict[int, list[Row]] = {}
    for row in sorted(rows, key=lambda r: r["mention_id"]):
        if passes(row, chosen):
            groups.setdefault(row["post_id"], []).append(row)
    ordered = sorted(groups.items(), key=lambda item: _rank(item[1][0], order), reverse=True)
    return [(post, [r["mention_id"] for r in own], [r["watch_id"] for r in own]) for post, own in ordered]


def _rank(row: Row, order: str) -> tuple[Any, ...]:
    if order == "newest":
        return row["published_at"], row["post_id"]
    engaged = sum(row[name] or 0 for name in ("likes", "reposts", "replies"))
    return -1 if row["views"] is None else row["views"], engaged, row["post_id"]


FILTERS = (
    Filter(None),
    Filter(()),
    Filter((1,)),
    Filter((1, 2, 3)),
    Filter((2, 3), from_day=date(2026, 9, 1), to_day=date(2026, 9, 30)),
    Filter((1, 2, 3), to_day=date(2026, 8, 31), lapsed="all", include_not_about_us=True),
    Filter((1, 2, 3), lapsed="only"),
    Filter((1, 2, 3), tones=("negative", NO_VALUE), languages=("fr", NO_VALUE)),
    Filter((1, 2), networks=("forum",), spaces=(1, 2), authors=(1, 2)),
    Filter((1, 2, 3), subjects={1: 10, 2: 10, 3: None}),
    Filter((1, 2, 3), stories=(1, 2), found={"drug": ("b", NO_VALUE), "intent": ("thanks", "question")}),
    Filter((2, 3), found={"who": (NO_VALUE,)}),
    Filter((1, 2, 3), sorted_into=(Sorted(("1",)), Sorted(("3",), none_of=("2", "3")))),
    Filter((1, 2, 3), sorted_into=(Sorted(none_of=("1", "2")),)),
    Filter((1, 2, 3), sorted_into=(Sorted(none_of=()),)),
    Filter((1, 2, 3), sorted_into=(Sorted(),)),
)
"""One of each kind."""
