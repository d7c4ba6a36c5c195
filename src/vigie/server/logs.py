"""Logs: one JSON object a line, with the request or work it belongs to, never a text, a handle or a secret.

What may be logged is a list of what is allowed, because what is forbidden (a post, a name, a password) has no shape to
recognise it by. A line holds: when, level, logger, the message as written in the source (its arguments only when they
are numbers), the facts of `FACTS`, the reference, and of an exception its class, its code and where it passed: never
its message, which may quote what it choked on.

Use: `log.info("space.read", extra={"facts": {"space": 12, "n_new": 40, "duration_ms": 310}})`.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from vigie.server.context import REFERENCE

FACTS = frozenset(
    {
        "action", "attempt", "attempts", "batch", "brand", "code", "duration_ms", "error", "kind", "lease", "method",
        "mention", "month", "process", "reason", "retry_after_s", "revision", "route", "space", "state", "status",
        "user", "version", "watch", "work",
    }
)  # fmt: skip
"""Facts that a line may carry, beside any that begins with `n_`: ids, codes and numbers."""

CODE = re.compile(r"[a-z0-9][a-z0-9_.:/<>*+-]{0,79}", re.IGNORECASE)
"""What a fact that is not a number must look like: a code, a route, a version; no space, so no text."""

OUR_OWN = ("vigie", "django", "uvicorn", "axes")
"""Loggers whose messages are literal templates; of all the others only the place in the source is written."""

FRAMES = 30
"""Places of an exception that are kept, the innermost; a recursion has a thousand."""


class JsonLines(logging.Formatter):
    """Write a record as one JSON object, of allowed values alone."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps({key: value for key, value in _line(record).items() if value not in (None, "", {})})


def _line(record: logging.LogRecord) -> dict[str, Any]:
    return {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _message(record),
        "reference": getattr(record, "reference", None) or REFERENCE.get(),
        **facts_of(getattr(record, "facts", {})),
        **_exception(record.exc_info),
    }


def facts_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the facts that may be logged; the others leave their name alone, in `withheld`."""
    kept = {key: value for key, value in facts.items() if _may_stand(key, value)}
    withheld = sorted(str(key) for key in facts.keys() - kept.keys())
    return {**kept, "withheld": withheld} if withheld else kept


def _may_stand(key: str, value: Any) -> bool:
    if key not in FACTS and not key.startswith("n_"):
        return False
    return value is None or isinstance(value, int | float) or (isinstance(value, str) and bool(CODE.fullmatch(value)))


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] not in OUR_OWN:
        return f"{record.module}:{record.lineno}"
    return re.sub(r"%(?:\(\w+\))?[-+#0]*\d*(?:\.\d+)?[a-z]", _arguments(record), str(record.msg)).strip()


def _arguments(record: logging.LogRecord) -> Any:
    """Return what replaces each `%s` of a message: a number as it is, anything else an ellipsis."""
    values: Iterator[Any] = iter(record.args if isinstance(record.args, tuple) else ())

    def replace(_: re.Match[str]) -> str:
        value = next(values, None)
        return str(value) if isinstance(value, int | float) else "…"

    return replace


def _exception(info: Any) -> dict[str, Any]:
    if not isinstance(info, tuple) or info[1] is None:
        return {}
    _, error, trace = info
    return {
        "exception": [_named(e) for e in _chain(error)],
        "code": getattr(error, "code", None) if isinstance(getattr(error, "code", None), str) else None,
        "trace": places(trace),
    }


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what caused it, at most ten."""
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _named(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def places(trace: TracebackType | None) -> list[str]:
    """Say where an exception passed, as `file:line function`; no source line, no value."""
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(path: str) -> str:
    """Cut a path to what follows the folder of packages, so that no home folder's name stands in a log."""
    return "/".join(re.split(r"/(?:site-packages|src|lib/python[\d.]+)/", path)[-1].split("/")[-4:])


def to_file(path: Path) -> None:
    """Write from now on to a file what was written to standard error: a person reads sentences there."""
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(JsonLines())
    logging.getLogger().handlers = [handler]


def logging_config(level: str) -> dict[str, Any]:
    """Return Django's LOGGING: JSON lines on standard error, third parties from WARNING on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "vigie.server.logs.JsonLines"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["lines"], "level": "WARNING"},
        "loggers": {
            "vigie": {"level": level},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            # The line of `vigie.web.middleware` says the same with the reference.
            "django.request": {"level": "CRITICAL"},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "uvicorn": {"handlers": [], "level": "INFO", "propagate": True},
            # Its lines hold query strings, and those hold what people search for.
            "uvicorn.access": {"handlers": [], "level": "CRITICAL"},
            "axes": {"level": "WARNING"},
        },
    }
