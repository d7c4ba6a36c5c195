"""`vigie match`, `vigie enrich`, `vigie query check`: what goes in, what comes out, what is refused."""

import json
from pathlib import Path

import pytest

from vigie.cli.enrich import labels
from vigie.cli.match import matches, read_queries
from vigie.cli.query import checked, marked
from vigie.errors import SchemaError

POSTS = [
    {"id": "a", "text": "Le Doliprane m'a sauvé, merci beaucoup !"},
    {"id": "b", "text": "Doliprane works great for me, I love it"},
    {"id": "c", "title": "Zoloft", "text": "😡 Zoloft gave me headaches"},
    {"id": "d", "text": "!!"},
]


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.ndjson"
    path.write_text("".join(json.dumps(post) + "\n" for post in POSTS), "utf-8")
    return path


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    path = tmp_path / "q.toml"
    path.write_text(
        '[[query]]\nid = "pain"\nexpr = "zoloft AND headache*"\n'
        '[[query]]\nid = "fr"\nexpr = "doliprane AND language:fr"\n',
        "utf-8",
    )
    return path


def test_match_gives_a_row_per_post_and_query(posts: Path, queries: Path) -> None:
    assert list(matches(posts, queries, explain=False)) == [
        {"post": "a", "query": "fr", "spans": [[3, 12]]},
        {"post": "c", "query": "pain", "spans": [[2, 8], [17, 26]], "title_spans": [[0, 6]]},
    ]


def test_match_explains_which_part_caught_what(posts: Path, queries: Path) -> None:
    found = {row["query"]: row["explain"] for row in matches(posts, queries, explain=True)}
    assert found["pain"] == [
        {"part": "zoloft", "at": [0, 6], "spans": [[2, 8]], "title_spans": [[0, 6]]},
        {"part": "headache*", "at": [11, 20], "spans": [[17, 26]]},
    ]
    assert found["fr"][1] == {"part": "language:fr", "at": [14, 25]}


def test_match_says_that_a_file_has_no_spaces(posts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.toml"
    path.write_text('[[query]]\nid = "s"\nexpr = "space:forum"\n', "utf-8")
    assert list(matches(posts, path, explain=False)) == []
    assert "no space" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("toml", "code", "says"),
    [
        ("query = 3", "queries.none", r"\[\[query\]\]"),
        ("[[query]\n", "queries.toml", "no TOML"),
        ('[[query]]\nid = "a"\n', "queries.row", "query number 1"),
        ('[[query]]\nid = "a"\nexpr = "b"\n' * 2, "queries.repeated", "“a”"),
        ('[[query]]\nid = "a"\nexpr = "b OR c AND d"\n', "query.mixed", "query “a”, character 3"),
    ],
)
def test_queries_that_cannot_be_read_are_refused_in_a_line(tmp_path: Path, toml: str, code: str, says: str) -> None:
    path = tmp_path / "q.toml"
    path.write_text(toml, "utf-8")
    with pytest.raises(SchemaError, match=says) as refused:
        read_queries(path)
    assert (refused.value.code, refused.value.exit_status) == (code, 2)
    assert "\n" not in refused.value.sentence


def test_queries_missing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError) as refused:
        read_queries(tmp_path / "none.toml")
    assert refused.value.code == "file.missing"


def test_enrich_gives_a_row_per_post_without_empty_keys(posts: Path) -> None:
    found = list(labels(posts))
    assert [row["post"] for row in found] == ["a", "b", "c", "d"]
    assert [row["lang"] for row in found] == ["fr", "en", "en", "und"]
    assert [row["tone"]["label"] for row in found[:2]] == ["positive", "positive"]
    assert found[3] == {"post": "d", "lang": "und"}
    assert all(0 < row["tone"]["score"] < 1 for row in found[:3])


