"""The same queries answered by others. Each peer is given words as we cut and fold them, so that only matching differs.

`compiled`: the best pure Python known here: a set of words per post, anchors as a presearch, each query compiled to
byte-code. `aho`: ahocorasick_rs finds the anchors in the folded text, then the same byte-code. `tantivy`: an index in
memory per batch of 10,000 posts, every query asked once; it knows no NEAR of lists, so it is asked AND, and what it finds
by queries that ask NEAR is held against their byte-code. `unchecked`: the same without that, which gives other pairs.
`lucene`: Lucene Monitor, the queries without fields.
"""

import itertools
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pyarrow as pa

from vigie.match.frequencies import share_of
from vigie.match.parser import Query
from vigie.match.program import Planner, anchor_of
from vigie.match.tree import And, Field, In, Near, Node, Not, Or, Phrase, Prefix, Range, Word, leaves
from vigie.schema import ids
from vigie.text import words

from .drawn import ORIGIN, SECRET

Pairs = set[tuple[int, str]]
HERE = Path(__file__).parent


def source_of(node: Node) -> str:
    """Return a query as Python over `w` (places by form), `f` (the post's facts)."""
    match node:
        case Word(form):
            return f"{form!r} in w"
        case Prefix(form):
            return f"any(x.startswith({form!r}) for x in w)"
        case Phrase(parts):
            return f"row(w, {tuple(p.form for p in parts)!r})"
        case Near(sides, distance, in_order):
            plain = tuple(tuple((type(one) is Prefix, one.form) for one in side) for side in sides)
            return f"near(w, {plain!r}, {distance}, {in_order})"
        case Field(name, value):
            if name == "author":
                return f"f['author_key'] == {ids.author_key(SECRET, ORIGIN, value)!r}"
            return f"f[{name!r}] == {value!r}"
        case And(children):
            return "(" + " and ".join(map(source_of, children)) + ")"
        case Or(children):
            return "(" + " or ".join(map(source_of, children)) + ")"
        case Not(child):
            return f"(not {source_of(child)})"
    raise AssertionError(node)


def row(w: Mapping[str, list[int]], forms: tuple[str, ...]) -> bool:
    """Say whether forms follow one another."""
    rest = [set(w.get(form, ())) for form in forms]
    return any(all(place + k in found for k, found in enumerate(rest)) for place in rest[0])


def near(
    w: Mapping[str, list[int]], sides: tuple[tuple[tuple[bool, str], ...], ...], distance: int, in_order: bool
) -> bool:
    """Say whether a word of each side stand near one another."""
    left, right = (sorted(p for begins, form in side for p in _places(w, form, begins)) for side in sides)
    return any(a != b and abs(a - b) <= distance + 1 and (a < b or not in_order) for a in left for b in right)


def _places(w: Mapping[str, list[int]], form: str, begins: bool) -> list[int]:
    return [p for known, places in w.items() if known.startswith(form) for p in places] if begins else w.get(form, [])


def anchors(queries: Mapping[str, Query]) -> dict[str, list[str]]:
    """Return the queries that a form, or `field value`, may make hold."""
    planner = Planner(share_of)
    found: dict[str, list[str]] = {}
    plans = {query_id: anchor_of(planner.plan(query.root)) for query_id, query in queries.items()}
    forms = {n: (asked.kind, asked.form) for asked, n in planner.asked.items()}
    for query_id, anchor in plans.items():
        for term in anchor.terms:
            key = f"{forms[term][0]} {forms[term][1]}" if isinstance(term, int) else f"{term[0]} {_said(*term)}"
            found.setdefault(key, []).append(query_id)
    return found


def _said(name: str, value: str) -> str:
    return repr(ids.author_key(SECRET, ORIGIN, value)) if name == "author" else value


