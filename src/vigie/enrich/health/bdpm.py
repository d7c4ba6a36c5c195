"""The French public drug base compiled to a list of names: what each brand holds, what each substance is called.

Read: `CIS_bdpm.txt` (one row a speciality: code, denomination, …, date of its authorisation, in column 8) and
`CIS_COMPO_bdpm.txt` (one row a speciality, substance and kind of it: SA the substance as it stands in the product, FT
what of it acts; rows of one number belong together), as base-donnees-publique.medicaments.gouv.fr gives them, UTF-8 or
Windows-1252.
"""

import hashlib
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from vigie.enrich.found import LONGEST_VALUE
from vigie.enrich.health import brands, substances
from vigie.errors import SchemaError

SPECIALITIES, COMPOSITION = "CIS_bdpm.txt", "CIS_COMPO_bdpm.txt"

HOMEOPATHY = "Enreg homéo"
"""Procedure of what is known by the Latin name of a plant or a mineral."""

SOURCE = "Base de données publique des médicaments"
LICENCE = "Licence Ouverte Etalab 2.0"

BRAND, SUBSTANCE = "brand", "substance"

MOST_SUBSTANCES = 4
"""Substances named of a brand; what holds more (vaccines, vitamins) is named by itself."""


@dataclass(frozen=True, slots=True)
class Drug:
    """A name: words in small, without accents."""

    name: str
    kind: str
    value: str
    """The substances, as French writes them, sorted, parted by ` + `; the name itself where none can be named."""


@dataclass(frozen=True, slots=True)
class DrugBase:
    """Names, sorted, each once; at one date."""

    date: str
    """Of the newest authorisation, ISO 8601."""
    drugs: tuple[Drug, ...]

    @property
    def source(self) -> str:
        """Return what findings give as their source."""
        return f"bdpm {self.date}"


@dataclass(slots=True)
class _Rows:
    """What is gathered on the way."""

    names: dict[str, str] = field(default_factory=dict)
    held: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    called: dict[str, str] = field(default_factory=dict)
    """What a plain name of a substance means."""


def compiled(files: Mapping[str, bytes]) -> DrugBase:
    """Compile the two files, by name.

    Raises:
        SchemaError: one is missing, or is not laid out as the base is.
    """
    rows = _Rows()
    specialities = _cells(files, SPECIALITIES, 8)
    _read_composition(_cells(files, COMPOSITION, 8), rows)
    for row in specialities:
        rows.names[row[0]] = "" if row[5].startswith(HOMEOPATHY) else brands.raw_name(row[1])
    _settle(rows)
    found = _substances(rows) | _brands(rows)
    newest = max((_iso(row[7]) for row in specialities), default="")
    return DrugBase(newest, tuple(sorted(found.values(), key=lambda drug: drug.name)))


def _cells(files: Mapping[str, bytes], name: str, least: int) -> list[list[str]]:
    if name not in files:
        sentence = f"{name} is missing: give the folder or the ZIP with {SPECIALITIES} and {COMPOSITION}"
        raise SchemaError(sentence, code="bdpm.missing", facts={"file": name})
    try:
        text = files[name].decode("utf-8-sig")
    except UnicodeDecodeError:
        text = files[name].decode("cp1252", "replace")
    rows = [line.split("\t") for line in text.splitlines() if line.strip()]
    if not rows or any(len(row) < least for row in rows):
        sentence = f"{name} is not laid out as the public drug base is: {least} columns parted by tabs are expected"
        raise SchemaError(sentence, code="bdpm.layout", facts={"file": name})
    return rows


def _read_composition(rows: Iterable[list[str]], into: _Rows) -> None:
    """Note what each speciality holds: of rows of one number what acts; its salts are other names of that."""
    grouped: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        grouped[row[0], row[7].strip()].append((row[6].strip(), row[3].strip()))
    for (code, _), found in grouped.items():
        acting = [name for kind, name in found if kind == "FT"] or [name for _, name in found]
        value = next((value for name in acting if (value := substances.meant(name))), "")
        for _, name in found:
            if value and (other := substances.meant(name)):
                into.called.setdefault(_plain(other), value)
        if value:
            into.called[_plain(value)] = value
            into.held[code].add(value)


def _settle(rows: _Rows) -> None:
    """Call a substance known under several names by one: that of `also.tsv`."""
    same = {_plain(other): plain for plain, others in substances.also().items() for other in others}
    meant = {
        value: rows.called.get(same[plain], same[plain])
        for value in set(rows.called.values())
        if (plain := _plain(value)) in same
    }
    rows.called = {plain: meant.get(value, value) for plain, value in rows.called.items()}
    for code, held in rows.held.items():
        rows.held[code] = {meant.get(value, value) for value in held}


