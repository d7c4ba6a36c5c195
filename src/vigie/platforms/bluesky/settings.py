"""What Bluesky's source may be told, and where it asks when it is told nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from vigie.collect.source import Option

APPVIEW = "https://public.api.bsky.app"
"""The index of the whole network that answers without a log-in (docs.bsky.app/docs/advanced-guides/api-directory, read
on 2026-11-25)."""

PLC = "https://plc.directory"
"""The directory of `did:plc` identities (web.plc.directory, read on 2026-11-25)."""

LOGIN_SERVER = "https://bsky.social"
"""Where accounts of Bluesky's own servers log in (docs.bsky.app/docs/advanced-guides/entryway, read on 2026-11-25)."""

OPTIONS = (
    Option(
        "through",
        "Read through",
        "“repository” reads the account's own server, which holds everything it wrote; “appview” reads the network's "
        "index, which also counts likes and answers (not tried on a real server). Empty: repository.",
    ),
    Option(
        "identifier",
        "Handle of our account",
        "Search wants a log-in: the handle of an account of ours (not tried on a real server).",
    ),
    Option(
        "password",
        "App password",
        "Made in Bluesky under Settings, Privacy and security, App passwords; never the account's own password.",
        is_secret=True,
    ),
    Option("server", "Server of our account", "Empty: https://bsky.social."),
    Option("appview", "Index of the network", "Empty: https://public.api.bsky.app."),
    Option("plc", "Directory of identities", "Empty: https://plc.directory."),
)


@dataclass(frozen=True, slots=True)
class Servers:
    """Where names, identities and counts are asked for."""

    appview: str = APPVIEW
    plc: str = PLC
    login: str = LOGIN_SERVER

    def told(self, options: Mapping[str, str]) -> "Servers":
        """Return the servers that a place names, these where it names none."""
        return Servers(
            options.get("appview", self.appview).rstrip("/"),
            options.get("plc", self.plc).rstrip("/"),
            options.get("server", self.login).rstrip("/"),
        )
