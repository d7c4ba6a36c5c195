"""Posts as queries test them, from wherever they stand: one builder a source, the same columns."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vigie.match import DOCUMENTS, Document, document_of
from vigie.server.database import select_in

FROM_POSTS = (
    "title", "text", "url", "site", "network", "country", "origin", "author_verified", "followers", "rating",
    "published_at", "in_reply_to", "repost_of", "quote_of",
)  # fmt: skip
"""Columns of `DOCUMENTS` that stand in `tables.POSTS` and `tables.ARCHIVE` under the same name."""

Spaces = Mapping[int, tuple[str, str]]
"""Short name and ownership of spaces, by id."""


def of_posts(
    posts: pa.Table,
    *,
    met: Sequence[Sequence[int]],
    author_keys: Sequence[bytes | None] | pa.ChunkedArray,
    engaging_keys: Sequence[bytes | None] | pa.ChunkedArray,
    spaces: Spaces,
) -> pa.Table:
    """Return rows of `tables.POSTS` or `tables.ARCHIVE` as `DOCUMENTS`, without a language.

    Args:
        met: The spaces in which each was met.
    """
    columns = {name: posts[name] for name in FROM_POSTS}
    columns["site"] = _sites(posts["site"], posts["origin"])
    known = [[spaces[i] for i in ids if i in spaces] for ids in met]
    columns |= {
        "spaces": pa.array([[name for name, _ in found] for found in known], DOCUMENTS.field("spaces").type),
        "space_kinds": pa.array([[kind for _, kind in found] for found in known], DOCUMENTS.field("space_kinds").type),
        "author_key": _keys(author_keys),
        "engaging_key": _keys(engaging_keys),
    }
    return pa.table(columns)


def _sites(site: pa.ChunkedArray, origin: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the site of each post: what the source says, else the host that holds it; a file is no site."""
    hosts = pc.if_else(pc.starts_with(origin, "import:"), None, origin)
    return pc.coalesce(site, hosts)


def _keys(keys: Sequence[bytes | None] | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return keys.cast(pa.binary()) if isinstance(keys, pa.ChunkedArray) else pa.array(keys, pa.binary())


def of_archive(table: pa.Table, *, spaces: Spaces) -> pa.Table:
    """Return rows of `tables.ARCHIVE` as `DOCUMENTS`, without a language."""
    nobody = pa.chunked_array([pa.nulls(table.num_rows, pa.binary())])
    engaging = table["engaging_key"] if "engaging_key" in table.column_names else nobody
    columns = {name: table[name] for name in FROM_POSTS}
    met = table["space_id"].combine_chunks().dictionary_encode()
    known = [spaces.get(i) for i in met.dictionary.to_pylist()]
    for name, place in (("spaces", 0), ("space_kinds", 1)):
        each = pa.array([[found[place]] if found else [] for found in known], DOCUMENTS.field(name).type)
        columns[name] = each.take(met.indices)
    columns |= {
        "site": _sites(table["site"], table["origin"]),
        "author_key": _keys(table["author_key"]),
        "engaging_key": _keys(engaging),
    }
    return pa.table(columns)


RECORD = (
    "SELECT p.id, p.title, p.text, p.url, p.site, p.network, p.country, p.origin, a.key, p.engaging_key, a.verified, "
    "a.followers, p.rating, p.published_at, p.day_is_heard, p.reply_key IS NOT NULL, p.repost_key IS NOT NULL, "
    "p.quote_key IS NOT NULL FROM vigie_post p LEFT JOIN vigie_author a ON a.id = p.author_id WHERE p.id IN ({in})"
)
"""Followers and the network's mark are those last seen of the author."""


def of_record(post_ids: Sequence[int]) -> pa.Table:
    """Return posts of the record as `DOCUMENTS`, in the order of their ids, with their language; three statements."""
    spaces, languages = _spaces(post_ids), _languages(post_ids)
    found = {row[0]: _said(row) for row in select_in(RECORD, post_ids)}
    rows = [
        found[i] | {"spaces": spaces[i][0], "space_kinds": spaces[i][1], "language": languages.get(i)}
        for i in post_ids
        if i in found
    ]
    return pa.Table.from_pylist(rows, schema=DOCUMENTS)


def document(post_id: int) -> Document:
    """Return one post of the record."""
    return document_of(of_record([post_id]).to_pylist()[0])


def _said(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return what the record says of one post; what is empty was not said."""
    (
        _,
        title,
        text,
        url,
        site,
        network,
        country,
        origin,
        key,
        engaging,
        verified,
        followers,
        rating,
        at,
        heard,
        *links,
    ) = row
    site = site or (None if origin.startswith("import:") else origin)
    reply, repost, quote = ("said" if link else None for link in links)
    return {
        "title": title or None, "text": text, "url": url or None, "site": site, "network": network,
        "country": country or None, "origin": origin, "author_key": _bytes(key), "engaging_key": _bytes(engaging),
        "author_verified": None if verified is None else bool(verified), "followers": followers, "rating": rating,
        "published_at": None if heard else _instant(at), "in_reply_to": reply, "repost_of": repost, "quote_of": quote,
    }  # fmt: skip


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def _instant(value: Any) -> datetime:
    """Return an instant as raw statements give it: SQLite keeps it as text, in UTC."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _spaces(post_ids: Sequence[int]) -> dict[int, tuple[list[str], list[str]]]:
    spaces: dict[int, tuple[list[str], list[str]]] = {i: ([], []) for i in post_ids}
    sql = (
        "SELECT ps.post_id, s.name, s.ownership FROM vigie_postspace ps JOIN vigie_space s ON s.id = ps.space_id "
        "WHERE ps.post_id IN ({in}) ORDER BY ps.post_id, s.id"
    )
    for post, name, ownership in select_in(sql, post_ids):
        spaces[post][0].append(name)
        spaces[post][1].append(ownership)
    return spaces


def _languages(post_ids: Sequence[int]) -> dict[int, str]:
    sql = "SELECT post_id, value FROM vigie_label WHERE kind = 'language' AND chosen AND post_id IN ({in})"
    return dict(select_in(sql, post_ids))
