"""The Arrow schemas, each column with its unit, meaning and privacy class.

A test compares them with the models of the record, and refuses a column without a privacy class.
"""

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from vigie.errors import SchemaError
from vigie.schema.vocab import FindingKind


class Privacy(StrEnum):
    """What a column may reveal; decides where it may stand and what erasure removes."""

    TECHNICAL = "technical"
    """Says nothing of a person."""
    PSEUDONYM = "pseudonym"
    """A keyed hash or an id that stands for a person."""
    CONTENT = "content"
    """What somebody wrote; may name people."""
    CLEAR = "clear"
    """A handle or a name: allowed between parser and door, and in the one table of names."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table that stages exchange."""

    name: str
    type: pa.DataType
    privacy: Privacy
    doc: str
    nullable: bool = True


def schema_of(columns: tuple[Column, ...]) -> pa.Schema:
    """Return the Arrow schema; each field carries its privacy class and doc as metadata."""
    return pa.schema(
        [pa.field(c.name, c.type, c.nullable, metadata={"privacy": c.privacy.value, "doc": c.doc}) for c in columns]
    )


INSTANT = pa.timestamp("us", tz="UTC")
"""Instants are UTC, to the microsecond (what both databases keep)."""

T, P, C, N = Privacy.TECHNICAL, Privacy.PSEUDONYM, Privacy.CONTENT, Privacy.CLEAR

POST_COLUMNS = (
    Column("origin", pa.string(), T, "Host that holds the post, `import:NAME` when a file names none.", nullable=False),
    Column("native_id", pa.string(), C, "Id that the platform guarantees within the origin.", nullable=False),
    Column("network", pa.string(), T, "A value of `vocab.Network`.", nullable=False),
    Column("site", pa.string(), T, "Host or site name as the source says; the origin when absent."),
    Column("url", pa.string(), C, "Link to the post, as given."),
    Column("title", pa.string(), C, "Title, plain text; absent on networks without titles."),
    Column("text", pa.string(), C, "Body, plain text, HTML already turned into text.", nullable=False),
    Column("author", pa.string(), N, "Handle; absent when the source names nobody."),
    Column("author_name", pa.string(), N, "Name shown beside the handle."),
    Column("author_verified", pa.bool_(), T, "The network vouches for the author; absent when it does not say."),
    Column("followers", pa.int64(), T, "Followers of the author when the post was read."),
    Column("lang_claimed", pa.string(), T, "Language tag given by the network, BCP 47; ours is a label."),
    Column("country", pa.string(), T, "ISO 3166-1 alpha-2, as the source says."),
    Column("published_at", INSTANT, T, "When the source says it was published; absent when it does not."),
    Column("in_reply_to", pa.string(), C, "Native id, at the same origin, of the post this one answers."),
    Column("repost_of", pa.string(), C, "Native id, at the same origin, of the post this one repeats."),
    Column("quote_of", pa.string(), C, "Native id, at the same origin, of the post this one quotes."),
    Column("rating", pa.float64(), T, "Stars or marks out of five."),
    Column("media", pa.list_(pa.string()), C, "Links of pictures, sound and film."),
    Column("likes", pa.int64(), T, "Count when read; absent when the source does not say (never zero then)."),
    Column("reposts", pa.int64(), T, "Count when read; absent when the source does not say."),
    Column("replies", pa.int64(), T, "Count when read; absent when the source does not say."),
    Column("views", pa.int64(), T, "Count when read; absent when the source does not say."),
    Column("deleted", pa.bool_(), T, "The source says that the post is gone; absent or false otherwise."),
    Column(
        "engaging_with",
        pa.string(),
        N,
        "Handle of the author whom it answers, repeats or quotes, when the source says.",
    ),
)
POSTS = schema_of(POST_COLUMNS)
"""One row per post as one page of a source gave it; ids are unique within a batch."""

_CLEAR = {c.name for c in POST_COLUMNS if c.privacy is Privacy.CLEAR}

