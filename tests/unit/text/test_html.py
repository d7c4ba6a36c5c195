"""HTML to text: the short way says what the parser says, and the walk what a walk of all events says."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from vigie.text import html

TEXTS = ["a", "b c", " ", "\n", "\t", "é", "😀", "1 > 2", "&amp;", "&lt;", "&nbsp;", "&#39;", "&eacute;", "&hellip;", "&#128;", "&x"]  # fmt: skip
ALONE = ["<br>", "<br/>", "<br />", "<hr>", "<img>", '<img class="emoji" alt=":x:">', '<img src="x" alt="😀">', '<img alt="&amp;é">']  # fmt: skip
WILD = [
    "<p>",
    "</p>",
    "</div>",
    "<i>",
    "<",
    "<!-- x -->",
    "<script>a<b</script>",
    "<table><tr><td>",
    "<P>",
    "<p/>",
    "\0",
]
TAGS = [
    "p",
    "div",
    "blockquote",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "a",
    "b",
    "code",
    "em",
    "i",
    "span",
    "strong",
    "td",
    "svg",
]


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    paired = st.builds(
        lambda tag, inside, extra: f"<{tag}{extra}>{inside}</{tag}>", st.sampled_from(TAGS), inner,
        st.sampled_from(["", ' class="c"', " x", ' href="https://x.example/?a=1&amp;b=2" rel="y"', " y=z"]),
    )  # fmt: skip
    return st.lists(paired | st.sampled_from(TEXTS), max_size=4).map("".join)


LEAVES = st.one_of(st.sampled_from(TEXTS), st.sampled_from(ALONE), st.sampled_from(WILD))
TAGGED = st.recursive(LEAVES, _nested, max_leaves=12).filter(lambda source: "<" in source)


@given(TAGGED)
def test_short_way_says_what_the_parser_says(source: str) -> None:
    plain = html._plain(source)
    assert plain is None or plain == html._by_tree(source)


@given(TAGGED)
def test_walk_says_what_a_walk_of_all_events_says(source: str) -> None:
    root = lxml_html.fragment_fromstring(source.replace("\0", ""), create_parent="div")
    assert html.text_of_element(root) == html._tidy(_by_events(root))


def _by_events(root: lxml_html.HtmlElement) -> str:
    """Collect the text of a tree plainly: the walk that the faster one replaced."""
    parts: list[str] = []
    skipped = None
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            parts.append(element.tail or "" if skipped is None else "")
        elif event == "start" and skipped is None:
            if element.tag in html.DROPPED:
                skipped = element
                continue
            alt = element.get("alt", "") if element.tag == "img" else ""
            parts += ["\n" if element.tag in html.BLOCKS else "", html._emoji(alt), element.text or ""]
        elif event == "end":
            skipped = None if skipped is element else skipped
            if skipped is None and element is not root:
                parts += ["\n" if element.tag in html.BLOCKS else "", element.tail or ""]
    return "".join(parts)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('<p>Le <strong>Sérélium</strong>&nbsp;: l&#39;avis de <a href="https://x.example/">@bob</a><br>fin</p>', "Le Sérélium : l'avis de @bob\nfin"),
        ("<ul><li>un</li><li>deux</li></ul>", "un\ndeux"),
        ('<p>bravo <img class="emoji" src="x" alt="😀"></p>', "bravo 😀"),
    ],
)  # fmt: skip
def test_what_servers_write_goes_the_short_way(source: str, text: str) -> None:
    assert html._plain(source) == html.text_of(source) == text


def test_depth_is_no_recursion() -> None:
    assert html.text_of("<b>" * 200 + "x" + "<i>" * 10_000) == "x"


def test_links_deep_inside_take_no_longer_each() -> None:
    begun = time.process_time()
    assert html.text_of("<b>" * 60_000 + "x" + "<a></a>" * 60_000 + "</b>" * 60_000) == "x"
    assert time.process_time() - begun < 5
