"""The pictures of the README: `make screenshots`. The demo company, a fixed end, Debian's Chromium, WebP under 150 kB."""

import io
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from PIL import Image
from playwright.sync_api import sync_playwright
from support.processes import Server, answers, free_port

UNTIL = "2026-10-30T16:00:00+00:00"
LARGEST = 150_000
"""Bytes of a picture."""

PICTURES = (
    ("dashboard", "/dashboard/", "light", 1440),
    ("dashboard-dark", "/dashboard/", "dark", 1440),
    ("mentions", "/mentions/?tone=negative", "light", 1440),
    ("mentions-390", "/mentions/?tone=negative", "light", 390),
)


def main(target: Path) -> None:
    """Start the demo, take every picture in both languages, and stop it."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        port = free_port()
        environment = {**os.environ, "VIGIE_VAR": folder, "VIGIE_LISTEN": f"127.0.0.1:{port}", "VIGIE_NOW": UNTIL}
        command = [sys.executable, "-m", "vigie.cli.main", "demo"]
        server = Server(command, Path(folder) / "demo.log", env=environment)
        try:
            server.wait_until(lambda: answers(port), seconds=300)
            _take(f"http://127.0.0.1:{port}", target)
        finally:
            server.stop()


def _take(url: str, target: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for language, locale in (("en", "en-GB"), ("fr", "fr-FR")):
            for name, path, scheme, width in PICTURES:
                context = browser.new_context(
                    locale=locale, color_scheme=scheme, viewport={"width": width, "height": 960 if width > 400 else 844}
                )  # type: ignore[arg-type]
                page = context.new_page()
                page.goto(f"{url}/account/log-in/")
                page.fill("input[name=login]", "admin@vaubrun.test")
                page.fill("input[name=password]", "vigie-demo-2026")
                page.click("form button.primary")
                page.wait_for_url("**/dashboard/")
                page.goto(url + path)
                time.sleep(1)
                save(page.screenshot(), target / f"{name}-{language}.webp")
                context.close()
        browser.close()


def save(png: bytes, path: Path) -> None:
    """Save a picture as WebP, as good as its size allows."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in (88, 75, 60, 45):
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= LARGEST:
            break
    path.write_bytes(out.getvalue())
    print(path.name, out.tell())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
