"""Categories walked over the past, and watches with a label part held against it, in a record of the demo company.

The demo is loaded into a folder of its own (SQLite); then, in one process and by its processor seconds, `categorising.run` walks
over all posts with categories that are new (each finding is written), then again with nothing to change; last every watch gets a
label part, and all mentions are held against them (`in_watch.settle`), as after a re-run of labels.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "support"))
from goals import Goal
from pages import UNTIL, run

POSTS = 10_000
"""Posts of the demo company: some seconds of each walk."""

WANTED_A_SECOND = 10_000_000 / (90 * 60)
"""Posts a second at which 10 million are walked over within 90 minutes, as for labels (issue 6, part 11)."""

WALK = """
import json, time
from types import SimpleNamespace
from vigie.server import commands
commands._set_up()
from datetime import UTC, datetime
from vigie.server import engine
from vigie.server.models import Finding, Mention, Watch
from vigie.server.permissions import COMMAND
from vigie.server.services import categories, categorising, in_watch
from vigie.server.services.categories import CategoryDraft, DimensionDraft

ASKED = {
    "Effets": None, "Vertiges": "vertige* OR tourne* OR dizz*", "Fatigue": "fatigu* OR épuis* OR tired", "Nausées": "nausée* OR nausea OR vomi*",
    "Peau": "bouton* OR plaque* OR rash", "Sommeil": "dormi* OR insomnie* OR sleep*", "Prix": "prix OR cher OR rembours*",
    "Rupture": "rupture* OR pénurie* OR shortage*", "Merci": "merci OR thanks", "Question": "(comment OR pourquoi) NEAR/8 (prendre OR arrêter)",
    "Médecin": "médecin* OR docteur OR doctor*", "Pharmacie": "pharmaci*",
}
now = datetime.now(UTC)
when = {"asker": COMMAND, "now": now}
dimension = categories.add_dimension(DimensionDraft("Mesure", None), **when).pk
root = None
for name, text in ASKED.items():
    made = categories.add(dimension, CategoryDraft(name, root if text else None, text or ""), **when).pk
    root = made if text is None else root
# The speed of the walk is asked, not its manners towards pages.
categorising.hold_back = lambda *given: None
job = lambda: SimpleNamespace(claimed=SimpleNamespace(state={}), checkpoint=lambda **given: None)

def seconds(act):
    begun = time.process_time()
    said = act()
    return time.process_time() - begun, said

engine.standing()
first, outcome = seconds(lambda: categorising.run(job(), clock=lambda: datetime.now(UTC)))
again, _ = seconds(lambda: categorising.run(job(), clock=lambda: datetime.now(UTC)))
for watch in Watch.objects.filter(closed_at=None):
    Watch.objects.filter(pk=watch.pk).update(expression=f"({watch.expression}) AND NOT tone:negative")
engine.bump_generation()
engine.standing()
ids = list(Mention.objects.order_by("pk").values_list("pk", flat=True))
settled, _ = seconds(lambda: [in_watch.settle(ids[at : at + 1000]) for at in range(0, len(ids), 1000)])
gone = Mention.objects.filter(in_watch=False).count()
found = Finding.objects.filter(kind="category").count()
print(json.dumps([outcome.facts["posts"], len(ASKED), found, first, again, len(ids), len(engine.standing().labelled), settled, gone]))
"""


def goals() -> Iterator[Goal]:
    """Walk, and print posts and mentions a second."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = {**os.environ, "VIGIE_VAR": folder}
        options = ("--load-only", "--posts", str(POSTS), "--until", UNTIL)
        run(environment, "-m", "vigie.cli.main", "demo", *options)
        said = json.loads(run(environment, "-c", WALK).splitlines()[-1])
    posts, categories, found, first, again, mentions, watches, settled, gone = said
    print(
        f"\n{categories} categories over the past: {posts:,} posts, {found:,} findings written, {posts / first:,.0f} posts/s;"
        f" nothing to change {posts / again:,.0f} posts/s"
    )
    print(
        f"{watches} watches with a label part: {mentions:,} mentions, {gone:,} of them no longer in theirs, {mentions / settled:,.0f} mentions/s"
    )
    yield Goal("categories over the past, first walk: posts/s", posts / first, at_least=WANTED_A_SECOND)
    yield Goal("label parts of watches: mentions/s", mentions / settled, at_least=WANTED_A_SECOND)
