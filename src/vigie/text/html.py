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
_SPACES = re.compile(r" [ \t\r\f\v\u00a0]+|[\t\r\f\v\u00a0][ \t\r\f\v\u00a0]*")
"""Spaces that are not one already: most are, and replacing each by itself took a quarter of the time of a text."""

_WRITTEN = re.compile(r"""(/?)([a-z][a-z0-9]*)((?:[ \n\t]+[a-zA-Z][\w:-]*(?:="[^"<>]*")?)*+)[ \n]*(/?)""", re.ASCII)
"""What stands between the brackets of a tag as servers write it: small letters, attributes between double quotes."""

_INLINES = frozenset(["a", "b", "code", "em", "i", "span", "strong"])
_ALONE = frozenset(["br", "hr", "img"])
_ROOT = ""
"""Stands for the box in which all stands; no tag has this name, so none closes it."""
_BOXES = frozenset([_ROOT, "div", "blockquote", "li"])
_HOLDERS = {
    **dict.fromkeys(["div", "blockquote", "p", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"], _BOXES),
    "li": frozenset(["ul", "ol"]),
    **dict.fromkeys([*_INLINES, "br", "img"], _BOXES | _INLINES | {"p", "h1", "h2", "h3", "h4", "h5", "h6"}),
}
"""The elements in which each may stand without a parser closing one of them."""
_ALT = re.compile(r"""[ \n\t]alt(?:="([^"]*)")?(?=[ \n\t]|$)""", re.IGNORECASE)
_ODD = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|nbsp|#39|#x27|eacute|egrave|hellip|rsquo|laquo|raquo);)")

LONGEST = 2_000_000
"""Characters of HTML that are read: larger is no post."""


def text_of(source: str) -> str:
    """Return the plain text of a piece of HTML; text without a tag or entity comes back as it is."""
    if not _TAG.search(source):
        return _tidy(source)
    if "<" not in source:
        return _tidy(html.unescape(source))
    plain = _plain(source)
    return _by_tree(source) if plain is None else plain


def _plain(source: str) -> str | None:
    """Return the text of HTML as servers write it, tags in pairs; `None` of all else, which takes a parser.

    Where it answers it answers as the parser does (the tests hold one against the other), in less than half the time.
    """
    if len(source) > LONGEST or _ODD.search(source) or _REFERENCE.search(source):
        return None
    parts = _paired(source)
    return None if parts is None else _tidy(html.unescape("".join(parts)))


def _paired(source: str) -> list[str] | None:
    """Return texts and what tags stand for; `None` where a parser might close or open elements that nobody wrote."""
    first, *rest = source.split("<")
    parts, inside, in_link = [first], [_ROOT], False
    for piece in rest:
        written, end, text = piece.partition(">")
        tag = _BARE.get(written) or _tag(written)
        if tag is None or not end:
            return None
        closes, name, between = tag
        if closes:
            if inside.pop() != name:
                return None
            in_link = in_link and name != "a"
        elif inside[-1] not in _HOLDERS[name] or (in_link and name == "a"):
            return None
        elif name not in _ALONE:
            inside.append(name)
            in_link = in_link or name == "a"
        parts += (between, text)
    return parts if len(inside) == 1 else None


def _tag(written: str) -> tuple[bool, str, str] | None:
    """Return whether a tag closes, its name, and what it stands for in the text; `None` of one that takes a parser."""
    found = _WRITTEN.fullmatch(written)
    if found is None:
        return None
    close, name, attributes, alone = found.groups()
    if name not in _HOLDERS or (alone and (close or name not in _ALONE)):
        return None
    return bool(close), name, _alternative(attributes) if name == "img" else "" if name in _INLINES else "\n"


def _alternative(attributes: str) -> str:
    found = _ALT.search(attributes)
    return _emoji(found[1] or "") if found else ""


def _emoji(alternative: str) -> str:
    """Return what a picture stands for: WordPress turns an emoji into a picture of it, and keeps it as its text."""
    return alternative if len(alternative) <= 8 and not alternative.isascii() else ""  # noqa: PLR2004 -- a joined emoji


_BARE = {
    written: tag
    for name in _HOLDERS
    for written in (name, f"/{name}", f"{name}/", f"{name} /")
    if (tag := _tag(written))
}
"""Tags without attributes, which most are: read once."""


def _by_tree(source: str) -> str:
    """Return the text of any HTML, by a parser."""
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
    if root.tag in DROPPED or root in left_out:
        return
    _enter(root, root.tag, parts)
    open_ones = [(iter(root), "", "")]
    while open_ones:
        children, tail, end = open_ones[-1]
        for child in children:
            tag, after = child.tag, child.tail or ""
            if not isinstance(tag, str) or tag in DROPPED or (left_out and child in left_out):
                # Of a comment or what nobody reads, only what follows is text.
                parts.append(("\n" if tag in BLOCKS else "") + after)
                continue
            _enter(child, tag, parts)
            if len(child):
                open_ones.append((iter(child), after, "\n" if tag in BLOCKS else ""))
                break
            parts.append("\n" + after if tag in BLOCKS else after)
        else:
            open_ones.pop()
            parts.append(end + tail)


def _enter(element: lxml_html.HtmlElement, tag: str, parts: list[str]) -> None:
    if tag in BLOCKS:
        parts.append("\n")
    elif tag == "img":
        parts.append(_emoji(element.get("alt", "")))
    parts.append(element.text or "")


def _tidy(text: str) -> str:
    if "\r" in text or "\u00a0" in text or "  " in text or "\t" in text or "\f" in text or "\v" in text:
        text = _SPACES.sub(" ", text.replace("\r\n", "\n"))
    lines = [line.strip(" ") for line in text.split("\n")]
    return "\n".join(filter(None, lines)).strip()
