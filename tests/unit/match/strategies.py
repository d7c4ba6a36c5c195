"""Queries and posts drawn for properties: few words, so that they meet."""

from hypothesis import strategies as st

from vigie.match import tree

WORDS = ("fièvre", "fievre", "doliprane", "mal", "de", "tête", "coeur", "#doliprane", "l", "😡", "don't", "ab")
LANGUAGES = ("fr", "en", "und")

words = st.sampled_from(WORDS).map(tree.Word)
prefixes = st.sampled_from(("fie", "fiè", "doli", "ma", "#do")).map(tree.Prefix)
phrases = st.lists(words | prefixes, min_size=2, max_size=3).map(lambda parts: tree.Phrase(tuple(parts)))
spaces = st.sampled_from(("avis", "forum-sante")).map(tree.Space)
languages = st.sampled_from(LANGUAGES).map(tree.Language)


def _grown(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    several = st.lists(inner, min_size=2, max_size=3)
    return several.map(tree.conjunction) | several.map(tree.disjunction) | inner.map(tree.negation)


trees = st.recursive(words | prefixes | phrases | spaces | languages, _grown, max_leaves=8)

fragments = st.sampled_from((*WORDS, "L’", "#", "maladie", "TÊTE", "fie\u0300vre", ".", "®", "dolipranes", "s'"))
texts = st.lists(fragments, max_size=12).map(" ".join) | st.lists(fragments, max_size=8).map("".join)
noise = st.text(alphabet=st.sampled_from("abAND OR NOT()\"*'’éœ#@:-?~😡\u0301\u200d\ud800languagespace"), max_size=60)