def test_enrich_says_who_speaks_and_what_for_with_their_cues(tmp_path: Path) -> None:
    path = tmp_path / "posts.ndjson"
    rows = [
        {"id": "a", "text": "Ma mère est sous chimio, quelqu'un connaît ?"},
        {"id": "b", "title": "Merci", "text": "Il pleut sur la ville."},
        {"id": "c", "text": "Il pleut sur la ville."},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    first, second, third = labels(path)
    assert first["who"] == [
        {"value": "relative", "score": 0.875, "cues": [{"start": 0, "end": 23, "rule": "fr.kin-ill"}]}
    ]
    assert [entry["value"] for entry in first["intents"]] == ["question"]
    assert second["intents"][0]["cues"] == [{"start": 0, "end": 5, "rule": "fr.thanks"}]
    assert not {"who", "intents"} & third.keys()


def test_enrich_groups_the_posts_of_a_file_into_stories(tmp_path: Path) -> None:
    said = "Le traitement que mon médecin m'a donné lundi me fait tourner la tête depuis trois jours"
    other = "Quelqu'un connaît une bonne pharmacie ouverte le dimanche près de la gare de Lyon"
    rows = [
        {"id": "r", "text": "Oh", "repost_of": "o"}, {"id": "a", "text": said}, {"id": "alone", "text": "Bonjour à tous"},
        {"id": "b", "text": f"RT {said.upper()} https://a.fr"}, {"id": "o", "title": "Question", "text": other},
        {"id": "c", "text": said, "quote_of": "zz"}, {"id": "m", "text": f"Question {other} merci"},
    ]  # fmt: skip
    path = tmp_path / "posts.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    found = {row["post"]: row.get("story") for row in labels(path)}
    assert found == {"r": "r", "a": "a", "alone": None, "b": "a", "o": "r", "c": "a", "m": "r"}
    assert all("story" not in row for row in labels(path) if row["post"] == "alone")


def test_stories_of_a_file_are_the_same_whatever_its_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "posts.ndjson"
    texts = [
        f"Le traitement numéro {n % 7} que mon médecin m'a donné {n % 3} fois me fait tourner la tête"
        for n in range(40)
    ]
    path.write_text("".join(json.dumps({"id": str(n), "text": t}) + "\n" for n, t in enumerate(texts)), "utf-8")
    whole = [row.get("story") for row in labels(path)]
    monkeypatch.setattr("vigie.cli.io.BATCH_ROWS", 3)
    assert [row.get("story") for row in labels(path)] == whole


def test_query_check_writes_the_normal_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert checked('doliprane fièvre NOT "mal de tête"', as_json=False) == 0
    out, err = capsys.readouterr()
    assert out == 'doliprane AND fièvre AND NOT "mal de tête"\n'
    assert "[query.implicit_and]" in err


def test_query_check_marks_the_place_and_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert checked("a OR b AND c", as_json=False) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("  a OR b AND c\n    ^^^^^^^^\nvigie: ")
    assert err.endswith("[query.mixed]\n")


def test_query_check_as_json_has_code_place_and_advice(capsys: pytest.CaptureFixture[str]) -> None:
    assert checked("a AND d*", as_json=True) == 2
    answer = json.loads(capsys.readouterr().out)
    assert (answer["code"], answer["start"], answer["end"]) == ("query.prefix_short", 6, 8)
    assert set(answer) == {"code", "sentence", "advice", "start", "end"}
    assert checked("a  AND b", as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {"normal": "a AND b"}


HOSTILE = (
    "\udcff", "(" * 50_000, "a" * 90_000, "\n\x1b[31m(", "\x1b", "." * 30_000, "f" * 30_000 + ":x", "é\u202e(",
)  # fmt: skip


@pytest.mark.parametrize("expression", HOSTILE)
def test_query_check_shows_any_input_in_short_lines(expression: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(expression, as_json=False) == 2
    err = capsys.readouterr().err
    assert "\x1b" not in err
    assert all(len(line) < 300 for line in err.splitlines())


def test_marked_shows_the_neighbourhood_of_a_place() -> None:
    shown, carets = marked("x" * 100 + "(" + "y" * 500, 100, 101)
    assert shown[carets.index("^")] == "("
    assert carets.count("^") == 1
    assert len(shown) == 180


def test_query_check_reads_and_writes_other_products(capsys: pytest.CaptureFixture[str]) -> None:
    assert checked("apple AND juice or pear", as_json=False, dialect="meltwater") == 0
    assert capsys.readouterr().out == "(apple AND juice) OR pear\n"
    assert checked("a AND country:fr", as_json=False, written_for="brandwatch") == 0
    assert capsys.readouterr().out == "a AND country:fra\n"
    assert checked("apple has:media", as_json=True, dialect="x") == 2
    refused = json.loads(capsys.readouterr().out)
    assert (refused["code"], refused["start"], refused["end"]) == ("query.dialect", 6, 15)
    with pytest.raises(SchemaError, match="no dialect"):
        checked("a", as_json=False, dialect="minitel")


def test_match_knows_what_a_file_says_of_its_posts(tmp_path: Path) -> None:
    rows = [{"id": "a", "text": "rien", "author": "Zoé", "site": "www.avis.fr", "followers": 700, "rating": 2}]
    path, asked = tmp_path / "p.ndjson", tmp_path / "q.toml"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    held = ("author:zoé", "site:avis.fr", "authorFollowers:[500 TO *]", "rating:[1 TO 2]")
    expressions = (*held, "author:bob", "rating:5")
    asked.write_text("".join(f'[[query]]\nid = "{n}"\nexpr = "{e}"\n' for n, e in enumerate(expressions)), "utf-8")
    assert [expressions[int(row["query"])] for row in matches(path, asked, explain=False)] == list(held)
