"""A real study by the pages: a file without ids or dates is mapped, taken in, watched and counted."""

import csv
import re

import pytest
from playwright.sync_api import Browser, expect
from support.shared import shared_path

from .conftest import Installation, logged_in

pytestmark = pytest.mark.enable_socket


def test_study_is_mapped_taken_in_watched_and_counted(chromium: Browser, installation: Installation) -> None:
    path = shared_path("data/psytar/binary_full.csv")
    with path.open(encoding="utf-8", newline="") as file:
        texts = {row[0].strip() for row in list(csv.reader(file, delimiter="\t"))[1:]}
    wanted = {text for text in texts if re.search(r"\blexapro\b", text, re.IGNORECASE)}
    context = logged_in(chromium, installation, locale="en-GB")
    page = context.new_page()
    page.goto(f"{installation.url}/imports/")
    page.set_input_files("input[name=file]", str(path))
    page.fill("input[name=title]", "PsyTAR")
    page.click("form.form button.primary")
    page.wait_for_url(re.compile(r"/imports/\d+/"))
    assert page.input_value("select[name=field-text]") == "sentences"
    expect(page.locator("ol.posts li").first).to_contain_text("extreme weight gain")
    page.select_option("select[name=network]", "review")
    page.click("button[name=start]")
    page.wait_for_url(re.compile(r"/spaces/\d+/"))
    row = page.locator("#reads tbody tr").first
    expect(row).to_contain_text("all was read", timeout=60_000)
    expect(row).to_contain_text("6,002 undated")
    assert row.locator("td").nth(2).inner_text() == f"{len(texts):,}"

    page.goto(f"{installation.url}/watches/add/?q=lexapro")
    expect(page.locator("#preview-count")).to_have_attribute("data-exact", "1", timeout=30_000)
    assert page.inner_text("#preview-count") == f"{len(wanted):,}"
    page.fill("input[name=name]", "Lexapro")
    page.select_option("select[name=purpose]", "competitor")
    page.click("form.form button.primary")
    page.wait_for_url(re.compile(r"/watches/\d+/"))
    watch = page.url.rstrip("/").rpartition("/")[2].split("?")[0]
    page.wait_for_selector("#state:not([hx-get])", timeout=60_000)
    page.goto(f"{installation.url}/dashboard/?watch={watch}")
    figure = page.locator("article.card").first.locator(".value a")
    assert figure.inner_text() == f"{len(wanted):,}"
    figure.click()
    page.wait_for_url(re.compile("/mentions/"))
    assert page.locator("#counted").get_attribute("data-posts") == str(len(wanted))
    context.close()
