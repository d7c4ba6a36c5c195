"""Files and tail together say what the record says, after anything that may happen to them."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from vigie.store.figures import View
from vigie.store.mirror import Manifest, Mirror
from vigie.store.tail import Tail

from . import oracle
from .oracle import FILTERS, NOW, ZONE, Row, mention, table
from .test_figures import BY, walked
from .test_mirror import Killed, dying

POSTS = st.integers(0, 12)
NUMBERS = st.integers(0, 40)


class Stores(RuleBasedStateMachine):
    """A record as a dict; a mirror that follows it when it is told to; a tail that a reader keeps."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vigie-contract-"))
        self.mirror, self.tail = Mirror(self.folder / "mirror"), Tail(0)
        self.rows: dict[int, Row] = {}
        self.tombstones: list[tuple[int, int]] = []
        self.epoch, self.revision, self.last_id = 1, 0, 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    # What happens to the record. All mentions of a post change with it, each with a revision of its own.

    @rule(post=POSTS, watches=st.sets(st.integers(1, 3), min_size=1))
    def insert(self, post: int, watches: set[int]) -> None:
        like = next((r for r in self.rows.values() if r["post_id"] == post), None)
        shared = {k: like[k] for k in ("published_at", "likes", "views", "deleted")} if like else {}
        met = {r["watch_id"] for r in self.rows.values() if r["post_id"] == post}
        for watch in sorted(watches - met):
            self.last_id += 1
            self.rows[self.last_id] = mention(self.last_id, post, watch, self._next(), **shared)

    @rule(post=POSTS, n=NUMBERS)
    def change_post(self, post: int, n: int) -> None:
        moved = {"published_at": oracle.START + timedelta(hours=n * 40)} if n % 2 else {}
        for row in [r for r in self.rows.values() if r["post_id"] == post]:
            self._change(row, likes=n, views=n % 5 or None, deleted=n % 3 == 0, **moved)

    @rule(n=NUMBERS)
    def change_mention(self, n: int) -> None:
        if self.rows:
            row = list(self.rows.values())[n % len(self.rows)]
            self._change(
                row, tone=("negative", None)[n % 2], lapsed=n % 3 == 0, not_about_us=n % 5 == 0, in_watch=n % 7 != 0
            )

    @rule(n=NUMBERS)
    def remove(self, n: int) -> None:
        if self.rows:
            gone = list(self.rows)[n % len(self.rows)]
            del self.rows[gone]
            self.tombstones.append((gone, self._next()))

    @rule()
    def restore(self) -> None:
        """Another history under the same numbers: files of the old one must not be read."""
        self.epoch, self.tail = self.epoch + 1, Tail(0)

    # What happens to the stores.

    @rule()
    def merge(self) -> None:
        self._merge()

    @rule(at=st.integers(1, 24))
    def merge_and_die(self, at: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            dying(patch, at)
            try:
                self._merge()
            except Killed:
                self.mirror = Mirror(self.mirror.folder)

    @rule()
    def rebuild(self) -> None:
        self._rebuild()

    @rule()
    def clean(self) -> None:
        self.mirror.clean(NOW, young_too=True)

    @rule()
    def delete_the_folder(self) -> None:
        shutil.rmtree(self.mirror.folder, ignore_errors=True)

    @rule()
    def restart_the_reader(self) -> None:
        self.tail = Tail(0)

    @rule(n=NUMBERS)
    def lose_a_file(self, n: int) -> None:
        if (manifest := self.usable()) and manifest.months:
            self.mirror.path(manifest.months[sorted(manifest.months)[n % len(manifest.months)]]).unlink()

    # What must hold.

    @invariant()
    def all_say_the_same(self) -> None:
        rows = list(self.rows.values())
        chosen = FILTERS[(self.revision + len(rows)) % len(FILTERS)]
        for view in (self.view(), self.view_without_mirror()):
            for by in (BY[self.revision % len(BY)], ("watch_id", "day")):
                found = view.counts(chosen, by, posts=True).to_pylist()
                cells = {tuple(r[n] for n in by): (r["mentions"], r["posts"]) for r in found if r["mentions"]}
                assert cells == oracle.counts(rows, chosen, by)
            order = ("newest", "seen")[self.revision % 2]
            assert walked(view, chosen, order, 3) == oracle.listed(rows, chosen, order)
            exported = sorted((r for b in view.rows(chosen) for r in b.to_pylist()), key=lambda r: int(r["mention_id"]))
            assert exported == sorted((r for r in rows if oracle.passes(r, chosen)), key=lambda r: int(r["mention_id"]))

    # The reader and the writer, as the server has them.

    def usable(self) -> Manifest | None:
        return self.mirror.manifest() if self.mirror.usable(self.epoch, self.revision, ZONE) else None

    def view(self) -> View:
        manifest = self.usable()
        base = manifest.revision if manifest else 0
        if self.tail.base > base:
            self.tail = Tail(base)
        self.tail.prune(base)
        changed, removed = self._since(self.tail.revision)
        self.tail.advance(changed, removed, self.revision)
        return View(self.mirror, manifest, self.tail)

    def view_without_mirror(self) -> View:
        tail = Tail(0)
        tail.advance(*self._since(0), self.revision)
        return View(None, None, tail)

    def _since(self, revision: int) -> tuple[Any, list[tuple[int, int]]]:
        changed = sorted((r for r in self.rows.values() if r["revision"] > revision), key=lambda r: int(r["revision"]))
        return table(changed), [(i, r) for i, r in self.tombstones if r > revision]

    def _merge(self) -> None:
        manifest = self.usable()
        if manifest is None:
            self._rebuild()
            return
        changed, removed = self._since(manifest.revision)
        ids = [i for i, _ in removed]
        self.mirror.merge(changed, ids, epoch=self.epoch, revision=self.revision, time_zone=ZONE, now=NOW)

    def _rebuild(self) -> None:
        batches = table(list(self.rows.values())).to_batches(max_chunksize=5)
        self.mirror.rebuild(batches, epoch=self.epoch, revision=self.revision, time_zone=ZONE, now=NOW)

    def _next(self) -> int:
        self.revision += 1
        return self.revision

    def _change(self, row: Row, **changes: Any) -> None:
        kept = {k: v for k, v in row.items() if k not in ("mention_id", "post_id", "watch_id", "revision", "day")}
        i = row["mention_id"]
        self.rows[i] = mention(i, row["post_id"], row["watch_id"], self._next(), **(kept | changes))


SHORT = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def test_stores_agree_after_anything_that_may_happen() -> None:
    run_state_machine_as_test(Stores, settings=SHORT)


@pytest.mark.slow
def test_stores_agree_after_long_stories() -> None:
    longer = settings(SHORT, max_examples=60, stateful_step_count=50, derandomize=False, print_blob=True)
    run_state_machine_as_test(Stores, settings=longer)
