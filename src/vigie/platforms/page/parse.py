"""A page to one post: its canonical link is the id, so that a changed text is a version of the same post."""

from typing import Any, cast

from lxml.cssselect import CSSSelector
from lxml.etree import XPathEvalError
from lxml.html import HtmlElement

from vigie.collect.columns import table_of_rows
from vigie.collect.source import Page, Parsed
from vigie.errors import SkippableError
from vigie.platforms.page.client import Watched, decoded, document, opened
from vigie.platforms.page.settings import TEXT_MOST, TITLE_MOST
from vigie.schema import ids
from vigie.schema.vocab import Network
from vigie.text.html import text_of_element


def parse(page: Page) -> Parsed:
    """Turn a page into a post.

    Raises:
        SkippableError: it holds no text, or the selector finds nothing.
    """
    watched, body = opened(page.body)
    return Parsed(table_of_rows([_row(watched, *content_of(watched, body, page.media_type))]))


def content_of(watched: Watched, body: bytes, media_type: str) -> tuple[str, str]:
    """Return title and text of what is watched.

    Raises:
        SkippableError: as `parse`.
    """
    kind = media_type.partition(";")[0].strip().lower()
    if kind and not kind.startswith("text/") and "html" not in kind:
        raise SkippableError("The address holds no page of text, but a file of another kind.", code="page.not_text")
    source = decoded(body, media_type)
    if kind == "text/plain":
        text, title = source.strip(), ""
    else:
        doc = document(source)
        title = " ".join((doc.findtext(".//title") or "").split()) if doc is not None else ""
        text = _text(watched.selector, source, doc) if doc is not None else ""
    if not text:
        raise SkippableError("The page holds no text.", code="page.no_text")
    return title[:TITLE_MOST], text[:TEXT_MOST]


def _text(selector: str, source: str, doc: HtmlElement) -> str:
    if selector:
        return _part(selector, doc)
    # Importing trafilatura takes half a second, which only a page that is watched pays.
    from trafilatura import extract  # noqa: PLC0415 -- as said

    article = extract(source, include_comments=False, include_tables=True, favor_recall=True) or ""
    return article.strip() or text_of_element(doc)


def _part(selector: str, doc: HtmlElement) -> str:
    elements = elements_of(selector, doc)
    if not elements:
        raise SkippableError(
            f"The selector finds nothing on the page any more: {selector}. Choose another.",
            code="page.nothing", facts={"selector": selector[:200]},
        )  # fmt: skip
    return "\n".join(filter(None, map(text_of_element, elements)))


def elements_of(selector: str, doc: HtmlElement) -> list[HtmlElement]:
    """Return what a selector finds.

    Raises:
        SkippableError: it is no CSS.
    """
    try:
        return cast("list[HtmlElement]", CSSSelector(selector, translator="html")(doc))
    except (SyntaxError, RuntimeError, XPathEvalError, AssertionError) as exc:
        raise SkippableError(
            f"“{selector}” is no CSS selector.", code="page.selector", facts={"selector": selector[:200]}
        ) from exc


def _row(watched: Watched, title: str, text: str) -> dict[str, Any]:
    origin = ids.origin_of(watched.address)
    return {
        "origin": origin, "native_id": ids.canonical_link(watched.address), "network": Network.OTHER.value, "site": origin,
        "url": watched.address, "title": title or None, "text": text, "media": [],
    }  # fmt: skip
