"""What is made at the first start and not kept with the sources: the charts' script and the hashed static files.

`python -m vigie.web.bundle` makes both; `vigie up` calls `build` too, which does nothing when all stands already.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

SNIPPET = "window.vegaEmbed = vegaEmbed;\n"
"""The one thing that pages need of the bundle (0.9 MB: Vega, Vega-Lite, Vega-Embed and its expression interpreter)."""

STATIC = Path(__file__).parent / "static"


def build(folder: Path) -> bool:
    """Make the charts' script and collect hashed, compressed static files under `folder`.

    Args:
        folder: `<var>/build`.

    Returns:
        Whether anything was made; false when the sources and versions are those of the last time.
    """
    mark = folder / "static.mark"
    wanted = fingerprint()
    if mark.is_file() and mark.read_text(encoding="ascii") == wanted:
        return False
    make_charts(folder / "assets")
    _collect(folder)
    mark.write_text(wanted, encoding="ascii")
    return True


def make_charts(assets: Path) -> Path:
    """Write `vigie/charts.js` unless this version of vl-convert wrote it already (1.2 s)."""
    target = assets / "vigie" / "charts.js"
    mark = target.with_suffix(".version")
    wanted = version("vl-convert-python")
    if target.is_file() and mark.is_file() and mark.read_text(encoding="ascii") == wanted:
        return target
    import vl_convert  # noqa: PLC0415 -- it loads 60 MB, needed once

    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(vl_convert.javascript_bundle(SNIPPET), encoding="utf-8")
    draft.replace(target)
    mark.write_text(wanted, encoding="ascii")
    return target


def fingerprint() -> str:
    """Name the state of everything that `build` reads."""
    digest = hashlib.blake2b(digest_size=16)
    for line in _inputs():
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _inputs() -> Iterator[str]:
    for name in ("vl-convert-python", "django-htmx", "django", "whitenoise"):
        yield f"{name} {version(name)}"
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            yield f"{path.relative_to(STATIC)} {hashlib.blake2b(path.read_bytes()).hexdigest()}"


def _collect(folder: Path) -> None:
    """Run collectstatic into a fresh folder, then put it in the old one's place."""
    from django.contrib.staticfiles.finders import get_finders  # noqa: PLC0415 -- settings must be loaded before
    from whitenoise.storage import (  # type: ignore[import-untyped] # noqa: PLC0415 -- no types
        CompressedManifestStaticFilesStorage,
    )

    fresh = folder / f"static.{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    storage = CompressedManifestStaticFilesStorage(location=str(fresh), base_url="/static/")
    found = {}
    for finder in get_finders():
        for path, source in finder.list(["*.version", "CVS", ".*", "*~"]):
            if path in found:
                continue
            found[path] = (source, path)
            target = fresh / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.open(path).read())
    for _name, _hashed, processed in storage.post_process(found):
        if isinstance(processed, Exception):
            raise processed
    shutil.rmtree(folder / "static", ignore_errors=True)
    fresh.replace(folder / "static")


def main() -> None:
    """Build under `<var>/build` of the environment's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vigie.server.settings")
    import django  # noqa: PLC0415 -- after the settings are named
    from django.conf import settings  # noqa: PLC0415 -- after the settings are named

    django.setup()
    made = build(settings.VIGIE.var.absolute() / "build")
    sys.stdout.write("static files made\n" if made else "static files are up to date\n")


if __name__ == "__main__":
    main()
