"""The story as it is heard: batches of each space in the order of readings, and the truth of every post."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from vigie.demo import cast, pace
from vigie.demo.making import Told
from vigie.demo.records import Batch, Truth
from vigie.demo.rows import Row, table
from vigie.demo.tell import story
from vigie.demo.writer import TOPIC_NAMES

SEED = 2011
"""Which of all stories: any number gives another one with the same plot."""

POSTS, DAYS = 20_000, 90
"""Size of the usual story."""

MAX_ROWS = 1_000
"""Rows of a batch: what the door takes at once (DESIGN §1)."""

LAST_DAY_READS_S = 3 * pace.HOUR_S
"""Between two readings on the last day; on the days before a space is read once, which keeps batches large."""

STAGGER_S = 20
"""Between the readings of two spaces."""


def batches(*, posts: int = POSTS, days: int = DAYS, until: datetime, seed: int = SEED) -> Iterator[Batch]:
    """Yield the story's posts in the order heard, then heard again when edited, deleted or better liked.

    The number of distinct posts is exactly `posts`; rows heard again come on top (some ten in a hundred). Another
    `until` shifts every instant and changes nothing else. Memory holds a day.
    """
    ears = _Ears(until)
    windows = _windows(days)
    window = next(windows)
    for told in story(posts=posts, days=days, seed=seed):
        while told.back < window:
            yield from ears.read(window)
            window = next(windows)
        ears.meet(told)
    yield from ears.read(window)
    for left in windows:
        yield from ears.read(left)


def truth(*, posts: int = POSTS, days: int = DAYS, seed: int = SEED) -> Iterator[Truth]:
    """Yield what is true of each post, once each, in the order published."""
    for told in story(posts=posts, days=days, seed=seed):
        yield _truth(told)


def _truth(told: Told) -> Truth:
    facts, said = told.facts, told.facts.said
    return Truth(
        told.row.origin, told.row.native_id, facts.language, said.tone, TOPIC_NAMES.get(said.topic, said.topic), said.speaker, said.product,
        adverse_event=facts.reaction is not None, reaction=facts.reaction, criteria=facts.criteria, rumour=facts.rumour, buzz=facts.buzz,
        spam=said.topic == "spam", influencer=facts.influencer, deleted=told.fate == "deleted", edited=told.fate == "edited", near_duplicate_of=facts.copy_of,
    )  # fmt: skip


def _windows(days: int) -> Iterator[int]:
    """Yield when readings take place, in seconds before the end."""
    yield from (day * pace.DAY_S for day in range(days - 1, 0, -1))
    yield from range(pace.DAY_S - LAST_DAY_READS_S, -1, -LAST_DAY_READS_S)


@dataclass(slots=True)
class _Space:
    waiting: list[Told] = field(default_factory=list)
    """Published, not heard yet; in the order published."""
    again: list[tuple[int, int, Told]] = field(default_factory=list)
    """A heap of what will be heard again: minus the seconds before the end, a running number, the post."""


@dataclass(slots=True)
class _Ears:
    until: datetime
    spaces: list[_Space] = field(default_factory=lambda: [_Space() for _ in cast.SPACES])
    met: int = 0

    def meet(self, told: Told) -> None:
        """Note a post that is published, and when it is worth another look."""
        space = self.spaces[told.space]
        space.waiting.append(told)
        if told.fate:
            self.met += 1
            heapq.heappush(space.again, (-told.fate_back, self.met, told))

    def read(self, window: int) -> Iterator[Batch]:
        """Read every space, one after the other."""
        for place, space in enumerate(self.spaces):
            back = window + (len(self.spaces) - 1 - place) * STAGGER_S
            heard_at = self.until - timedelta(seconds=back)
            rows = self._rows(space, back)
            for start in range(0, len(rows), MAX_ROWS):
                yield Batch(cast.SPACES[place].name, heard_at, table(rows[start : start + MAX_ROWS]))

    def _rows(self, space: _Space, back: int) -> list[Row]:
        new = [t for t in space.waiting if t.back >= back]
        space.waiting = space.waiting[len(new) :]
        fresh = {t.row.native_id for t in new}
        rows, later = [self._dated(t, t.row) for t in new], []
        while space.again and -space.again[0][0] >= back:
            entry = heapq.heappop(space.again)
            told = entry[2]
            if told.row.native_id in fresh:
                later.append((-back + 1, entry[1], told))  # first heard just now: look again at the next reading
            else:
                rows.append(self._dated(told, changed(told)))
        for entry in later:
            heapq.heappush(space.again, entry)
        return rows

    def _dated(self, told: Told, row: Row) -> Row:
        return row._replace(published_at=_microseconds(self.until - timedelta(seconds=told.back)))


def _microseconds(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


EDITS = {
    "fr": (
        " [Édit : merci pour vos réponses]",
        "\n\nÉDIT du soir : toujours rien de neuf.",
        " (message modifié : faute corrigée)",
        "\nMàj : j'ai eu quelqu'un au téléphone.",
        " Edit : je parle bien de la boîte bleue.",
    ),
    "en": (
        " [Edit: thanks for the replies]",
        "\n\nEDIT: nothing new tonight.",
        " (edited for spelling)",
        "\nUpdate: someone called me back.",
        " Edit: I do mean the blue box.",
    ),
}
"""What people add when they change a post."""


def changed(told: Told) -> Row:
    """Return the row of a post as it is heard again."""
    row = told.row
    if told.fate == "deleted":
        return row._replace(deleted=True)
    if told.fate == "edited":
        edits = EDITS[told.facts.language]
        return row._replace(text=row.text + edits[told.back % len(edits)])
    more = 1.4 + (told.back % 97) / 40
    likes, reposts, replies, views = (
        None if n is None else int(n * more) + 1 for n in (row.likes, row.reposts, row.replies, row.views)
    )
    return row._replace(likes=likes, reposts=reposts, replies=replies, views=views)
