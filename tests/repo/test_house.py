"""Rules of the house that a script can hold."""

import ast
import re
import subprocess
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from support import manual

from vigie.schema import tables
from vigie.server.config import reference
from vigie.server.permissions import ROLE_PERMISSIONS, Permission

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "vigie"

SHELLS = {
    "server/clock.py": {"datetime.datetime.now"},
    "server/commands.py": {"time.sleep"},
    "server/services/network.py": {"time.sleep"},
    "cli/collect.py": {"datetime.datetime.now", "time.sleep"},
    "cli/io.py": {"datetime.datetime.now"},
}
"""Where the clock is read and time passes, and by what; everywhere else `now` and `sleep` are arguments."""

ASKS_THE_SERVERS_CLOCK = {
    "server/commands.py", "server/worker/handlers.py", "server/worker/main.py", "web/accounts.py", "web/choices.py", "web/context.py",
    "web/templatetags/vigie.py", "web/views/frame.py",
}  # fmt: skip
"""The shells that call `vigie.server.clock`, which `VIGIE_NOW` may stop."""

CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "django.utils.timezone.now",
    "time.time",
    "time.time_ns",
    "time.sleep",
    "asyncio.sleep",
}

WITHOUT_ARGUMENT = {
    "django.utils.timezone.localdate",
    "django.utils.timezone.localtime",
    "time.localtime",
    "time.gmtime",
}
"""They read the clock when they are given no instant."""

LONGEST = 500
"""Lines of a file: beyond, it is more than one idea."""

LARGEST = 1_000_000
"""Bytes of a file, but for the databases of earlier versions."""


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def python_files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def test_no_file_is_longer_than_one_idea() -> None:
    long = {
        p.relative_to(ROOT).as_posix(): n
        for p in python_files()
        if (n := len(p.read_text("utf-8").splitlines())) > LONGEST and "migrations" not in p.parts
    }
    # The kernels are flat on purpose: Numba loses half its speed to helpers that take arrays.
    assert set(long) <= {"src/vigie/text/kernel.py"}


def test_no_file_is_larger_than_a_megabyte_but_earlier_databases() -> None:
    sizes = {p.relative_to(ROOT).as_posix(): p.stat().st_size for p in tracked()}
    large = [name for name, size in sizes.items() if size > LARGEST and not name.startswith("tests/upgrade/v")]
    pictures = [name for name, size in sizes.items() if name.endswith(".webp") and size > 150_000]
    databases = [name for name, size in sizes.items() if name.startswith("tests/upgrade/v") and size > 3 * LARGEST]
    assert (large, pictures, databases) == ([], [], [])


def test_no_leavings_of_tools_are_kept() -> None:
    assert [p.name for p in tracked() if p.suffix in {".orig", ".rej", ".lock", ".bak", ".swp"}] == []


DATA_SUFFIXES = {".csv", ".npz", ".parquet", ".tsv", ".txt.gz", ".zst"}


def test_every_file_of_data_is_named_with_its_licence() -> None:
    """A folder of data says in its README of licences, file by file, what it was made from; NOTICE names the folder."""
    notice = (ROOT / "NOTICE").read_text("utf-8")
    unnamed = []
    for path in tracked():
        if path.suffix in DATA_SUFFIXES and SOURCE in path.parents and path.stat().st_size > 20_000:
            readme = path.parent / "licences/README.md"
            said = readme.read_text("utf-8") if readme.is_file() else ""
            row = next((line for line in said.splitlines() if f"`{path.name}`" in line), "")
            if row.count("|") < 4 or path.parent.relative_to(ROOT).as_posix() not in notice:
                unnamed.append(path.relative_to(ROOT).as_posix())
    assert unnamed == []


