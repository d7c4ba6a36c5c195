"""What is told to the source beside an address."""

from vigie.collect.source import Option

OPTIONS = (
    Option(
        "api_key",
        "API key",
        "Made by an administrator of the forum under Admin, API, with the right to read. Needed where a forum shows its "
        "topics to members alone.",
        is_secret=True,
    ),
    Option("api_username", "User of the key", "The member on whose behalf the key reads."),
)
