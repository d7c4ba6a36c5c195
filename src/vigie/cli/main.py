"""`vigie`: the commands, each loading what it needs when it is called."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from vigie import __version__
from vigie.cli import io
from vigie.cli.errors import leave, status_of

app = typer.Typer(
    name="vigie", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="The lookout: listens to what is said of a health company, and helps to answer.",
)  # fmt: skip
query_app = typer.Typer(no_args_is_help=True, help="The query language.")
mirror_app = typer.Typer(no_args_is_help=True, help="The mirror that figures are read from.")
secrets_app = typer.Typer(help="The keys that encrypt log-ins and evidence.", no_args_is_help=True)
key_app = typer.Typer(no_args_is_help=True, help="The key under which authors are hashed.")
evidence_app = typer.Typer(no_args_is_help=True, help="What is kept as evidence.")
tone_app = typer.Typer(no_args_is_help=True, help="The models that tell the tone.")
language_app = typer.Typer(no_args_is_help=True, help="The model that tells languages.")
health_app = typer.Typer(no_args_is_help=True, help="The model that reads what patients write.")
lexicon_app = typer.Typer(no_args_is_help=True, help="Lists of names.")
user_app = typer.Typer(no_args_is_help=True, help="People who may log in.")
app.add_typer(query_app, name="query")
app.add_typer(mirror_app, name="mirror")
app.add_typer(secrets_app, name="secrets")
app.add_typer(evidence_app, name="evidence")
app.add_typer(key_app, name="key")
app.add_typer(language_app, name="language")
app.add_typer(tone_app, name="tone")
app.add_typer(health_app, name="health")
app.add_typer(lexicon_app, name="lexicon")
app.add_typer(user_app, name="user")

DEMO_POSTS, DEMO_DAYS = 20_000, 90
"""Size of the demo company's story, unless asked otherwise."""


AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object a line instead of sentences.")]


def _until(text: str | None) -> datetime | None:
    from vigie.errors import SchemaError  # noqa: PLC0415 -- beside its one use

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        sentence = f"“{text}” is not a date; write it as 2026-11-24T12:00:00+00:00."
        raise SchemaError(sentence, code="demo.until", facts={"text": text}) from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _say_version(asked: bool) -> None:  # noqa: FBT001 -- as Typer calls it
    if asked:
        sys.stdout.write(f"vigie {__version__}\n")
        raise typer.Exit


