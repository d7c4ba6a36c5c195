"""Files of posts: tools recognised, columns mapped, bad files refused with a sentence, any row a place to go on."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.shared import shared_path

from vigie.collect.imports import Mapping, inspect, read
from vigie.collect.imports.values import count, instant, order_of
from vigie.errors import SchemaError
from vigie.schema.ids import origin_of

NOW = datetime(2026, 10, 30, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


def rows_of(path: Path, mapping: Mapping | None = None, **options: object) -> list[dict[str, object]]:
    batches = read(path, mapping or inspect(path).suggested, imported_at=NOW, space="x", **options)  # type: ignore[arg-type]
    return [row for batch in batches for row in batch.posts.to_pylist()]


def written(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


TALKWALKER = (
    "url,published,title,title_snippet,content,content_snippet,root_url,domain_url,lang,source_type,"
    "article_extended_attributes.twitter_likes,article_extended_attributes.num_comments,extra_author_attributes.short_name,"
    "extra_article_attributes.world_data.country_code\n"
    "https://x.com/a/1,1769868300000,,,Sérélium m'aide,,http://x.com/,x.com,fr,SOCIALMEDIA_TWITTER,12,3,papillon,FR\n"
)
MELTWATER = (
    "Date,Headline,URL,Opening Text,Hit Sentence,Source,Influencer,Country,Language,Tweet Id,Twitter Screen Name,Twitter Followers,Views,AVE\n"
    "31-Jan-2026 02:05PM,Un titre,https://presse.example/a,Ouverture,Sérélium en cause,La Presse,Jean,FR,French,,,120,4500,12\n"
)
BRANDWATCH = (
    "Report:,Vaubrun\nFrom:,2026-01-01\n\n"
    "Query Name,Date,Title,Url,Full Text,Author,Thread Id,Thread Author,Domain,Page Type\n"
    "Sérélium,2026-01-31 14:05:00.0,,https://forum.example/t/1,Des vertiges,Zoe,7,Ann,forum.example,forum\n"
)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "talkwalker",
            TALKWALKER,
            {
                "text": "Sérélium m'aide",
                "network": "x",
                "likes": 12,
                "replies": 3,
                "author": "papillon",
                "country": "FR",
                "published_at": datetime(2026, 1, 31, 14, 5, tzinfo=UTC),
            },
        ),
        (
            "meltwater",
            MELTWATER,
            {
                "text": "Sérélium en cause",
                "title": "Un titre",
                "lang_claimed": "fr",
                "views": 4500,
                "followers": 120,
                "published_at": datetime(2026, 1, 31, 14, 5, tzinfo=UTC),
            },
        ),
        (
            "brandwatch",
            BRANDWATCH,
            {
                "text": "Des vertiges",
                "network": "forum",
                "author": "Zoe",
                "origin": "forum.example",
                "published_at": datetime(2026, 1, 31, 14, 5, tzinfo=UTC),
            },
        ),
    ],
)
def test_exports_of_other_tools_are_recognised(
    tmp_path: Path, name: str, content: str, expected: dict[str, object]
) -> None:
    path = written(tmp_path, f"{name}.csv", content)
    assert inspect(path).dialect == name
    (row,) = rows_of(path)
    assert {key: row[key] for key in expected} == expected


def test_study_without_ids_or_dates_is_read_through_a_mapping() -> None:
    """PsyTAR: tab-separated under the name .csv; identical texts without an id are one post and are counted."""
    path = shared_path("data/psytar/binary_full.csv")
    found = inspect(path)
    assert found.delimiter == "\t" and found.suggested.columns == {"text": ("sentences",)}
    batches = list(read(path, found.suggested, imported_at=NOW, space="psytar"))
    rows = [row for batch in batches for row in batch.posts.to_pylist()]
    assert batches[-1].rows[1] == 6002
    assert len({row["native_id"] for row in rows}) == len({row["text"] for row in rows})
    assert sum(batch.undated for batch in batches) == 6002


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", "", "import.empty"),
        ("a.pdf", "x", "import.format"),
        ("a.csv", "1,2,3\n4,5,6\n", "import.no_header"),
        ("a.ndjson", "nonsense\n[1]\n", "import.not_ndjson"),
        ("a.parquet", "no parquet", "import.not_parquet"),
    ],
)
def test_file_that_can_not_be_read_is_refused_with_a_sentence(
    tmp_path: Path, name: str, content: str, code: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        inspect(written(tmp_path, name, content))
    assert caught.value.code == code and caught.value.sentence.endswith(".")


def test_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "a,b\n1,2\n")
    with pytest.raises(SchemaError, match="no column “c”") as caught:
        rows_of(path, Mapping({"text": ("c",)}))
    assert caught.value.facts["columns"] == "a, b"


def test_lines_of_mixed_encodings_are_all_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "id,text\n1,é en UTF-8\n".encode() + "2,é en Windows\n".encode("cp1252"))
    assert [row["text"] for row in rows_of(path)] == ["é en UTF-8", "é en Windows"]
    assert inspect(path).redecoded == 1


def test_utf_16_is_known_by_its_mark(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "id,text\n1,été\n2,hiver\n".encode("utf-16"))
    assert [row["text"] for row in rows_of(path)] == ["été", "hiver"]


def test_line_without_words_is_skipped_with_its_number(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "id,text\n1,mot\n2,\n3,mots\n")
    (batch,) = read(path, inspect(path).suggested, imported_at=NOW, space="x")
    assert [(s.where, s.code) for s in batch.skipped] == [("line 2", "import.no_words")]
    assert batch.posts.num_rows == 2


def test_parquet_and_ndjson_give_the_same_posts_as_csv(tmp_path: Path) -> None:
    values = [{"id": str(n), "text": f"texte {n}", "likes": n} for n in range(5)]
    csv = written(
        tmp_path, "a.csv", "id,text,likes\n" + "".join(f"{v['id']},{v['text']},{v['likes']}\n" for v in values)
    )
    ndjson = written(
        tmp_path,
        "a.ndjson",
        "".join(f'{{"id": "{v["id"]}", "text": "{v["text"]}", "likes": {v["likes"]}}}\n' for v in values),
    )
    parquet = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(values), parquet)
    assert rows_of(csv) == rows_of(ndjson) == rows_of(parquet)


@pytest.mark.parametrize(
    "text",
    ["2026-01-31T14:05:00+01:00", "2026-01-31 14:05", "31/01/2026 14:05", "31.01.2026 14:05", "Sat, 31 Jan 2026 14:05:00 +0100",
     "31 janvier 2026 à 14h05", "31 Jan 2026 14:05", "January 31, 2026 2:05 PM", "1769864700", "1769864700000"],
)  # fmt: skip
def test_same_instant_in_ten_spellings(text: str) -> None:
    assert instant(text, order="dmy", zone=PARIS) == datetime(2026, 1, 31, 13, 5, tzinfo=UTC)


def test_order_of_day_and_month_is_decided_by_the_dates() -> None:
    assert order_of(["03/04/2026", "25/04/2026"]) == ("dmy", True)
    assert order_of(["03/04/2026", "04/25/2026"]) == ("mdy", True)
    assert order_of(["03/04/2026"]) == ("dmy", False)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_dates_and_counts(text: str) -> None:
    found = instant(text, order="dmy", zone=PARIS)
    assert found is None or found.tzinfo is UTC
    assert count(text) is None or isinstance(count(text), int)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    texts=st.lists(st.text(alphabet="aé\"\n,;'x ", min_size=1, max_size=12), min_size=1, max_size=30),
    size=st.integers(1, 7),
)
def test_reading_on_from_any_place_gives_the_same_rows(
    texts: list[str], size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import csv

    path = tmp_path_factory.mktemp("resume") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        writer.writerows([n, text] for n, text in enumerate(texts))
    mapping = Mapping({"id": ("id",), "text": ("text",)})
    whole = list(read(path, mapping, batch_rows=size, imported_at=NOW, space="x"))
    for place, batch in enumerate(whole):
        rest = list(read(path, mapping, resume=batch.resume, batch_rows=size, imported_at=NOW, space="x"))
        assert [b.posts.to_pylist() for b in rest] == [b.posts.to_pylist() for b in whole[place + 1 :]]


def test_mapping_of_an_unknown_field_is_refused() -> None:
    with pytest.raises(SchemaError, match="not a field"):
        Mapping.from_json({"columns": {"colour": ["c"]}})


DATED = (
    "2026-01-31T13:05:00Z", "31/01/2026 14:05", '"Sat, 31 Jan 2026 13:05:00 +0000"', "1769864700000", "31 janvier 2026 à 14:05",
    '"January 31, 2026 2:05 PM"', "2026-01-31 14:05:00", "1769864700",
)  # fmt: skip


def test_one_file_may_hold_dates_in_many_forms(tmp_path: Path) -> None:
    lines = [f"{n},mot {n},{date}" for n, date in enumerate((*DATED, "hier soir", ""))]
    path = written(tmp_path, "dates.csv", "\n".join(["id,text,date", *lines]))
    mapping = replace(inspect(path).suggested, time_zone="Europe/Paris")
    (batch,) = read(path, mapping, imported_at=NOW, space="x")
    found = batch.posts["published_at"].to_pylist()
    assert set(found[: len(DATED)]) == {datetime(2026, 1, 31, 13, 5, tzinfo=UTC)}
    assert found[len(DATED) :] == [None, None] and batch.undated == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [("", None), ("0", 0), ("1234", 1234), ("1 234", 1234), ("1,234", 1234), ("1.2K", 1200), ("3.0", 3), ("-1", None)],
)
def test_count_reads_plain_digits_as_it_reads_all(text: str, value: int | None) -> None:
    assert count(text) == value


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://www.forum.example/a?b#c", "forum.example"),
        ("http://forum.example", "forum.example"),
        ("https://forum.example./x", "forum.example"),
        (" https://Forum.Example/x", "forum.example"),
        ("https://forum.example:8443/x", "forum.example:8443"),
        ("https://forum.example:443/x", "forum.example"),
        ("https://me:secret@forum.example/x", "forum.example"),
        ("https://été.example/x", "été.example"),
        ("https://[2001:db8::1]/x", "2001:db8::1"),
        ("rien", ""),
        ("https://[x/1", ""),
        ("https://forum.example:99999/x", ""),
    ],
)
def test_origin_is_the_host_however_its_address_is_written(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_rows_of_a_file_whose_rows_grow_are_estimated_within_a_twentieth(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    rows = [f'{n},"{"mot " * (1 + n // 5_000)}\nsuite",2026-01-01T10:00:00Z\n' for n in range(40_000)]
    path.write_text("id,text,published_at\n" + "".join(rows), "utf-8")
    assert inspect(path).rows_estimated == pytest.approx(40_000, rel=0.05)
