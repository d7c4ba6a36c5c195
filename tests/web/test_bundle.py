"""What is built at the first start."""

from pathlib import Path

import pytest
from django.test import override_settings

from vigie.web import bundle


@pytest.fixture
def built(tmp_path: Path, settings: object) -> Path:
    (tmp_path / "assets").mkdir()
    with override_settings(STATICFILES_DIRS=[bundle.STATIC, tmp_path / "assets"]):
        assert bundle.build(tmp_path) is True
        assert bundle.build(tmp_path) is False
    return tmp_path


def test_build_hashes_every_file_and_makes_the_charts_script_once(built: Path) -> None:
    names = {path.name for path in (built / "static" / "vigie").iterdir()}
    hashed = {name for name in names if name.count(".") == 2 and not name.endswith(".gz")}
    assert {name.split(".")[0] for name in hashed} == {"charts", "early", "logo", "vigie"}
    assert (built / "static" / "staticfiles.json").is_file()
    script = (built / "assets" / "vigie" / "charts.js").read_text(encoding="utf-8")
    assert "window.vegaEmbed" in script
    assert 500_000 < len(script) < 1_200_000


def test_built_files_hold_no_leftover_and_name_no_other_file(built: Path) -> None:
    assert not list((built / "static").rglob("*.version"))
    css = next((built / "static" / "vigie").glob("vigie.????????????.css"))
    assert "url(" not in css.read_text(encoding="utf-8")