class Compiled:
    """Pure Python: sets, anchors, byte-code."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        scope = {"row": row, "near": near}
        self.tests = {
            i: eval(compile(f"lambda w, f: {source_of(q.root)}", i, "eval"), scope) for i, q in queries.items()
        }
        by_anchor = anchors(queries)
        self._words = {k[2:]: v for k, v in by_anchor.items() if k.startswith("0 ")}
        self._prefixes = {k[2:]: v for k, v in by_anchor.items() if k.startswith("1 ")}
        self._facts = {k: v for k, v in by_anchor.items() if not k[0].isdigit()}
        self._lengths = sorted({len(k) for k in self._prefixes})

    def read(self, text: str) -> dict[str, list[int]]:
        """Return the places of every form of a text."""
        places: dict[str, list[int]] = {}
        for n, word in enumerate(words.words(text)):
            for form in word.forms:
                places.setdefault(form, []).append(n)
        return places

    def candidates(self, w: Mapping[str, list[int]], f: Mapping[str, object]) -> set[str]:
        """Return the queries worth a look."""
        found: set[str] = set()
        for form in w.keys() & self._words.keys():
            found.update(self._words[form])
        for form, length in itertools.product(w, self._lengths):
            if form[:length] in self._prefixes and len(form) >= length:
                found.update(self._prefixes[form[:length]])
        return found | self.of_facts(f)

    def of_facts(self, f: Mapping[str, object]) -> set[str]:
        """Return the queries that a fact makes worth a look."""
        keys = (f"site {f['site']}", f"author {f['author_key']!r}")
        return {query for key in keys for query in self._facts.get(key, ())}

    def holding(self, w: Mapping[str, list[int]], f: Mapping[str, object], among: set[str]) -> list[str]:
        """Return those that hold."""
        return [query for query in among if self.tests[query](w, f)]


def facts_of(posts: pa.Table) -> list[dict[str, object]]:
    """Return what sources say, a dictionary a post."""
    return posts.select(["site", "author_key", "language"]).to_pylist()


def compiled(queries: Mapping[str, Query], posts: pa.Table) -> tuple[Pairs, float]:
    """Answer in pure Python; return the pairs and the seconds."""
    engine, texts, facts = Compiled(queries), posts["text"].to_pylist(), facts_of(posts)
    begun, pairs = time.process_time(), set()
    for n, (text, f) in enumerate(zip(texts, facts, strict=True)):
        w = engine.read(text)
        pairs.update((n, query) for query in engine.holding(w, f, engine.candidates(w, f)))
    return pairs, time.process_time() - begun


def aho(queries: Mapping[str, Query], posts: pa.Table) -> tuple[Pairs, float]:
    """Answer by anchors in the folded text, then in Python."""
    import ahocorasick_rs

    engine, texts, facts = Compiled(queries), posts["text"].to_pylist(), facts_of(posts)
    keys = [(f" {k} ", v) for k, v in engine._words.items()] + [(f" {k}", v) for k, v in engine._prefixes.items()]
    finder = ahocorasick_rs.AhoCorasick([k for k, _ in keys], ahocorasick_rs.MatchKind.Standard)
    begun, pairs = time.process_time(), set()
    for n, (text, f) in enumerate(zip(texts, facts, strict=True)):
        w = engine.read(text)
        folded = f" {'  '.join(w)} "
        among = {q for k in finder.find_matches_as_indexes(folded, overlapping=True) for q in keys[k[0]][1]}
        pairs.update((n, query) for query in engine.holding(w, f, among | engine.of_facts(f)))
    return pairs, time.process_time() - begun


def tantivy(queries: Mapping[str, Query], posts: pa.Table, *, checked: bool = True) -> tuple[Pairs, float]:
    """Index a batch and ask every query once; hold what it finds by AND, where NEAR is meant, against byte-code."""
    import tantivy as t

    schema = (
        t.SchemaBuilder().add_text_field("t", tokenizer_name="whitespace").add_text_field("site", tokenizer_name="raw")
    )
    built = (
        schema.add_text_field("author", tokenizer_name="raw")
        .add_text_field("language", tokenizer_name="raw")
        .add_unsigned_field("n", stored=True)
        .build()
    )
    texts, facts = posts["text"].to_pylist(), facts_of(posts)
    asked = {i: _tantivy(t, built, q.root) for i, q in queries.items()}
    engine = Compiled({i: q for i, q in queries.items() if checked and has_near(q.root)})
    begun, pairs, forms = time.process_time(), set(), []
    index = t.Index(built)
    writer = index.writer(heap_size=200_000_000, num_threads=1)
    for n, (text, f) in enumerate(zip(texts, facts, strict=True)):
        forms.append(" ".join(word.plain for word in words.words(text)))
        writer.add_document(
            t.Document(t=forms[n], site=f["site"], author=f["author_key"].hex(), language=f["language"], n=n)
        )
    writer.commit()
    index.reload()
    searcher = index.searcher()
    places = cache(lambda n: _by_form(forms[n]))
    for query_id, query in asked.items():
        hits = searcher.search(query, limit=len(texts), count=False).hits
        found = (searcher.doc(address)["n"][0] for _, address in hits)
        holds = engine.tests.get(query_id)
        pairs.update((n, query_id) for n in found if holds is None or holds(places(n), facts[n]))
    return pairs, time.process_time() - begun


def unchecked(queries: Mapping[str, Query], posts: pa.Table) -> tuple[Pairs, float]:
    """Ask the same of Tantivy and take AND for NEAR."""
    return tantivy(queries, posts, checked=False)


def _by_form(forms: str) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for n, form in enumerate(forms.split(" ")):
        places.setdefault(form, []).append(n)
    return places


def has_near(node: Node) -> bool:
    """Say whether a query asks for words near one another."""
    match node:
        case Near():
            return True
        case And(children) | Or(children):
            return any(map(has_near, children))
        case Not(child):
            return has_near(child)
    return False


def _tantivy(t: object, schema: object, node: Node) -> object:
    must, should, never = t.Occur.Must, t.Occur.Should, t.Occur.MustNot
    match node:
        case Word(form):
            return t.Query.term_query(schema, "t", words.fold(form).plain)
        case Prefix(form):
            return t.Query.regex_query(schema, "t", f"{words.fold(form).plain}.*")
        case Phrase(parts):
            return t.Query.phrase_query(schema, "t", [words.fold(p.form).plain for p in parts])
        case Near(sides):
            inner = [t.Query.boolean_query([(should, _tantivy(t, schema, one)) for one in side]) for side in sides]
            return t.Query.boolean_query([(must, one) for one in inner])
        case Field(name, value):
            said = ids.author_key(SECRET, ORIGIN, value).hex() if name == "author" else value
            return t.Query.term_query(schema, name, said)
        case And(children):
            parts = [(never, c.child) if isinstance(c, Not) else (must, c) for c in children]
            return t.Query.boolean_query([(how, _tantivy(t, schema, c)) for how, c in parts])
        case Or(children):
            return t.Query.boolean_query([(should, _tantivy(t, schema, c)) for c in children])
        case Not(child):
            return t.Query.boolean_query([(must, t.Query.all_query()), (never, _tantivy(t, schema, child))])
    raise AssertionError(node)


@cache
def _built() -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", str(HERE / "lucene" / "build.sh")], capture_output=True, text=True, check=False)


def monitor() -> tuple[str, ...] | None:
    """Return the command of Lucene Monitor, built from Debian's source; nothing when it can't be had."""
    return tuple(_built().stdout.split()) if _built().returncode == 0 else None


def unbuilt() -> str:
    """Return why Lucene Monitor can't be had: the last of what its build said."""
    return "\n".join(_built().stderr.splitlines()[-3:])


