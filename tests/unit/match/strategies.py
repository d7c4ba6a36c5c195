"""Queries and posts drawn for properties: few words, so that they meet."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from vigie.match import Document, Knowledge, Members, tree
from vigie.match.document import ENGAGEMENTS
from vigie.schema import ids

WORDS = ("fièvre", "fievre", "doliprane", "mal", "de", "tête", "coeur", "#doliprane", "l", "😡", "don't", "ab", "€")
LANGUAGES = ("fr", "en", "und")
SECRET = b"a secret of tests"
KNOWLEDGE = Knowledge(
    SECRET,
    {"amis": Members(frozenset({ids.author_key(SECRET, "avis.fr", "Bob")}), frozenset({"avis.fr"})), "vide": Members()},
)

words = st.sampled_from(WORDS).map(tree.Word)
prefixes = st.sampled_from(("fie", "fiè", "doli", "ma", "#do")).map(tree.Prefix)
patterns = st.sampled_from(("fi?vre", "do*ne", "fi*e*", "t?te", "m?", "ab?")).map(tree.Pattern)
cased = st.sampled_from(("MAL", "Tête", "Tete", "AB", "#Doliprane")).map(tree.Cased)
fuzzy = st.builds(tree.Fuzzy, st.sampled_from(("doliprane", "fièvre", "mal", "tete")), st.sampled_from((1, 2)))
terms = words | words | prefixes | patterns | cased | fuzzy
phrases = st.lists(terms, min_size=2, max_size=3).map(lambda parts: tree.Phrase(tuple(parts)))
distances = st.integers(0, 4)


def _pairs(inner: st.SearchStrategy[tree.Positional]) -> st.SearchStrategy[tree.Near]:
    sides = st.lists(inner, min_size=1, max_size=2, unique=True).map(tuple)
    return st.builds(lambda a, b, n, f: tree.Near((a, b), n, f), sides, sides, distances, st.booleans())


windows = st.builds(
    lambda sides, n: tree.Near(tuple(sides), n),
    st.lists(st.lists(words | prefixes, min_size=1, max_size=2, unique=True).map(tuple), min_size=3, max_size=4),
    distances,
)
nears = _pairs(words | phrases) | _pairs(words | _pairs(words)) | windows
positional = terms | phrases | nears
plain = (
    words | prefixes | st.lists(words | prefixes, min_size=2, max_size=3).map(lambda parts: tree.Phrase(tuple(parts)))
)
zoned = st.builds(tree.In, st.just("title"), positional) | st.builds(
    tree.In, st.sampled_from(("url", "links")), plain | _pairs(plain)
)

FIELDS = {
    "space": ("avis", "forum-sante"), "language": LANGUAGES, "site": ("avis.fr", "fr", "forum.avis.fr"),
    "network": ("forum", "blog"), "country": ("fr", "be"), "author": ("bob", "zoé"), "engagingWith": ("bob",),
    "authorVerified": ("true", "false"), "engagementType": tuple(ENGAGEMENTS), "spacekind": ("owned", "external"),
    "list": ("amis", "vide", "absente"), "continent": ("europe",),
}  # fmt: skip
facts = st.sampled_from([tree.Field(name, value) for name, values in FIELDS.items() for value in values])
RANGES = (("authorFollowers", 0, 600), ("authorFollowers", 10, None), ("rating", 0, 2.5), ("rating", 3, 5), ("latitude", 0, 9),
          ("minuteOfDay", 0, 4), ("minuteOfDay", None, 3), ("minuteOfDay", 5, 1439))  # fmt: skip
ranges = st.sampled_from(RANGES).map(
    lambda found: tree.Range(found[0], *(None if bound is None else float(bound) for bound in found[1:]))
)
leaves = terms | phrases | nears | zoned | facts | ranges


def _grown(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    several = st.lists(inner, min_size=2, max_size=3)
    return several.map(tree.conjunction) | several.map(tree.disjunction) | inner.map(tree.negation)


trees = st.recursive(leaves, _grown, max_leaves=8)

fragments = st.sampled_from(
    (*WORDS, "L’", "#", "maladie", "TÊTE", "fie\u0300vre", ".", "®", "dolipranes", "s'", "MAL", "doilprane", "AB", "👍🏽", "1 €",
     "https://avis.fr/mal-de", "http://x.fr/doliprane?de=tête", "頭痛", "\ufffd", "fiévre", "ＡＢ")
)  # fmt: skip
texts = st.lists(fragments, max_size=12).map(" ".join) | st.lists(fragments, max_size=8).map("".join)
noise = st.text(alphabet=st.sampled_from("abAND OR NOT()\"*'’éœ#@:-?~{}<>[]/5f😡\u0301\u200d\ud800€"), max_size=60)

origins = st.sampled_from(("avis.fr", "forum.example", None))
handles = st.sampled_from(("bob", "zoé", "autre", None))
titles = st.none() | texts


languages = st.sampled_from((None, "fr", "en-GB", "und"))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Draw a post with some of what sources say."""
    origin = draw(origins)

    def key(handle: str | None) -> bytes | None:
        return ids.author_key(SECRET, origin, handle) if handle and origin else None

    return Document(
        title=draw(titles),
        text=draw(texts),
        spaces=draw(st.lists(st.sampled_from(("avis", "forum-sante", "autre")), max_size=2).map(tuple)),
        space_kinds=draw(st.lists(st.sampled_from(("owned", "external")), max_size=2).map(tuple)),
        language=draw(languages),
        url=draw(st.none() | st.sampled_from(("https://avis.fr/mal-de-tête", "https://x.fr/fievre"))),
        site=draw(st.none() | st.sampled_from(("avis.fr", "www.Forum.avis.fr", "x.com"))),
        network=draw(st.none() | st.sampled_from(("forum", "blog", "x"))),
        country=draw(st.none() | st.sampled_from(("FR", "be"))),
        origin=origin,
        author_key=key(draw(handles)),
        engaging_key=key(draw(handles)),
        author_verified=draw(st.none() | st.booleans()),
        followers=draw(st.none() | st.integers(0, 1000)),
        rating=draw(st.none() | st.sampled_from((1.0, 2.5, 5.0))),
        published_at=draw(st.none() | st.just(datetime(2026, 3, 1, 0, 4, tzinfo=UTC))),
        engagement=draw(st.lists(st.sampled_from(tuple(ENGAGEMENTS)), max_size=1).map(tuple)),
    )
