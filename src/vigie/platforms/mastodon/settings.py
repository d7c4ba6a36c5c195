"""What is told to the source beside an address."""

from vigie.collect.source import Option

OPTIONS = (
    Option(
        "token",
        "Access token",
        "Made on the server under Preferences, Development, with the right to read. Needed for search, for streams, and "
        "where a server shows its posts to members alone.",
        is_secret=True,
    ),
    Option("q", "Words to search for", "With a token: posts that this server's search finds."),
    Option("stream", "Address of the stream", "Found by itself; empty where the server has none, or to do without."),
)