def imported(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name of a module stands for."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def whole_name(node: ast.AST, names: dict[str, str]) -> str:
    """Return the whole name of `a.b.c`, as it is imported; empty for anything else."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        owner = whole_name(node.value, names)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def clocks_read(source: str) -> dict[int, str]:
    """Return what reads the clock or lets time pass, by line, called or handed on under another name."""
    tree = ast.parse(source)
    names, found = imported(tree), {}
    for node in ast.walk(tree):
        name = whole_name(node, names)
        if name in CLOCKS:
            found[node.lineno] = name
        if isinstance(node, ast.Call) and not node.args and (name := whole_name(node.func, names)) in WITHOUT_ARGUMENT:
            found[node.lineno] = name
    return found


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\ndatetime.datetime.now()", "import datetime as d\nd.datetime.now(d.UTC)", "from time import sleep\nsleep(1)",
        "from time import sleep as wait\nf(wait)", "import time\nself.sleep = time.sleep", "from datetime import date as day\nday.today()",
        "from django.utils import timezone\ntimezone.now()", "from django.utils.timezone import now\nnow()", "import asyncio\nasyncio.sleep(1)",
        "import django.utils.timezone\ndjango.utils.timezone.now", "from django.utils import timezone\ntimezone.localdate()",
    ],
)  # fmt: skip
def test_clock_is_found_under_any_name(source: str) -> None:
    assert list(clocks_read(source)) == [2]


@pytest.mark.parametrize(
    "source", ["from django.utils import timezone\ntimezone.localdate(now)", "self.sleep(1)", "now()", "clock.now()"]
)
def test_clock_that_is_handed_in_is_none(source: str) -> None:
    assert clocks_read(source) == {}


def test_clock_is_read_in_the_shells_alone() -> None:
    found = {}
    for path in python_files():
        if read := clocks_read(path.read_text("utf-8")):
            found[path.relative_to(SOURCE).as_posix()] = set(read.values())
    assert found == SHELLS


def test_clock_of_the_server_is_asked_by_the_shells_alone() -> None:
    found = set()
    for path in python_files():
        names = imported(ast.parse(path.read_text("utf-8"))).values()
        if any(name == "vigie.server.clock" or name.startswith("vigie.server.clock.") for name in names):
            found.add(path.relative_to(SOURCE).as_posix())
    assert found == ASKS_THE_SERVERS_CLOCK


def test_every_dependency_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    for requirement in [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]:
        assert re.search(rf'"{re.escape(requirement)}",\s+# \w', text), requirement


def test_every_exception_to_a_rule_says_why() -> None:
    bare = []
    for path in [*python_files(), *(ROOT / "tests").rglob("*.py")]:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if path == Path(__file__):
                continue
            if re.search(r"# noqa(?!:)", line) or (
                "# noqa:" in line and "--" not in line.split("# noqa:")[1] and "src" in path.parts
            ):
                bare.append(f"{path.relative_to(ROOT)}:{number}")
    assert bare == []


def test_every_column_has_a_privacy_class_and_a_doc() -> None:
    for columns in (tables.POST_COLUMNS, tables.ARCHIVE_COLUMNS, tables.MENTION_COLUMNS):
        assert all(isinstance(c.privacy, tables.Privacy) and c.doc.endswith((".", "`.", ")")) for c in columns), [
            c.name for c in columns
        ]


def test_no_clear_name_stands_in_archive_or_mirror() -> None:
    assert not [c.name for c in (*tables.ARCHIVE_COLUMNS, *tables.MENTION_COLUMNS) if c.privacy is tables.Privacy.CLEAR]
    assert not [c.name for c in tables.MENTION_COLUMNS if c.privacy is tables.Privacy.CONTENT]


def test_settings_are_documented_as_they_are() -> None:
    assert (ROOT / "docs/reference/settings.md").read_text("utf-8") == reference()


def test_query_manual_is_what_the_tables_say() -> None:
    assert manual.PAGE.read_text("utf-8") == manual.page()


def roles_page() -> str:
    """Return the page of roles as the table says it."""
    roles = list(ROLE_PERMISSIONS)
    lines = [
        "# Roles",
        "",
        "Generated from `vigie.server.permissions`; a test compares.",
        "",
        "| permission | " + " | ".join(r.value for r in roles) + " |",
        "|---|" + "---|" * len(roles),
    ]
    lines += [
        f"| {p.value} | " + " | ".join("yes" if p in ROLE_PERMISSIONS[r] else "" for r in roles) + " |"
        for p in Permission
    ]
    return "\n".join(lines) + "\n"


def test_roles_are_documented_as_they_are() -> None:
    assert (ROOT / "docs/reference/roles.md").read_text("utf-8") == roles_page()


@pytest.mark.parametrize(
    "pattern", [r"/work/(main|shared|fresh)", r"/root/", r"/tmp/scratch", r"\b(TODO|FIXME)\b(?!\()"]
)
def test_no_file_names_a_machine_or_leaves_a_task_without_owner(pattern: str) -> None:
    texts = [
        p
        for p in tracked()
        if p.suffix in {".py", ".md", ".html", ".css", ".js", ".toml", ".txt", ".po", ""} and p != Path(__file__)
    ]
    assert [
        p.relative_to(ROOT).as_posix() for p in texts if re.search(pattern, p.read_text("utf-8", errors="ignore"))
    ] == []