ARCHIVE_COLUMNS = (
    Column("post_key", pa.binary(16), P, "BLAKE2b of origin and native id.", nullable=False),
    Column("version", pa.int32(), T, "1 for the first text heard, then one more per change.", nullable=False),
    Column("heard_at", INSTANT, T, "When this version was fetched.", nullable=False),
    Column("space_id", pa.int64(), T, "Space it was met in.", nullable=False),
    Column("author_key", pa.binary(16), P, "Keyed hash of the author; absent when nobody is named."),
    *(c for c in POST_COLUMNS if c.privacy is not Privacy.CLEAR),
    Column("engaging_key", pa.binary(16), P, "Keyed hash of the author whom it answers, repeats or quotes."),
    Column("key_version", pa.int16(), T, "Version of the key under which both hashes were made; absent is the first."),
    Column("heard_month", pa.string(), T, "UTC month of `heard_at`, YYYY-MM: the partition.", nullable=False),
)
ARCHIVE = schema_of(ARCHIVE_COLUMNS)
"""One row per version of a post heard; the last version of each key is what reads take."""

FOUND_COLUMNS = {
    FindingKind.DRUG: "drugs",
    FindingKind.REACTION: "reactions",
    FindingKind.CONDITION: "conditions",
    FindingKind.DEVICE: "devices",
    FindingKind.WHO: "speakers",
    FindingKind.INTENT: "intents",
    FindingKind.CATEGORY: "categories",
}
"""Columns of a mention's row that hold the values of findings, effective: corrected by people where they did."""

MENTION_COLUMNS = (
    Column("mention_id", pa.int64(), T, "Id of the mention in the record.", nullable=False),
    Column("revision", pa.int64(), T, "Number of the last change of anything in this row.", nullable=False),
    Column("watch_id", pa.int64(), T, "Watch that matched.", nullable=False),
    Column("post_id", pa.int64(), T, "Post that was matched.", nullable=False),
    Column("space_id", pa.int64(), T, "Space where the post was first met.", nullable=False),
    Column("author_id", pa.int64(), P, "Author's row; absent when nobody is named."),
    Column("network", pa.string(), T, "A value of `vocab.Network`.", nullable=False),
    Column(
        "published_at", INSTANT, T, "Published, or fetched when the source's date can't be believed.", nullable=False
    ),
    Column("day", pa.date32(), T, "Day of `published_at` in the company's time zone.", nullable=False),
    Column(
        "day_is_heard", pa.bool_(), T, "The day is that of the fetch: no believable date was given.", nullable=False
    ),
    Column("language", pa.string(), T, "Effective language, BCP 47; `und` when it can't be told; absent unread."),
    Column("tone", pa.string(), T, "Effective tone; absent when no model reads this language."),
    Column("story_id", pa.int64(), T, "Story of the post; absent while it stands alone."),
    *(
        Column(
            name, pa.list_(pa.string()), T, f"Values of `vocab.FindingKind.{kind.name}` that count; absent without any."
        )
        for kind, name in FOUND_COLUMNS.items()
    ),
    Column("likes", pa.int64(), T, "Last count known."),
    Column("reposts", pa.int64(), T, "Last count known."),
    Column("replies", pa.int64(), T, "Last count known."),
    Column("views", pa.int64(), T, "Last count known."),
    Column("in_watch", pa.bool_(), T, "The label part of the watch holds.", nullable=False),
    Column("lapsed", pa.bool_(), T, "The watch changed and no longer matches.", nullable=False),
    Column("not_about_us", pa.bool_(), T, "A person marked it so.", nullable=False),
    Column("deleted", pa.bool_(), T, "Gone at its source.", nullable=False),
)
MENTIONS = schema_of(MENTION_COLUMNS)
"""One row per mention, as figures and lists read it: no text, no handle."""


def empty(schema: pa.Schema) -> pa.Table:
    """Return a table of the schema without rows."""
    return schema.empty_table()


def conform(table: pa.Table, schema: pa.Schema, *, what: str) -> pa.Table:
    """Return the table with exactly the schema's columns, in its order; missing nullable ones become absent values.

    Raises:
        SchemaError: a column that may not be absent is missing or holds absent values, or a type can't be cast.
    """
    arrays = []
    for field in schema:
        if field.name not in table.column_names:
            if not field.nullable:
                raise SchemaError(
                    f"{what}: the column “{field.name}” is missing.", code="table.missing", facts={"column": field.name}
                )
            arrays.append(pa.nulls(table.num_rows, field.type))
            continue
        try:
            column = table.column(field.name).cast(field.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as exc:
            raise SchemaError(
                f"{what}: the column “{field.name}” can't be read as {field.type}: {exc}.",
                code="table.type",
                facts={"column": field.name},
            ) from exc
        if not field.nullable and column.null_count:
            raise SchemaError(
                f"{what}: the column “{field.name}” has {column.null_count} empty values.",
                code="table.empty",
                facts={"column": field.name},
            )
        arrays.append(column)
    return pa.table(arrays, schema=schema)