def lucene(queries: Mapping[str, Query], posts: pa.Table, batch: int = 1_000) -> tuple[Pairs, float] | None:
    """Answer by Lucene Monitor; nothing when it is not installed."""
    command = monitor()
    if command is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        asked, told, out = (Path(folder) / name for name in ("q", "p", "out"))
        asked.write_text("".join(f"{i}\t{tree_of(q.root)}\n" for i, q in queries.items()), "utf-8")
        lines = (" ".join(word.plain for word in words.words(text)) for text in posts["text"].to_pylist())
        told.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        run = subprocess.run(
            [*command, str(asked), str(told), str(batch), str(out)], capture_output=True, text=True, check=True
        )
        rows = (line.split("\t") for line in out.read_text("utf-8").splitlines())
        return {(int(n), i) for n, i in rows}, float(run.stdout.split()[-1])


def tree_of(node: Node) -> str:
    """Return a query as the harness of Lucene Monitor reads it."""
    match node:
        case Word(form):
            return f"w:{words.fold(form).plain}"
        case Prefix(form):
            return f"p:{words.fold(form).plain}"
        case Phrase(parts):
            return f"( ROW {' '.join(tree_of(p) for p in parts)} )"
        case Near(sides, distance):
            inner = (tree_of(s[0]) if len(s) == 1 else f"( OR {' '.join(map(tree_of, s))} )" for s in sides)
            return f"( NEAR {distance} {' '.join(inner)} )"
        case And(children):
            return f"( AND {' '.join(map(tree_of, children))} )"
        case Or(children):
            return f"( OR {' '.join(map(tree_of, children))} )"
        case Not(child):
            return f"( NOT {tree_of(child)} )"
    raise AssertionError(node)


def unaccented(node: Node) -> Node:
    """Return a query that asks for words without accents, as those peers can that are given plain words."""
    match node:
        case Word(form) | Prefix(form):
            return type(node)(words.fold(form).plain)
        case Phrase(parts):
            return Phrase(tuple(unaccented(part) for part in parts))
        case Near(sides, distance, in_order):
            return Near(tuple(tuple(unaccented(one) for one in side) for side in sides), distance, in_order)
        case And(children) | Or(children):
            return type(node)(tuple(unaccented(child) for child in children))
        case Not(child):
            return Not(unaccented(child))
    return node


def has_facts(query: Query) -> bool:
    """Say whether a query tests what sources say."""
    return any(isinstance(leaf, Field | Range | In) for leaf in leaves(query.root))


PEERS: dict[str, Callable[[Mapping[str, Query], pa.Table], tuple[Pairs, float] | None]] = {
    "pure Python, compiled": compiled, "ahocorasick_rs": aho, "Tantivy": tantivy,
    "Tantivy, unchecked": unchecked, "Lucene Monitor": lucene,
}  # fmt: skip

GIVEN_PLAIN = ("Tantivy", "Tantivy, unchecked", "Lucene Monitor")
"""Peers that are given words without accents, and queries that ask so: they keep one form a word."""
