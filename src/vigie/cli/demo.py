"""The truth of the demo's story as a file: what each post is, by who made it up."""

import json
from dataclasses import asdict
from pathlib import Path

from vigie import demo
from vigie.errors import SchemaError


def write_truth(path: Path, *, posts: int, days: int) -> int:
    """Write one JSON object a post, its native id first; return how many. Another end of the story changes nothing.

    Raises:
        SchemaError: the file can't be written.
    """
    try:
        with path.open("w", encoding="utf-8") as file:
            return sum(1 for truth in demo.truth(posts=posts, days=days) if file.write(_line(truth)))
    except OSError as exc:
        sentence = f"{path} can't be written: {exc.strerror}."
        raise SchemaError(sentence, code="demo.truth", facts={"file": str(path)}) from exc


def _line(truth: demo.Truth) -> str:
    return json.dumps({"native_id": truth.native_id, **asdict(truth)}, ensure_ascii=False) + "\n"
