"""Write docs/reference/query-language.md from the tables of tests/spec: `python tests/support/manual.py`."""

import importlib.util
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType

from vigie.match import QueryError, check
from vigie.match.faults import WARNINGS
from vigie.match.fields import RULES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/query-language.md"

HEAD = """# The query language

*Généré des tableaux de `tests/spec`, que les tests vérifient ; les titres et les textes sont en français ensuite.*

Generated from the tables of `tests/spec`, which the tests check. A query says which posts a watch finds; `vigie query
check 'QUERY'` reads one, and the page of a watch shows what it finds while you type.

Une requête dit quels messages une veille trouve ; `vigie query check 'REQUÊTE'` en lit une, et la page d'une veille
montre ce qu'elle trouve pendant qu'on l'écrit.

| written | means | veut dire |
|---|---|---|
| `a AND b` · `a OR b` · `a NOT b` | both, one of them, the first without the second; in capitals | les deux, l'un des deux, le premier sans le second ; en capitales |
| `(a OR b) AND c` | brackets wherever AND, OR, NOT, NEAR meet | des parenthèses partout où AND, OR, NOT, NEAR se rencontrent |
| `"a b"` | these words, one after the other | ces mots, l'un après l'autre |
| `a NEAR/5 b` · `a NEAR/5f b` | at most five other words between; in this order | cinq autres mots au plus entre les deux ; dans cet ordre |
| `"a b c"~5` · `(a AND b)~5` | all near one another, at most five other words among them | tous proches, cinq autres mots au plus parmi eux |
| `vaccin*` · `vac*tion` · `colo?r` | any letters; exactly one | des lettres quelconques ; une exactement |
| `{BT}` | with these capitals | avec ces capitales |
| `doliprane~1` · `~2` | so many letters may differ: added, left out, replaced, exchanged | autant de lettres peuvent différer : ajoutées, omises, remplacées, échangées |
| `#mot` · `@nom` · `😡` · `$` · `%` | as written | tels quels |
| `<<< note >>>` | a comment | un commentaire |

A word asks title and text; a phrase and NEAR lie within one of them. A test of what the source does not say does not
hold, and its NOT does: no post is lost for what its source does not say, and the preview counts those found so. A word
of more than 200 characters is found by nothing.

Punctuation counts for nothing. So do other signs, as those of `C++` or a `|` in a phrase; a warning names them. A `?` after
letters is always one more letter: `why?` is warned about, a `?` alone is refused.

Labels (`drug:`, `reaction:`, `condition:`, `device:`, `tone:`, `who:`, `intent:`, `category:`, `story:`) are the label
part of a watch: the rest, its text part, runs on all that comes and keeps posts; once their labels are known the whole query
says which mentions count, and says it again when a label changes or a person corrects it. By labels alone nothing can be kept:
such a query is refused. `drug:` and its like take any brand or substance name, without regard to accents and capitals; what a
text denies (“no nausea”) is no reaction. Searches, categories and files have no labels.

Les étiquettes (`drug:`, `reaction:`, `condition:`, `device:`, `tone:`, `who:`, `intent:`, `category:`, `story:`) sont la part
d'étiquettes d'une veille : le reste, sa part de texte, s'applique à tout ce qui arrive et garde des messages ; une fois leurs
étiquettes connues, la requête entière dit quelles citations comptent, et le redit quand une étiquette change ou qu'une personne
la corrige. Par ses seules étiquettes une requête ne garde rien : elle est refusée. `drug:` et les autres prennent tout nom de
marque ou de substance, sans égard aux accents ni aux capitales ; ce qu'un texte nie (« pas de nausée ») n'est pas un effet. Les
recherches, les catégories et les fichiers n'ont pas d'étiquettes.

La ponctuation ne compte pas. Les autres signes non plus, ceux de `C++` ou un `|` entre guillemets ; un avertissement les
nomme. Un `?` après des lettres est toujours une lettre de plus : `why?` est signalé, un `?` isolé est refusé.
"""


def spec(name: str) -> ModuleType:
    """Load one chapter."""
    made = importlib.util.spec_from_file_location(name, ROOT / f"tests/spec/{name}.py")
    assert made and made.loader
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    return module


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def code(text: str) -> str:
    """Return a piece of code that stands in a cell."""
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text).replace("|", "\\|")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`" if shown.strip() else "(nothing)"


def words_chapter() -> str:
    """Return what counts as a word."""
    chapter = spec("test_words")
    names = {
        "CASE_AND_LIGATURES": "Capitals and joined letters · Capitales et ligatures", "ACCENTS": "Accents",
        "APOSTROPHES": "Apostrophes and elision · Apostrophes et élision",
        "HYPHENS_AND_SIGNS": "Hyphens and signs · Traits d'union et signes", "HASHTAGS": "Hashtags · Mots-dièse",
        "EMOJI": "Emoji · Émojis", "SCRIPTS": "Other scripts · Autres écritures", "SYMBOLS": "Currency and percent · Devises et pour cent",
    }  # fmt: skip
    parts = ["## Words · Mots"]
    for name, title in names.items():
        if rows := getattr(chapter, name, None):
            found = ((code(q), code(t), ", ".join(map(code, caught)) or "–") for q, t, caught in rows)
            parts += [f"### {title}", table(("query", "text", "finds"), found)]
    return "\n\n".join(parts)


def queries_chapter() -> str:
    """Return what queries mean, and what they are refused for."""
    chapter = spec("test_queries")
    holds = ((code(q), "yes" if held else "no") for q, held in chapter.MEANINGS)
    forms = ((code(q), code(normal), "; ".join(_said(c) for c in codes)) for q, normal, codes in chapter.NORMAL_FORMS)
    post = chapter.POST
    return "\n\n".join(
        [
            "## Meanings · Sens",
            f"For a post titled “{post.title}”, in the spaces {', '.join(post.spaces)}, in French: “{post.text}”",
            table(("query", "found"), holds),
            "## Normal form and warnings · Forme normale et avertissements",
            table(("query", "reads as", "warning"), forms),
            "## Refusals · Refus",
            table(("query", "why", "what to do"), (_refused(q) for q, _, _ in chapter.REFUSALS)),
        ]
    )


def _said(warning: str) -> str:
    return WARNINGS[warning].sentence.replace("%(", "").replace(")s", "")


def _refused(query: str) -> tuple[str, str, str]:
    try:
        check(query)
    except QueryError as error:
        return code(query), error.sentence.replace("|", "\\|"), error.advice.replace("|", "\\|")
    raise AssertionError(query)


def fields_chapter() -> str:
    """Return the fields."""
    kinds = {
        "zone": "words of one part of a post", "word": "a word with its sign", "said": "what the source, or we, say",
        "range": "a number between two", "label": "a label of what is kept", "later": "refused: drug safety comes later", "nothing": "no source says it: never holds",
    }  # fmt: skip
    rows = (
        (
            f"`{rule.name}:`",
            code(rule.example),
            kinds[rule.kind.partition("-")[0]],
            ", ".join(f"`{v}`" for v, _ in rule.values),
        )
        for rule in RULES
    )
    return "\n\n".join(["## Fields · Champs", table(("field", "for instance", "tests", "values"), rows)])


def page() -> str:
    """Return the whole page."""
    end = "Queries of other products: [bring your queries](../how-to/bring-your-queries.md)."
    return "\n\n".join([HEAD.rstrip(), fields_chapter(), words_chapter(), queries_chapter(), end]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
