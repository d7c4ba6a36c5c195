"""What is told to the source beside an address."""

from vigie.collect.source import Option

OPTIONS = (
    Option(
        "token",
        "Access token",
        "The token (jwt) of a member's session. Needed where a server shows its posts to members alone.",
        is_secret=True,
    ),
)
