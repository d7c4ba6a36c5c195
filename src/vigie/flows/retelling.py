"""Say anew what is said of posts, and what of it differs from what stands: a preview shows it, a run writes it.

language → the other labels → findings, in one pass; a text is read once, and cut into words once for all finders. What
rests on the language (tone, findings) is said anew too, of the posts whose language changes, whether asked for or not.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from vigie.enrich.finder import Finder
from vigie.enrich.found import Thing, by_row
from vigie.enrich.labeller import Labeller
from vigie.flows.ingest import find
from vigie.flows.preview import Estimate
from vigie.measure.shares import wilson
from vigie.schema.vocab import LabelKind
from vigie.text.lexicon import Lexicon

SAID = 9
"""The first cells of a `Thing`: what is found, where, and as the text puts it. Who found it by which dictionary, and how
sure, is no difference of its own: what says the same keeps the version that said it first."""


@dataclass(frozen=True, slots=True)
class Tellers:
    """What labels and finds today."""

    labellers: Sequence[Labeller]
    finders: Sequence[Finder]
    lexicon: Lexicon

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return all kinds of labels and findings that are said today, labels first."""
        labels = dict.fromkeys(labeller.kind for labeller in self.labellers)
        return (*labels, *dict.fromkeys(kind for finder in self.finders for kind in finder.kinds))

    def versions(self, kinds: Iterable[str]) -> dict[str, str]:
        """Return name and version of what says each of some kinds; kinds that nothing says are absent."""
        found = {kind: f"{finder.name} {finder.version}" for finder in self.finders for kind in finder.kinds}
        found |= {labeller.kind: f"{labeller.name} {labeller.version}" for labeller in self.labellers}
        return {kind: found[kind] for kind in kinds if kind in found}


@dataclass(frozen=True, slots=True)
class Told:
    """Posts and what stands of them, row by row."""

    texts: Sequence[str]
    """The title, when there is one, above the text."""
    labels: Mapping[str, Sequence[str | None]]
    """The value in use of each post, by kind; a kind that is not here has none."""
    things: Sequence[Sequence[Thing]]
    """Findings of each post, of the kinds that a finder gives today."""

    def label(self, kind: str) -> Sequence[str | None]:
        """Return the value in use of each post."""
        return self.labels.get(kind) or [None] * len(self.texts)


class Relabel(NamedTuple):
    """A label that is another than the one in use."""

    before: str | None
    after: str | None
    score: float


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs, by row, or by the posts' ids; rows and kinds without a difference are absent."""

    labels: dict[str, dict[int, Relabel]]
    """By kind and row."""
    things: dict[str, dict[int, list[Thing]]]
    """What is found now, by kind and row."""

    @property
    def rows(self) -> list[int]:
        """Return the rows of which anything differs."""
        found: set[int] = set()
        for labels in self.labels.values():
            found.update(labels)
        for things in self.things.values():
            found.update(things)
        return sorted(found)

    def counts(self) -> dict[str, int]:
        """Return the number of posts that differ, by kind; kinds without any are absent."""
        sizes = {kind: len(rows) for kind, rows in self.labels.items()}
        sizes |= {kind: len(found) for kind, found in self.things.items()}
        return {kind: n for kind, n in sizes.items() if n}

    def of(self, ids: Sequence[int]) -> "Differences":
        """Return them by the posts' ids instead of their rows."""
        labels = {kind: {ids[row]: one for row, one in some.items()} for kind, some in self.labels.items()}
        return Differences(labels, {k: {ids[row]: v for row, v in some.items()} for k, some in self.things.items()})

    def joined(self, more: "Differences") -> "Differences":
        """Return these and those of other posts."""
        labels = {kind: self.labels.get(kind, {}) | some for kind, some in (self.labels | more.labels).items()}
        things = {kind: self.things.get(kind, {}) | some for kind, some in (self.things | more.things).items()}
        return Differences(labels, things)

    def where(self, test: Callable[[str, int, Relabel], bool]) -> "Differences":
        """Return them with those labels alone that pass a test of their kind and post."""
        labels = {k: {r: one for r, one in some.items() if test(k, r, one)} for k, some in self.labels.items()}
        return Differences(labels, self.things)

    def without(self, rows: Set[int]) -> "Differences":
        """Return them without some rows."""
        labels = {k: {r: v for r, v in some.items() if r not in rows} for k, some in self.labels.items()}
        return Differences(
            labels, {k: {r: v for r, v in some.items() if r not in rows} for k, some in self.things.items()}
        )


def differences(told: Told, kinds: Set[str], tellers: Tellers) -> Differences:
    """Say anew what is asked of posts, and return what differs.

    Args:
        told: The posts, and what stands of them.
        kinds: Values of `vocab.LabelKind` and `vocab.FindingKind`; those that nothing says today change nothing.
        tellers: What says them.
    """
    everyone = range(len(told.texts))
    languages = list(told.label(LabelKind.LANGUAGE))
    moved: dict[int, Relabel] = {}
    if LabelKind.LANGUAGE in kinds:
        for labeller in tellers.labellers:
            if labeller.kind == LabelKind.LANGUAGE:
                moved = _relabelled(told, labeller, everyone, [None] * len(languages))
        languages = [moved[row].after if row in moved else language for row, language in enumerate(languages)]
    labels = {LabelKind.LANGUAGE.value: moved}
    for labeller in tellers.labellers:
        if labeller.kind != LabelKind.LANGUAGE:
            rows = everyone if labeller.kind in kinds else sorted(moved)
            labels[labeller.kind] = _relabelled(told, labeller, rows, languages)
    return Differences(labels, _refound(told, kinds, tellers, languages, moved.keys()))


