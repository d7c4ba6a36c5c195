"""What a recipe space is told, and the bounds of its reads."""

from vigie.collect.source import Option

OPTIONS = (
    Option(
        "recipe",
        "Recipe",
        "One TOML text: the selectors of threads and posts. “Read it by a recipe” builds and tries one.",
        is_required=True,
        is_long=True,
    ),
)

TEXT_MOST = 100_000
"""Characters of a post's text: longer is a book, and is cut."""

SHORT_MOST = 500
"""Characters of a name, date or id that a selector found: longer, it is the wrong selector."""

RECIPE_MOST = 20_000
"""Characters of a recipe: the longest of ours has 1,500."""

LISTING_PAGES, PAGES, THREADS = 5, 60, 30
"""Listing pages per start, pages of threads, and threads of one read, unless the recipe says otherwise.

At one request a second (`net.client.PACE_S`) a read then takes about a minute; what is left waits in the cursor."""

MOST = 500
"""The most that a recipe may ask of each bound: at one request a second, about eight minutes."""

KNOWN_MOST = 4_000
"""Threads whose state the cursor keeps, about 50 bytes each; one that was forgotten is read again, and absorbed."""

QUEUE_MOST = 2_000
"""Threads that wait to be read before listings are walked no further."""

EMPTY_MOST = 3
"""Threads without a post, one after the other and none before with one, after which the recipe is held to be broken."""
