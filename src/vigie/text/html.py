"""HTML to plain text: what a person would read, emoji included, nothing executed, nothing fetched."""

import html
import re
from collections.abc import Collection

from lxml import etree
from lxml import html as lxml_html

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
"""Elements that begin a new line."""

DROPPED = frozenset(["script", "style", "noscript", "template", "head", "iframe", "svg", "math"])
"""Elements whose text nobody reads. What stands in an object is read, for no browser has plug-ins any more; an embed holds nothing,
though the parser puts there what follows one that is left open."""

_TAG = re.compile(r"[<&]")
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
_LINES = re.compile(r" ?\n[\n ]*")

LONGEST = 2_000_000
"""Characters of HTML that are read: larger is no post."""


def text_of(source: str) -> str:
    """Return the plain text of a piece of HTML; text without a tag or entity comes back as it is."""
    if not _TAG.search(source):
        return _tidy(source)
    if "<" not in source:
        return _tidy(html.unescape(source))
    try:
        root = lxml_html.fragment_fromstring(source[:LONGEST].replace("\0", ""), create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return _tidy(html.unescape(re.sub(r"<[^>]*>", " ", source)))
    parts: list[str] = []
    _walk(root, parts)
    return _tidy("".join(parts))


def text_of_element(root: lxml_html.HtmlElement, left_out: Collection[lxml_html.HtmlElement] = ()) -> str:
    """Return the plain text of an element of a page that is parsed already, without some of the elements in it."""
    parts: list[str] = []
    _walk(root, parts, left_out)
    return _tidy("".join(parts))


def _walk(root: lxml_html.HtmlElement, parts: list[str], left_out: Collection[lxml_html.HtmlElement] = ()) -> None:
    """Collect the text of a tree without recursion: a hostile page may be as deep as it is long."""
    skipped: lxml_html.HtmlElement | None = None
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            parts.append(element.tail or "" if skipped is None else "")
        elif event == "start":
            if skipped is None and (element.tag in DROPPED or element in left_out):
                skipped = element
            elif skipped is None:
                _enter(element, parts)
        else:
            if skipped is element:
                skipped = None
            if skipped is None and element is not root:
                parts.append("\n" if element.tag in BLOCKS else "")
                parts.append(element.tail or "")


def _enter(element: lxml_html.HtmlElement, parts: list[str]) -> None:
    if element.tag in BLOCKS:
        parts.append("\n")
    if element.tag == "img":
        # WordPress turns an emoji into a picture of it: its alternative text is what was written.
        alt = element.get("alt", "")
        parts.append(alt if len(alt) <= 8 and not alt.isascii() else "")  # noqa: PLR2004 -- a joined emoji
    parts.append(element.text or "")


def _tidy(text: str) -> str:
    return _LINES.sub("\n", _SPACES.sub(" ", text.replace("\r\n", "\n"))).strip()
