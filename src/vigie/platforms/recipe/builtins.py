"""The recipes that come with Vigie, and how the pages of their engines are known."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

SIGNS: Mapping[str, re.Pattern[bytes]] = {
    "phpbb": re.compile(rb"<body[^>]+id=[\"']phpbb[\"']|Powered by <a[^>]+phpbb\.com", re.IGNORECASE),
    "vbulletin5": re.compile(rb"name=[\"']generator[\"'][^>]+content=[\"']vBulletin 5", re.IGNORECASE),
    "vbulletin4": re.compile(rb"name=[\"']generator[\"'][^>]+content=[\"']vBulletin 4", re.IGNORECASE),
    "mesdiscussions": re.compile(rb"<table[^>]+class=[\"'](?:main|messagetable)[\"'][^>]*>.*?(?:sujetCase|messCase)|MesDiscussions\.net", re.IGNORECASE | re.DOTALL),
    "misago": re.compile(rb"<body[^>]+class=[\"'][^\"']*\bmisago-", re.IGNORECASE),
    "spirit": re.compile(rb"<div class=[\"']spirit[\"']>|github\.com/nitely/Spirit", re.IGNORECASE),
}  # fmt: skip
"""What tells an engine by its page: its generator, its body, its footer."""

HEAD_BYTES = 500_000
"""Bytes of a page in which its engine is looked for."""


@cache
def builtins() -> Mapping[str, str]:
    """Return the text of each recipe of ours by the name of its engine."""
    folder = files("vigie.platforms.recipe") / "builtin"
    found = {entry.name.removesuffix(".toml"): entry.read_text("utf-8") for entry in folder.iterdir()}
    return {name: found[name] for name in sorted(found)}


def engine_of(body: bytes) -> str:
    """Return the engine that made a page; empty when it is none we know."""
    head = body[:HEAD_BYTES]
    return next((engine for engine, sign in SIGNS.items() if sign.search(head)), "")