@app.callback()
def vigie(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Listen to the social web for a health company."""


@app.command()
def demo(
    posts: Annotated[int, typer.Option(min=100, help="How many posts.")] = DEMO_POSTS,
    days: Annotated[int, typer.Option(min=7, help="Over how many days.")] = DEMO_DAYS,
    until: Annotated[str | None, typer.Option(help="When the story ends (ISO 8601); now unless said.")] = None,
    load_only: Annotated[bool, typer.Option("--load-only", help="Load the story and start nothing.")] = False,
    truth: Annotated[
        Path | None, typer.Option(help="Write what is true of each post to this file, as NDJSON by native id.")
    ] = None,
) -> None:
    """Load the demo company into an empty installation, and start web and worker."""
    from vigie.cli.demo import write_truth  # noqa: PLC0415 -- pyarrow, 0.1 s
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    if commands.put_demo_aside() and not load_only:
        commands.start_anew()
    log_ins = commands.demo_log_ins()
    if not load_only:
        commands.require_free_port()
    progress = io.Progress()
    heard = commands.load_demo(posts=posts, days=days, until=_until(until), progress=progress)
    progress.over()
    if heard:
        sys.stderr.write(f"The demo company is loaded: {heard:,} posts heard.\n")
    if truth is not None:
        told, over = commands.demo_story()
        write_truth(truth, posts=told, days=over)
        if not heard:
            sys.stderr.write(f"It was loaded before: its truth is that of {told:,} posts over {over} days.\n")
    if not load_only:
        _run([f"  {one.email}  ({one.role})" for one in log_ins], password=log_ins[0].password)


@app.command()
def up() -> None:
    """Start web and worker with your own company."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    commands.put_demo_aside()
    commands.require_free_port()
    commands.migrate()
    commands.begin_after_demo()
    _run([], password="")


def _run(log_ins: list[str], *, password: str) -> None:
    """Start both processes, say where the pages are, and stop both when one ends or Ctrl-C is pressed."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    sys.stderr.write("Preparing the pages …\n")
    commands.prepare_assets()
    with commands.running() as address:
        sys.stdout.write(f"Vigie: {address}\n")
        if log_ins:
            sys.stdout.write("Log in as one of these, password " + password + "\n" + "\n".join(log_ins) + "\n")
        sys.stdout.write("Ctrl-C stops it.\n")
        sys.stdout.flush()
        why = commands.wait()
    if why == commands.LEAVE:
        sys.stderr.write("The demo is put aside; an empty record begins.\n")
        commands.start_anew()


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what is wrong with this installation, a sentence each; exit 1 when something is."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    rows = list(commands.doctor())
    io.tell(rows, lambda row: (bool(row["ok"]), row["sentence"]), as_json=as_json)
    if not all(row["ok"] for row in rows):
        raise typer.Exit(1)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Recount the stores; exit 1 on a difference."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    rows = commands.check()
    io.tell(rows, lambda row: (bool(row["agrees"]), _compared(row)), as_json=as_json)
    if not all(row["agrees"] for row in rows):
        raise typer.Exit(1)


def _compared(row: Mapping[str, Any]) -> str:
    """Return a comparison of the stores as a sentence."""
    name = str(row["what"])[:1].upper() + str(row["what"])[1:]
    if row["agrees"]:
        return f"{name}: {row['found']:,}, as recounted."
    return f"{name}: {row['found']:,} found, {row['expected']:,} recounted; they differ in {row['different']:,} places."


@app.command()
def collect(source: Annotated[str, typer.Argument(help="An address, or the short name of a space.")]) -> None:
    """Write the posts of one address, or of one space, to standard output; nothing is kept."""
    from vigie.cli.collect import posts_of  # noqa: PLC0415 -- httpx, 0.2 s

    io.write(posts_of(source))


@app.command("import")
def import_(
    file: Annotated[str, typer.Argument(help="CSV, TSV, NDJSON or Parquet; - for standard input.")],
    space: Annotated[str, typer.Option(help="Short name of the space; made when there is none.")],
    map_: Annotated[
        Path | None,
        typer.Option(
            "--map",
            help='A TOML file that says which column is which: under \\[columns] lines such as text = "message"; '
            "docs/how-to/import-a-file.md has all it may say.",
        ),
    ] = None,
) -> None:
    """Take a file of posts into the record, as the page does."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    progress = io.Progress()
    with io.as_file(file) as path:
        commands.make_if_none(io.say)
        result = commands.import_file(path, space=space, map_file=map_, progress=progress)
    progress.over()
    io.write([result])


@app.command()
def match(
    posts: Annotated[
        str,
        typer.Argument(help="A file of posts, CSV, TSV, NDJSON or Parquet, with a column text; - for standard input."),
    ],
    queries: Annotated[Path, typer.Option(help="A TOML file of \\[\\[query]] tables with id and expr.")],
    explain: Annotated[bool, typer.Option("--explain", help="Say which part of the query caught what.")] = False,
) -> None:
    """Hold posts against queries: one line per post and query that match."""
    from vigie.cli.match import matches  # noqa: PLC0415 -- pyarrow, 0.1 s

    with io.as_file(posts) as path:
        io.write(matches(path, queries, explain=explain))


@app.command()
def enrich(
    posts: Annotated[
        str,
        typer.Argument(help="A file of posts, CSV, TSV, NDJSON or Parquet, with a column text; - for standard input."),
    ],
) -> None:
    """Tell language, tone, medicines and reactions, who speaks and what for, and copies: one line per post."""
    from vigie.cli.enrich import labels  # noqa: PLC0415 -- pyarrow, 0.1 s

    with io.as_file(posts) as path:
        io.write(labels(path))


@app.command("train")
def train(
    folder: Annotated[Path, typer.Argument(help="Where the sets stand that the models' cards name.")],
    out: Annotated[Path, typer.Option(help="Folder to write the models into.")] = Path(),
    names: Annotated[
        Path | None, typer.Option(help="File for the names that health learns; phee.tsv by default.")
    ] = None,
    card: Annotated[str | None, typer.Option(help="Write the figures into the cards, of this date.")] = None,
) -> None:
    """Train all models, one after the other and on one thread, and say what each reaches."""
    from vigie.cli.training import train_all  # noqa: PLC0415 -- Numba, a second

    io.write(train_all(folder, out, names, card))


@language_app.command("train")
def language_train(
    folder: Annotated[Path, typer.Argument(help="Where the sets stand that the model's card names.")],
    out: Annotated[Path, typer.Option(help="Folder to write the model into.")] = Path(),
    card: Annotated[str | None, typer.Option(help="Write the figures into the card, of this date.")] = None,
) -> None:
    """Train the model that tells languages, and say what it reaches on tweets it has not seen."""
    from vigie.cli.training import train_language  # noqa: PLC0415 -- Numba, a second

    io.write(train_language(folder, out, card))


@tone_app.command("train")
def tone_train(
    folder: Annotated[Path | None, typer.Argument(help="Where the sets stand that the models' card names.")] = None,
    out: Annotated[Path, typer.Option(help="Folder to write the models into.")] = Path(),
    card: Annotated[str | None, typer.Option(help="Write the figures into the card, of this date.")] = None,
    with_corrections: Annotated[
        bool,
        typer.Option("--with-corrections", help="Learn from what people corrected; the record keeps what is trained."),
    ] = False,
) -> None:
    """Train the models that tell the tone, and say what they reach on texts they have not seen."""
    from vigie.cli.training import train_corrected, train_tone  # noqa: PLC0415 -- Numba, a second

    if folder is None and not with_corrections:
        raise typer.BadParameter("say where the sets stand that the models' card names")
    io.write(train_corrected(folder) if with_corrections else train_tone(folder or Path(), out, card))


@health_app.command("train")
def health_train(
    folder: Annotated[Path, typer.Argument(help="Where the sets stand that the model's card names.")],
    out: Annotated[Path, typer.Option(help="Folder to write the model into.")] = Path(),
    card: Annotated[str | None, typer.Option(help="Write the figures into the card, of this date.")] = None,
) -> None:
    """Train the model that tells whether a sentence about a medicine holds an unwanted effect."""
    from vigie.cli.training import train_health  # noqa: PLC0415 -- Numba, a second

    io.write(train_health(folder, out, card))


@lexicon_app.command("load")
def lexicon_load(
    name: Annotated[str, typer.Argument(help="bdpm: the French public drug base.")],
    path: Annotated[Path, typer.Argument(help="The folder, the ZIP or one of the files that it gives.")],
    out: Annotated[Path | None, typer.Option(help="Write the list here, instead of into this installation.")] = None,
) -> None:
    """Compile a newer list of medicines, put it into use, and say what it changes."""
    from vigie.cli.lexicons import load  # noqa: PLC0415 -- reads the shipped list, 0.1 s

    io.write(load(name, path, out))


@query_app.command("check")
def query_check(
    expression: Annotated[str, typer.Argument(help="The query.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write the answer as JSON.")] = False,
    dialect: Annotated[
        str | None, typer.Option(help="Whose words the query is in: brandwatch, talkwalker, meltwater or x.")
    ] = None,
    written_for: Annotated[
        str | None, typer.Option("--as", help="Write it for another product instead: brandwatch or x.")
    ] = None,
) -> None:
    """Check a query: its normal form, or what is wrong with it and where."""
    from vigie.cli.query import checked  # noqa: PLC0415 -- beside its one use

    status = checked(expression, as_json=as_json, dialect=dialect, written_for=written_for)
    if status:
        raise typer.Exit(status)


@app.command()
def erase(
    origin: Annotated[str, typer.Option(help="Host that holds the posts, such as forum.example.")],
    post: Annotated[str | None, typer.Option(help="Native id of a post.")] = None,
    author: Annotated[str | None, typer.Option(help="Handle of an author.")] = None,
) -> None:
    """Erase a post or a person from every store, and refuse them from now on."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    io.write([commands.erase(post=post, author=author, origin=origin)])


@app.command()
def reparse(
    space: Annotated[str | None, typer.Option(help="Short name of one space; all of them without it.")] = None,
) -> None:
    """Parse again, with the parsers of this version, what could not be read."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    io.write([commands.reparse(space)])


@secrets_app.command("key")
def secrets_key() -> None:
    """Write a new key for VIGIE_SECRETS_KEYS."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    sys.stdout.write(commands.new_secrets_key() + "\n")


@secrets_app.command("rotate")
def secrets_rotate() -> None:
    """Encrypt every secret anew under the first of VIGIE_SECRETS_KEYS; the old ones can then be dropped."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    io.write([commands.rotate_secrets()])


@key_app.command("rotate")
def key_rotate() -> None:
    """Draw a new key for authors' hashes and move everything to it; one that was stopped goes on."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    progress = io.Progress()
    found = commands.rotate_author_key(progress=progress)
    progress.over()
    io.write([found])


@evidence_app.command("verify")
def evidence_verify() -> None:
    """Compute the SHA-256 of all evidence again; exit 1 when one is not as it was kept."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    found = commands.verify_evidence()
    io.write([found])
    if found["mismatched"]:
        raise typer.Exit(1)


@mirror_app.command("rebuild")
def mirror_rebuild() -> None:
    """Throw the mirror's files away and build them anew; always safe."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    io.write([{"rows": commands.mirror_rebuild(progress=io.Progress())}])


@user_app.command("link")
def user_link(email: Annotated[str, typer.Argument()]) -> None:
    """Write a link that sets a new password, for who can't receive mail."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    sys.stdout.write(commands.reset_link(email) + "\n")


@user_app.command("add")
def user_add(email: Annotated[str, typer.Argument()]) -> None:
    """Invite an administrator of all brands: writes the link to accept."""
    from vigie.server import commands  # noqa: PLC0415 -- Django, 0.3 s

    commands.make_if_none(io.say)
    sys.stdout.write(commands.add_administrator(email) + "\n")


def main() -> NoReturn:
    """Run a command and exit as scripts expect."""
    leave(status_of(lambda: app(standalone_mode=True)))


if __name__ == "__main__":
    main()
