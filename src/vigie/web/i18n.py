"""The catalogues: extract messages, keep the French complete and well spaced, compile.

Babel does it all; no gettext program is needed. Messages are English; French stands in
`locale/fr/LC_MESSAGES/django.po`. On the command line:

    python -m vigie.web.i18n update           take in new messages, drop those that are gone
    python -m vigie.web.i18n missing          print as JSON what lacks French, ready to be filled in
    python -m vigie.web.i18n fill FILE.json   put French in ("-" reads standard input); spacing is mended by itself
    python -m vigie.web.i18n check            exit 1 when something is missing, fuzzy, out of date or badly spaced
"""

import ast
import fcntl
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent
LOCALES = ROOT / "locale"
FRENCH = LOCALES / "fr" / "LC_MESSAGES" / "django.po"
SOURCES = (ROOT, ROOT.parent / "server")
"""Folders whose Python and templates hold messages."""

OPERATORS = ("cli/", "demo/", "server/config.py", "server/commands.py", "testing/")
"""Where errors are read on a terminal by who runs the machine, in English."""

KEYWORDS: Mapping[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
"""Functions that mark a message, and which of their arguments are it (c: its context)."""

NARROW = "\u202f"
"""Narrow no-break space, which French sets before ; : ! ? % » and after « (Imprimerie nationale, Lexique)."""

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
"""What a translation must hold exactly as its message does."""

PLURALS = "nplurals=2; plural=(n > 1);"
"""French: 0 and 1 are singular (CLDR: one covers 0 and 1)."""


def extracted() -> Catalog:
    """Read every message of the Python sources and templates."""
    catalog = Catalog(locale="fr", project="vigie", charset="utf-8")
    for path, line, messages, context in _found():
        place = (path.relative_to(ROOT.parent).as_posix(), line)
        catalog.add(messages, locations=[place], context=context)
    for path, line, text in _sentences():
        catalog.add(text, locations=[(path.relative_to(ROOT.parent).as_posix(), line)])
    return catalog


def _found() -> Iterator[tuple[Path, int, Any, str | None]]:
    for folder in SOURCES:
        for path in sorted(folder.rglob("*")):
            if path.suffix == ".py" or ("templates" in path.parts and path.suffix in {".html", ".txt"}):
                source = io.BytesIO(_as_python(path).encode())
                for line, messages, _, context in extract("python", source, KEYWORDS):
                    yield path, line, messages, context


def _sentences() -> Iterator[tuple[Path, int, str]]:
    """Find the plain sentences of our errors, of the query language's teaching and of what sources ask for."""
    for path in sorted(ROOT.parent.rglob("*.py")):
        if path.relative_to(ROOT.parent).as_posix().startswith(OPERATORS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for text in _told(node):
                    yield path, node.lineno, text
            if isinstance(node, ast.ClassDef) and path.name == "source.py":
                yield from ((path, node.lineno, text) for text in _titles(node))


def _option(call: ast.Call) -> Iterator[str]:
    """Yield label and help of something that a source must be told."""
    for place in [*call.args[1:3], *(word.value for word in call.keywords if word.arg in ("label", "help"))]:
        if isinstance(place, ast.Constant) and isinstance(place.value, str) and place.value:
            yield place.value


def _told(call: ast.Call) -> Iterator[str]:
    """Yield the sentences of a call: of an error with its `code`, of a `Teaching`, a `Skipped` item, an `Option`."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name == "Option":
        yield from _option(call)
        return
    places = {"Teaching": call.args[:2], "Skipped": call.args[2:3]}.get(name)
    if places is None:
        places = call.args[:1] if any(word.arg == "code" for word in call.keywords) else []
    yield from (text for text in map(_text, places) if " " in text)


def _text(node: ast.expr) -> str:
    """Return a text that stands in the source as it is; nothing for one that is put together."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _titles(source: ast.ClassDef) -> Iterator[str]:
    """Yield what a source calls itself where that is English, which begins small; proper names stay as they are."""
    for line in source.body:
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
            names = [target.id for target in line.targets if isinstance(target, ast.Name)]
            if names == ["title"] and str(line.value.value)[:1].islower():
                yield str(line.value.value)


def _as_python(path: Path) -> str:
    """Return a source that Babel's Python extractor reads, line for line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    from django.utils.translation.template import templatize  # noqa: PLC0415 -- the rest works without Django

    # What is not a message is blanked out with X and B by Django; the calls alone are kept, each on its line.
    return "\n".join(_calls(line) for line in templatize(text).split("\n"))


def _calls(line: str) -> str:
    """Keep the gettext calls of a line that Django wrote; between them stand only X, B, S, P and blanks."""
    string = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    call = rf"(?:n?p?gettext|_)\(\s*{string}(?:\s*,\s*(?:{string}|count))*\s*\)"
    return "; ".join(re.findall(call, line))


def read(path: Path = FRENCH) -> Catalog:
    """Read a catalogue; an absent one is empty."""
    if not path.exists():
        return Catalog(locale="fr", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale="fr", charset="utf-8")


def update(path: Path = FRENCH) -> Catalog:
    """Take new messages into the catalogue, drop those that are gone, and write it when it changed."""
    with _alone(path):
        catalog = _merged(path)
        catalog.obsolete.clear()
        _write(catalog, path)
    return catalog


def _merged(path: Path) -> Catalog:
    """Read a catalogue and take in the messages of the sources; those that are gone stand in its `obsolete`."""
    catalog = read(path)
    catalog.update(extracted(), no_fuzzy_matching=True, update_header_comment=False)
    return catalog


def _write(catalog: Catalog, path: Path) -> None:
    buffer = io.BytesIO()
    # No line numbers, dates or widths: two authors' changes then touch only the lines of their messages.
    write_po(buffer, catalog, width=0, sort_output=True, no_location=True, omit_header=True)
    text = _HEADER.encode() + buffer.getvalue()
    if not path.exists() or path.read_bytes() != text:
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_bytes(text)
        draft.replace(path)


_HEADER = (
    'msgid ""\nmsgstr ""\n"Language: fr\\n"\n"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    f'"Plural-Forms: {PLURALS}\\n"\n\n'
)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time change a catalogue."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def missing(path: Path = FRENCH) -> list[Message]:
    """Return the messages without French, or whose French is fuzzy; a message not yet taken in counts."""
    catalog = read(path)
    return [message for message in extracted() if message.id and not _is_done(catalog.get(message.id, message.context))]


def _is_done(message: Message | None) -> bool:
    return message is not None and not message.fuzzy and all(_strings(message.string)) and bool(message.string)


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value or "",)


def stale(path: Path = FRENCH) -> list[str]:
    """Return the messages of the catalogue that no source holds any more."""
    template = extracted()
    return [_first(m) for m in read(path) if m.id and template.get(m.id, m.context) is None]


def faults(path: Path = FRENCH) -> list[str]:
    """Return what is wrong in the French itself: placeholders that differ, spaces that French does not write so."""
    found = []
    for message in read(path):
        for text in _strings(message.string) if message.id else ():
            found += [f"{_first(message)!r}: {fault}" for fault in (*_spacing(text), *_placeholders(message, text))]
    return found


def _placeholders(message: Message, text: str) -> Iterator[str]:
    allowed = {name for form in _strings(message.id) for name in PLACEHOLDER.findall(form)}
    given = set(PLACEHOLDER.findall(text))
    # A singular may leave the number out ("une mention"); nothing may stand that the message lacks.
    lost = set() if isinstance(message.id, tuple | list) else allowed - given
    if text and (lost or given - allowed):
        yield f"placeholders {sorted(given)} for {sorted(allowed)}"


def _spacing(text: str) -> Iterator[str]:
    if re.search(r"[^\s\u202f][;!?»](?!\w)|[^\s\u202f\d]:(?=\s|$)", PLACEHOLDER.sub("x", _without_marks(text))):
        yield f"no narrow space before a sign in {text!r}"
    if re.search(r"[ \u00a0][;:!?»]|[ \u00a0]%(?![(\w])|«(?!\u202f)", text):
        yield f"a wide space before a sign in {text!r}"
    if re.search(r"\s{2,}|\u202f\s|\s\u202f", text):
        yield f"several spaces in a row in {text!r}"
    if "'" in _without_marks(text):
        yield f"a straight apostrophe in {text!r}"


def _without_marks(text: str) -> str:
    """Leave out tags, addresses and runs of signs such as "?!", which are not sentences."""
    return re.sub(r"<[^>]*>|https?://\S+|(?<=[!?])[!?]+", "", text)


def spaced(text: str) -> str:
    """Set French spaces and apostrophes in a text whose author typed plain ones."""
    text = re.sub(r"[ \u00a0]+(?=[;:!?»])", NARROW, text)
    text = re.sub(r"[ \u00a0]+(?=%(?![(\w]))", NARROW, text)
    text = re.sub(r"«[ \u00a0]*", f"«{NARROW}", text)
    return re.sub(r"(?<=\w)'(?=[\wàâéèêëîïôöûùœ«%])", "\u2019", text)


def fill(texts: Mapping[str, str | list[str]], path: Path = FRENCH) -> list[str]:
    """Put French in for messages; a plural's is a list of two; `context|message` for one with a context.

    Returns:
        The keys that are no message of the sources.
    """
    with _alone(path):
        catalog = _merged(path)
        by_key = {key_of(message): message for message in catalog if message.id}
        for key, text in texts.items():
            if key in by_key:
                by_key[key].string = tuple(map(spaced, text)) if isinstance(text, list) else spaced(text)
                by_key[key].flags.discard("fuzzy")
        # Two authors work at once: what looks gone here may be a page that the other is about to save.
        for message in list(catalog.obsolete.values()):
            catalog[message.id] = message
        catalog.obsolete.clear()
        _write(catalog, path)
    return sorted(texts.keys() - by_key.keys())


def key_of(message: Message) -> str:
    """Name a message in the JSON of `missing` and `fill`."""
    return f"{message.context}|{_first(message)}" if message.context else _first(message)


def _first(message: Message) -> str:
    return str(_strings(message.id)[0])


def compile_stale(target: Path, *, locales: Path = LOCALES) -> int:
    """Compile each catalogue into `target` unless what stands there is newer; return how many were."""
    n_compiled = 0
    for source in sorted(locales.glob("*/LC_MESSAGES/django.po")):
        compiled = target / source.relative_to(locales).with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        compiled.parent.mkdir(parents=True, exist_ok=True)
        draft = compiled.with_suffix(f".{os.getpid()}.tmp")
        with draft.open("wb") as file:
            write_mo(file, read(source))
        draft.replace(compiled)
        n_compiled += 1
    return n_compiled


def _as_json(messages: list[Message]) -> str:
    todo = {key_of(m): ["", ""] if isinstance(m.id, tuple | list) else "" for m in messages}
    return json.dumps(todo, ensure_ascii=False, indent=2)


def check(path: Path = FRENCH) -> list[str]:
    """Return every reason why French is not whole, a line each."""
    lacking = [f"{key_of(message)!r}: no French" for message in missing(path)]
    return [*lacking, *(f"{text!r}: in no source" for text in stale(path)), *faults(path)]


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's docstring; exit 0 done, 1 something to mend, 2 bad usage."""
    match arguments:
        case ["update"]:
            update()
        case ["missing"]:
            sys.stdout.write(_as_json(missing()) + "\n")
        case ["fill", name]:
            text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
            unknown = fill(json.loads(text))
            sys.stderr.writelines(f"not a message: {key!r}\n" for key in unknown)
            return 1 if unknown else 0
        case ["check"]:
            lines = check()
            sys.stdout.writelines(f"{line}\n" for line in lines)
            return 1 if lines else 0
        case _:
            sys.stderr.write((__doc__ or "") + "\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
