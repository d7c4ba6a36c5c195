"""What a watched page is told, and its bounds."""

from vigie.collect.source import Option

OPTIONS = (
    Option(
        "selector",
        "Part of the page",
        "A CSS selector, such as main or #prices; empty watches the article of the page.",
    ),
)

TEXT_MOST = 100_000
"""Characters of a post's text: longer is a book, and is cut."""

TITLE_MOST = 500
"""Characters of a title: longer is no title."""

FEWEST = 500
"""Characters that make a page worth proposing: shorter, it is a door to other pages."""
