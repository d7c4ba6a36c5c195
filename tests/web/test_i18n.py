"""French is whole, well spaced, and kept by tools that do what they say."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from django.utils import translation

from vigie import platforms, web
from vigie.web import i18n
from vigie.web.sentences import PLACES, SENTENCES, place, sentence, stored
from vigie.web.words import BY_NAME


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("line 12", "ligne 12"),
        ("item 3", "élément 3"),
        ("https://forum.example/t/1", "https://forum.example/t/1"),
        ("nowhere", "nowhere"),
    ],
)
def test_place_of_what_was_skipped_is_told_in_the_readers_language(where: str, said: str) -> None:
    with translation.override("fr"):
        assert place(where) == said
        assert (
            stored("import.no_words", {"line": 12, "sentence": "The line has no text."}) == "La ligne n’a pas de texte."
        )


def test_every_place_that_sources_write_has_a_word() -> None:
    text = "".join(path.read_text("utf-8") for path in Path(platforms.__file__).parents[1].rglob("*.py"))
    assert set(re.findall(r'(?:Skipped\(\s*|where = .*, )f"([a-z]+) \{', text)) <= set(PLACES)


def test_french_is_complete_and_well_spaced() -> None:
    assert i18n.check() == []


def test_extraction_finds_messages_of_templates_and_python() -> None:
    keys = {i18n.key_of(message) for message in i18n.extracted() if message.id}
    assert {"Log in", "%(n)s day ago", "what the worker does|Work", "The database does not answer"} <= keys
    assert "unnamed author" in keys
    assert "Error %(status)s (%(code)s), reference" in keys


def test_every_value_of_every_vocabulary_has_a_word() -> None:
    lacking = [value.value for kind, words in BY_NAME.values() for value in kind if value not in words]
    assert lacking == []


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("Quoi ? Ceci : « oui » !", "Quoi\u202f? Ceci\u202f: «\u202foui\u202f»\u202f!"),
        ("37 % de l'ensemble", "37\u202f% de l’ensemble"),
        ("de %(n)s % et %(m)s %(unit)s", "de %(n)s\u202f% et %(m)s %(unit)s"),
        ("à 08:41, https://a.fr?x", "à 08:41, https://a.fr?x"),
    ],
)
def test_spaced_sets_french_spaces_and_apostrophes(typed: str, set_: str) -> None:
    assert i18n.spaced(typed) == set_


@pytest.mark.parametrize("text", ["Quoi ?", "Quoi?", "Ceci: cela", "l'un", "«oui»", "37 %", "fin ;"])
def test_faults_tell_of_bad_french_spacing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "django.po"
    path.write_text(f'{i18n._HEADER}msgid "a"\nmsgstr "{text}"\n', encoding="utf-8")
    assert len(i18n.faults(path)) >= 1


def test_faults_tell_of_a_lost_placeholder(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    path.write_text(f'{i18n._HEADER}msgid "%(n)s posts"\nmsgstr "messages"\n', encoding="utf-8")
    assert i18n.faults(path) == ["'%(n)s posts': placeholders [] for ['%(n)s']"]


def test_missing_tells_of_empty_and_fuzzy_messages(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    path.write_text(
        f'{i18n._HEADER}msgid "Log in"\nmsgstr ""\n\n#, fuzzy\nmsgid "Log out"\nmsgstr "Sortir"\n', encoding="utf-8"
    )
    keys = {i18n.key_of(message) for message in i18n.missing(path)}
    assert {"Log in", "Log out", "Dashboard"} <= keys


def test_fill_puts_french_in_and_names_what_is_no_message(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    unknown = i18n.fill({"Log out?": "Partir ?", "what the worker does|Work": "Travaux", "No such": "x"}, path)
    assert unknown == ["No such"]
    catalog = i18n.read(path)
    assert catalog["Log out?"].string == "Partir\u202f?"
    assert catalog.get("Work", "what the worker does").string == "Travaux"
    before = path.read_bytes()
    i18n.update(path)
    assert path.read_bytes() == before


def test_compile_stale_writes_each_catalogue_once(tmp_path: Path) -> None:
    i18n.compile_stale(tmp_path)
    compiled = tmp_path / "fr" / "LC_MESSAGES" / "django.mo"
    with compiled.open("rb") as file:
        assert read_mo(file)["Log in"].string == "Se connecter"
    stamp = compiled.stat().st_mtime_ns
    i18n.compile_stale(tmp_path)
    assert compiled.stat().st_mtime_ns == stamp


def test_every_error_that_holds_facts_has_a_sentence_by_its_code() -> None:
    root = Path(i18n.__file__).parents[1]
    lacking = set()
    for path in sorted(root.rglob("*.py")):
        if path.relative_to(root).as_posix().startswith(i18n.OPERATORS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            code = _code_of_facts(node)
            if code is not None and code not in SENTENCES:
                lacking.add(f"{code} ({path.relative_to(root)})")
    assert sorted(lacking) == []


def _code_of_facts(node: ast.AST) -> str | None:
    """Return the code of a call whose first argument is a sentence with facts in it."""
    if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.JoinedStr)):
        return None
    codes = [word.value.value for word in node.keywords if word.arg == "code" and isinstance(word.value, ast.Constant)]
    return str(codes[0]) if codes else None


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ["0 lieu proposé.", "1 lieu proposé.", "2 lieux proposés."]),
        ("en", ["0 places proposed.", "1 place proposed.", "2 places proposed."]),
    ],
)
def test_sentence_counts_as_the_language_does(language: str, said: list[str]) -> None:
    with translation.override(language):
        assert [sentence("spaces.proposed", {"n": n}, fallback="x") for n in range(3)] == said
        assert sentence("spaces.proposed", {}, fallback="as raised") == "as raised"


MANY = {
    "%(n)s changes in what is heard",
    "The first %(n)s accounts of this page.",
    "These are %(n)s mentions; an export holds %(most)s. Choose a shorter window or fewer watches.",
}
"""Messages whose number is never 0 or 1."""


def test_figure_before_a_word_chooses_between_one_and_many() -> None:
    counted = re.compile(r"%\((?:n|some|seen|rows|posts|events|mentions|new|read)\)s (?:[a-z]+ )?[a-z]+s\b(?! ago)")
    found = {str(m.id) for m in i18n.extracted() if isinstance(m.id, str) and counted.search(m.id)}
    assert found - MANY == set()


def test_sentence_is_in_the_readers_language_with_its_facts() -> None:
    with translation.override("fr"):
        assert (
            sentence("correction.value", {"value": "gai"}, fallback="x") == "«\u202fgai\u202f» n’est pas une tonalité."
        )
        assert sentence("correction.value", {}, fallback="as raised") == "as raised"
        assert sentence("people.no_brand", {}, fallback="Choose one of our brands.") == "Choisissez une de nos marques."
        assert sentence("x.y", {}, fallback="") == ""


def test_no_page_names_a_language_in_english_alone() -> None:
    """Django's filter `language_name` gives the English name whatever the reader reads; ours is `tongue`."""
    pages = Path(web.__file__).parent.rglob("*.html")
    assert [page.name for page in pages if "|language_name" in page.read_text("utf-8")] == []


def test_no_message_hides_within_an_f_string() -> None:
    """Babel reads none there: such a message would stand in English for ever, and nothing would say so."""
    hidden = [
        f"{path.name}:{call.lineno}"
        for path in Path(web.__file__).parent.rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in {"_", "gettext", "ngettext"}
    ]
    assert hidden == []