def _relabelled(
    told: Told, labeller: Labeller, rows: Sequence[int], languages: Sequence[str | None]
) -> dict[int, Relabel]:
    """Return the rows of which a labeller says something else."""
    if not rows:
        return {}
    values, scores = labeller.label([told.texts[row] for row in rows], [languages[row] for row in rows])
    before = told.label(labeller.kind)
    return {
        row: Relabel(before[row], value, score)
        for row, value, score in zip(rows, values, scores, strict=True)
        if value != before[row]
    }


def _refound(
    told: Told, kinds: Set[str], tellers: Tellers, languages: Sequence[str | None], moved: Set[int]
) -> dict[str, dict[int, list[Thing]]]:
    """Return what is found now, by kind and row, where it is something else."""
    differ: dict[str, dict[int, list[Thing]]] = {}
    asked = [finder for finder in tellers.finders if not kinds.isdisjoint(finder.kinds)]
    others = [finder for finder in tellers.finders if kinds.isdisjoint(finder.kinds)]
    for finders, rows in ((asked, list(range(len(told.texts)))), (others, sorted(moved))):
        table = find([told.texts[r] for r in rows], [languages[r] for r in rows], finders, tellers.lexicon)
        now = {rows[row]: some for row, some in by_row(table).items()}
        for kind in {kind for finder in finders for kind in finder.kinds}:
            some = rows if kind in kinds else sorted(moved)
            differ[kind] = {row: found for row, found in _of_kind(now, kind, some) if _differ(told, row, kind, found)}
    return differ


def _of_kind(found: Mapping[int, Sequence[Thing]], kind: str, rows: Iterable[int]) -> Iterable[tuple[int, list[Thing]]]:
    return ((row, [thing for thing in found.get(row, ()) if thing.kind == kind]) for row in rows)


def _differ(told: Told, row: int, kind: str, things: Sequence[Thing]) -> bool:
    before = [thing[:SAID] for thing in told.things[row] if thing.kind == kind]
    return Counter(before) != Counter(thing[:SAID] for thing in things)


NOTHING = ""
"""What stands in a count for no value: the label that was absent, or is now."""


@dataclass(slots=True)
class Tally:
    """What was counted of posts said anew."""

    seen: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    """Posts of which something differs, by kind."""
    moves: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    """Posts by value before and after, by kind of label; values lost and found, by kind of finding."""
    versions: dict[str, Counter[str]] = field(default_factory=dict)
    """Posts by name and version of what said what stands, by kind."""

    def add(self, told: Told, differ: Differences) -> None:
        """Add what differs of some posts."""
        self.seen += len(told.texts)
        self.changed.update(differ.counts())
        for kind, rows in differ.labels.items():
            pairs = self.moves.setdefault(kind, Counter())
            pairs.update((one.before or NOTHING, one.after or NOTHING) for one in rows.values())
        for kind, found in differ.things.items():
            pairs = self.moves.setdefault(kind, Counter())
            for row, things in found.items():
                pairs.update(moved_values(told.things[row], things, kind))


def moved_values(before: Iterable[Thing], after: Iterable[Thing], kind: str) -> list[tuple[str, str]]:
    """Return the values of a kind that are there no more, as (value, nothing), and those that are new, as (nothing, value)."""
    old = {thing.value for thing in before if thing.kind == kind}
    new = {thing.value for thing in after if thing.kind == kind}
    return [(value, NOTHING) for value in sorted(old - new)] + [(NOTHING, value) for value in sorted(new - old)]


@dataclass(slots=True)
class Shift:
    """How the values of one kind move among mentions looked at."""

    gained: Counter[str] = field(default_factory=Counter)
    """Mentions that would have a value they do not have."""
    lost: Counter[str] = field(default_factory=Counter)

    def add(self, before: Iterable[str], after: Iterable[str]) -> None:
        """Add one mention's values."""
        old, new = set(before), set(after)
        self.gained.update(new - old)
        self.lost.update(old - new)

    def estimate(self, value: str, *, before: int, seen: int, total: int, is_over: bool) -> Estimate:
        """Return how many mentions would have a value that `before` of them have now.

        What is counted of all stands; only what moves is estimated: its interval is made of Wilson's of what is gained and of
        what is lost, each at 95 %, so it is a little too wide.
        """
        gained, lost = self.gained[value], self.lost[value]
        if is_over:
            exact = before + gained - lost
            return Estimate(exact, exact, exact, is_exact=True)
        if not seen:
            return Estimate(0, before, total, is_exact=False)
        (least_gained, most_gained), (least_lost, most_lost) = wilson(gained, seen), wilson(lost, seen)
        # At most those are lost that have it, and at most those gain it that do not.
        most_lost, most_gained = min(most_lost, before / total), min(most_gained, 1 - before / total)
        low = max(0, round(before + total * (least_gained - most_lost)))
        high = min(total, round(before + total * (most_gained - least_lost)))
        middle = round(before + total * (gained - lost) / seen)
        return Estimate(low, min(max(middle, low), high), high, is_exact=False)
