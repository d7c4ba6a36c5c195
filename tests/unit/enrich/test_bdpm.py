"""The French public drug base, compiled from files as it gives them."""

import zipfile
from pathlib import Path

import pytest
from support.shared import shared_path

from vigie.enrich.health import bdpm, substances, table
from vigie.enrich.health.said import common
from vigie.errors import SchemaError

SPECIALITIES = "\n".join(
    "\t".join(row)
    for row in (
        ("1", "ZORBALINE LP 10 mg, comprimé", "c", "orale", "Active", "Procédure nationale", "Com", "12/03/2024", "", "", "X", "Non"),
        ("2", "ZORBINE TEVA 5 mg, gélule", "g", "orale", "Active", "Procédure nationale", "Com", "01/01/2020", "", "", "X", "Non"),
        ("3", "BELLADONNA BOIRON, granules", "g", "orale", "Active", "Enreg homéo (Proc. Nat.)", "Com", "", "", "", "X", "Non"),
        ("4", "DUOZORB 5 mg/10 mg, gélule", "g", "orale", "Active", "Procédure nationale", "Com", "", "", "", "X", "Non"),
    )
)  # fmt: skip

COMPOSITION = "\n".join(
    "\t".join(row)
    for row in (
        ("1", "comprimé", "9", "CHLORHYDRATE DE ZORBINE", "10 mg", "un comprimé", "SA", "1"),
        ("1", "comprimé", "9", "ZORBINE", "9 mg", "un comprimé", "FT", "1"),
        ("2", "gélule", "9", "ZORBINE (CHLORHYDRATE DE)", "5 mg", "une gélule", "SA", "1"),
        ("3", "granules", "8", "BELLADONNA POUR PRÉPARATIONS HOMÉOPATHIQUES", "2CH", "", "SA", "1"),
        ("4", "gélule", "9", "ZORBINE BASE", "5 mg", "", "SA", "1"),
        ("4", "gélule", "7", "ACIDE ZOLIQUE", "10 mg", "", "SA", "2"),
    )
)  # fmt: skip

FILES = {bdpm.SPECIALITIES: SPECIALITIES.encode(), bdpm.COMPOSITION: COMPOSITION.encode("cp1252")}


def drugs(base: bdpm.DrugBase) -> dict[str, str]:
    return {drug.name: drug.value for drug in base.drugs}


def test_brands_mean_their_substances_and_substances_have_english_names() -> None:
    base = bdpm.compiled(FILES)
    found = drugs(base)
    assert base.date == "2024-03-12"
    assert found["zorbaline"] == "zorbine"
    assert found["zorbine"] == found["zorbin"] == "zorbine"
    assert found["duozorb"] == "acide zolique + zorbine"
    assert found["zolic acid"] == found["zolate"] == "acide zolique"
    assert "belladonna" not in found
    assert "zorbine teva" not in found


def test_a_list_is_read_as_it_was_written_and_kept_in_one_step(tmp_path: Path) -> None:
    base = bdpm.compiled(FILES)
    bdpm.keep(base, bdpm.kept_in(tmp_path))
    assert table.installed(tmp_path) == base
    assert table.installed(tmp_path / "none") is table.shipped()
    assert [path.name for path in bdpm.kept_in(tmp_path).parent.iterdir()] == ["bdpm.tsv"]


def test_what_a_newer_base_changes() -> None:
    old = bdpm.compiled(FILES)
    newer = {**FILES, bdpm.SPECIALITIES: SPECIALITIES.replace("DUOZORB", "TRIZORB").encode()}
    change = bdpm.change(old, bdpm.compiled(newer))
    assert (change.added, change.dropped, change.changed) == (("trizorb",), ("duozorb",), ())
    assert bdpm.mark(old) != bdpm.mark(bdpm.compiled(newer))


def test_from_a_folder_a_zip_or_one_of_the_files(tmp_path: Path) -> None:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    with zipfile.ZipFile(tmp_path / "bdpm.zip", "w") as archive:
        for name, data in FILES.items():
            archive.writestr(f"2026/{name}", data)
    for path in (tmp_path, tmp_path / "bdpm.zip", tmp_path / bdpm.SPECIALITIES):
        assert bdpm.files_of(path) == FILES


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "bdpm.missing"),
        ({bdpm.SPECIALITIES: b"a\tb\n", bdpm.COMPOSITION: COMPOSITION.encode()}, "bdpm.layout"),
        ({bdpm.SPECIALITIES: b"", bdpm.COMPOSITION: COMPOSITION.encode()}, "bdpm.layout"),
    ],
)
def test_other_files_are_refused(files: dict[str, bytes], code: str) -> None:
    with pytest.raises(SchemaError) as refused:
        bdpm.compiled(files)
    assert refused.value.code == code


def test_what_is_no_zip_and_no_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no")
    with pytest.raises(SchemaError):
        bdpm.files_of(tmp_path / "x.zip")
    with pytest.raises(SchemaError):
        bdpm.read("what else")


@pytest.mark.parametrize(
    ("label", "meaning"),
    [
        ("CHLORHYDRATE DE MÉTOCLOPRAMIDE", "métoclopramide"),
        ("HYDROCORTISONE (ACÉTATE D')", "hydrocortisone"),
        ("NIFLUMIQUE (ACIDE)", "acide niflumique"),
        ("PRAVASTATINE SODIQUE", "pravastatine"),
        ("CHLORHYDRATE D'ONDANSÉTRON DIHYDRATÉ", "ondansétron"),
        ("CHLORURE DE POTASSIUM", "chlorure de potassium"),
        ("FLUORODÉSOXYGLUCOSE [18F]", "fluorodésoxyglucose"),
        ("EXTRAIT SEC DE FEUILLE D'ORTIE", ""),
    ],
)
def test_what_a_label_means(label: str, meaning: str) -> None:
    assert substances.meant(label) == meaning


def test_the_shipped_list_is_what_compiling_gives() -> None:
    assert bdpm.compiled(bdpm.files_of(shared_path("data/bdpm"))) == table.shipped()


def test_the_shipped_list_is_sound() -> None:
    found = drugs(table.shipped())
    assert 6_000 < len(found) < 10_000
    assert [name for name, value in found.items() if not name or not value or len(value) > 120 or len(name) > 120] == []
    assert found["doliprane"] == found["tylenol"] == found["acetaminophen"] == "paracétamol"
    assert found["depakine"] == found["valproate"] == "acide valproïque"
    lists = common()
    assert not lists.left_out & lists.needs_context