def _substances(rows: _Rows) -> dict[str, Drug]:
    found: dict[str, Drug] = {}
    for plain, value in sorted(rows.called.items()):
        for name in (plain, *map(_plain, substances.english(value)), *map(_plain, substances.english(plain))):
            if name and (name == plain or name not in rows.called):
                found.setdefault(name, Drug(name, SUBSTANCE, value))
    for plain, others in substances.also().items():
        value = rows.called.get(plain, plain)
        for name in (plain, *map(_plain, others)):
            found.setdefault(name, Drug(name, SUBSTANCE, value))
    return found


def _brands(rows: _Rows) -> dict[str, Drug]:
    """Return brands; one name on different contents means what most of the products so named hold."""
    labs = brands.makers(rows.names.values(), rows.called.keys())
    contents: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for code, raw in rows.names.items():
        for name in brands.brand_names(raw, rows.called.keys(), labs):
            contents[name][_value(name, rows.held.get(code, set()))] += 1
    return {
        name: Drug(name, BRAND, min(seen, key=lambda value: (-seen[value], value)))
        for name, seen in contents.items()
        if len(name) >= substances.LEAST_LETTERS and not re.fullmatch(r"[\d ]+", name)
    }


def _value(name: str, held: set[str]) -> str:
    value = " + ".join(sorted(held))
    return value if 0 < len(held) <= MOST_SUBSTANCES and len(value) <= LONGEST_VALUE else name


def _plain(name: str) -> str:
    return " ".join(brands.plain_words(name))


def _iso(day: str) -> str:
    found = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", day.strip())
    return f"{found[3]}-{found[2]}-{found[1]}" if found else ""


def files_of(path: Path) -> dict[str, bytes]:
    """Return the two files out of a folder, a ZIP, or the folder of one of them.

    Raises:
        SchemaError: nothing can be read there.
    """
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                named = {Path(name).name: name for name in archive.namelist()}
                return {name: archive.read(named[name]) for name in (SPECIALITIES, COMPOSITION) if name in named}
        folder = path if path.is_dir() else path.parent
        return {name: (folder / name).read_bytes() for name in (SPECIALITIES, COMPOSITION) if (folder / name).is_file()}
    except (OSError, zipfile.BadZipFile) as error:
        sentence = f"{path} can't be read: {error}"
        raise SchemaError(sentence, code="bdpm.unreadable", facts={"path": path.name}) from error


def written(base: DrugBase) -> str:
    """Return a list as it is kept: source, date and licence, then one row a name."""
    head = f"# {SOURCE}\t{base.date}\t{LICENCE}\n"
    return head + "".join(f"{drug.name}\t{drug.kind[0]}\t{drug.value}\n" for drug in base.drugs)


def read(text: str) -> DrugBase:
    """Read what `written` wrote.

    Raises:
        SchemaError: it is something else.
    """
    head, *lines = text.splitlines() or [""]
    cells = head.split("\t")
    if len(cells) != 3 or not cells[0].startswith("#"):
        raise SchemaError("this is no list of the public drug base", code="bdpm.list")
    kinds = {BRAND[0]: BRAND, SUBSTANCE[0]: SUBSTANCE}
    rows = (line.split("\t") for line in lines)
    return DrugBase(cells[1], tuple(Drug(name, kinds[kind], value) for name, kind, value in rows))


@dataclass(frozen=True, slots=True)
class Change:
    """What a newer base changes."""

    added: tuple[str, ...]
    dropped: tuple[str, ...]
    changed: tuple[str, ...]
    """Names that mean something else."""


def change(old: DrugBase, new: DrugBase) -> Change:
    """Compare two bases, by name."""
    before, after = ({drug.name: drug for drug in base.drugs} for base in (old, new))
    both = before.keys() & after.keys()
    return Change(
        tuple(sorted(after.keys() - before.keys())), tuple(sorted(before.keys() - after.keys())),
        tuple(sorted(name for name in both if before[name] != after[name])),
    )  # fmt: skip


@lru_cache(maxsize=4)
def mark(base: DrugBase) -> str:
    """Return the date of a base and a short digest of its names: two bases of one date may differ."""
    return f"{base.date}.{hashlib.blake2b(written(base).encode(), digest_size=3).hexdigest()}"


def kept_in(folder: Path) -> Path:
    """Return where an installation keeps the base that it loaded."""
    return folder / "lexicons" / "bdpm.tsv"


def keep(base: DrugBase, path: Path) -> None:
    """Write a list in one step: who reads meets the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(written(base), "utf-8")
    draft.replace(path)
