"""No text, handle or secret in a log."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vigie.errors import SkippableError
from vigie.server.context import REFERENCE
from vigie.server.logs import JsonLines, logging_config

TEXT = "depuis la nouvelle formule j'ai la tête qui tourne"
HANDLE = "Papillon38"
SECRET = "s3cr3t-t0ken"
SOURCES = Path(__file__).parents[3] / "src" / "vigie"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Collect what every logger writes, as the server would."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_exception_that_quotes_a_post_leaves_no_word_of_it(out: io.StringIO) -> None:
    def parse(text: str) -> None:
        try:
            raise ValueError(f"can't read {text!r} of {HANDLE} with {SECRET}")
        except ValueError as exc:
            raise SkippableError(f"{HANDLE} wrote {text}", code="post.unreadable", facts={"handle": HANDLE}) from exc

    try:
        parse(TEXT)
    except SkippableError:
        logging.getLogger("vigie.collect").exception("post %s of %s skipped after %d tries", TEXT, HANDLE, 3)
    written = out.getvalue()
    assert not [word for word in (TEXT, "tourne", HANDLE, SECRET) if word in written]
    (line,) = lines(out)
    assert line["message"] == "post … of … skipped after 3 tries"
    assert line["exception"] == ["vigie.errors.SkippableError", "ValueError"]
    assert line["code"] == "post.unreadable"
    assert line["trace"][-1].endswith(" parse")


def test_fact_that_is_not_allowed_leaves_its_name_alone(out: io.StringIO) -> None:
    facts = {"space": 12, "n_new": 40, "code": "feed.too_large", "author": HANDLE, "kind": TEXT}
    logging.getLogger("vigie.x").info("space read", extra={"facts": facts})
    (line,) = lines(out)
    assert (line["space"], line["n_new"], line["code"]) == (12, 40, "feed.too_large")
    assert line["withheld"] == ["author", "kind"]
    assert HANDLE not in out.getvalue()


def test_line_of_another_library_tells_only_where(out: io.StringIO) -> None:
    logging.getLogger("httpx").warning(f"GET https://x.example/?q={SECRET} {TEXT}")
    (line,) = lines(out)
    assert line["message"].startswith("test_logs:")
    assert SECRET not in out.getvalue()
    assert "tourne" not in out.getvalue()


def test_line_carries_the_reference_of_its_request_or_work(out: io.StringIO) -> None:
    token = REFERENCE.set("w-42")
    logging.getLogger("vigie.x").info("merged")
    REFERENCE.reset(token)
    logging.getLogger("vigie.x").info("idle")
    assert [line.get("reference") for line in lines(out)] == ["w-42", None]


def test_logging_config_sends_every_logger_through_the_json_lines() -> None:
    config = logging_config("INFO")
    assert [name for name, handler in config["handlers"].items() if handler["formatter"] != "json"] == []
    assert [name for name, logger in config["loggers"].items() if logger.get("handlers")] == []
    assert config["loggers"]["uvicorn.access"]["level"] == "CRITICAL"


def test_every_log_call_of_ours_has_a_literal_message() -> None:
    """A message built with f"…" would carry what must not be logged past every filter."""
    found = []
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if _is_log_call(node) and not _is_literal(node):
                found.append(f"{path.relative_to(SOURCES)}:{node.lineno}")
    assert found == []


def _is_log_call(node: ast.AST) -> bool:
    if not (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    ):
        return False
    names = {"debug", "info", "warning", "error", "exception", "critical", "log"}
    return node.func.value.id in {"log", "logger", "logging"} and node.func.attr in names


def _is_literal(node: ast.Call) -> bool:
    message = node.args[1 if node.func.attr == "log" else 0]  # type: ignore[attr-defined]
    return isinstance(message, ast.Constant) and isinstance(message.value, str)
