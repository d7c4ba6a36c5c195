"""Models trained here: learn from corrections, measure before and after, choose, and go back."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from django.conf import settings
from django.db import transaction

from vigie.enrich import adapting, comparing, tone_grams
from vigie.enrich.adapting import Given
from vigie.enrich.cards.tables import tweets
from vigie.enrich.comparing import Compared
from vigie.enrich.tone_grams import LANGUAGES, TONES, Model, ToneLabeller
from vigie.errors import SchemaError
from vigie.schema.vocab import LabelKind
from vigie.server import chosen, engine
from vigie.server.database import select
from vigie.server.models import TrainedModel
from vigie.server.permissions import COMMAND, WORKER, Asker, Permission
from vigie.server.queries import trained
from vigie.server.services import audit, relabelling, work
from vigie.server.services.work import Outcome, Progress

OTHERS = 1_000
"""Posts that nobody corrected, beside them."""

SEED = 20_261_126
"""Of folds and draws: the same corrections give the same model."""

TRAINING = "training"
"""The folder of VIGIE_VAR in which the public sets stand, as the model's card names them; it may be absent."""

STEPS = adapting.FOLDS + 2
"""What progress counts: the folds, the whole, and the save."""


class Crossed(Protocol):
    """Answers of models that had not seen the text, without corrections and with them."""

    truth: adapting.Labels
    before: adapting.Labels
    after: adapting.Labels
    tweets_truth: adapting.Labels
    tweets_before: adapting.Labels
    tweets_after: adapting.Labels


Recipe = Callable[[str, Given, np.random.Generator, Callable[[], None]], tuple[Model, Crossed]]


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model, and how it was measured."""

    model: Model
    how: str
    """`tweets`: the whole recipe with corrections beside the tweets; `from_weights`: from the weights that came with Vigie."""
    corrections: Compared
    public: Compared | None


def folder_of_sets() -> Path | None:
    """Return where the public sets stand, if they do."""
    folder = Path(settings.VIGIE.var) / TRAINING
    return folder if (folder / "umsab").is_dir() else None


@transaction.atomic
def start(language: str, *, asker: Asker, now: datetime) -> int:
    """Ask the worker to train the tone model of a language with what people corrected; return the work's id.

    Raises:
        DecisionError: the role does not allow it, or people corrected too little.
    """
    asker.require(Permission.STEER_WORK)
    _known(language)
    _enough(len(trained.corrected(language)))
    audit.write(asker, "model.train_asked", "model:0", now=now, after={"kind": "tone", "language": language})
    return work.enqueue("train", f"train:tone:{language}", {"language": language}, asker=asker)


def run(job: Progress, *, clock: Callable[[], datetime]) -> Outcome:
    """Train as asked; what is trained is kept, and not in use until somebody chooses it."""
    steps = iter(range(1, STEPS + 1))

    def told() -> None:
        job.checkpoint(done=next(steps, STEPS), total=STEPS)

    row = train(str(job.args["language"]), folder_of_sets(), asker=WORKER, clock=clock, told=told)
    return Outcome("model.trained", {"language": row.language, "version": row.version})


def train(
    language: str,
    folder: Path | None = None,
    recipe: Recipe | None = None,
    *,
    asker: Asker,
    clock: Callable[[], datetime],
    told: Callable[[], None] = lambda: None,
) -> TrainedModel:
    """Train the tone model of a language with what people corrected, and keep it beside what was measured.

    Args:
        folder: Where the public sets stand, on which a loss would show.
        recipe: Trains on tweets with corrections beside them, on a machine that has both tweets and scikit-learn.

    Raises:
        DecisionError: people corrected too little.
    """
    _known(language)
    given = Given(*_examples(trained.corrected(language)), _uncorrected(language))
    _enough(len(given.texts))
    learnt = _learn(language, given, folder, recipe, told)
    told()
    shipped = tone_grams.committed(language)
    figures = {
        "how": learnt.how, "corrections": asdict(learnt.corrections), "public": learnt.public and asdict(learnt.public),
        "verdict": comparing.verdict(learnt.corrections, learnt.public).value, "others": len(given.others),
        "others_changed": _changed(shipped, learnt.model, given.others), "texts": len(given.texts),
    }  # fmt: skip
    row = _keep(language, learnt.model, figures, asker, clock())
    told()
    return row


def train_all(recipe: Recipe | None, *, clock: Callable[[], datetime]) -> Iterator[dict[str, object]]:
    """Train the model of each language of which people corrected enough, for a command; yield what was measured.

    Raises:
        DecisionError: there is none.
    """
    for language in trained.trainable():
        row = train(language, folder_of_sets(), recipe, asker=COMMAND, clock=clock)
        yield {"language": language, "version": row.version, **row.figures}


def _known(language: str) -> None:
    if language not in LANGUAGES:
        raise SchemaError(
            f"No model of tone reads “{language}”.", code="model.language", facts={"language": language[:60]}
        )


def _enough(n: int) -> None:
    if n < trained.FEWEST:
        raise trained.too_few(n)


def _examples(rows: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], adapting.Labels]:
    return tuple(text for text, _ in rows), np.array([TONES.index(value) for _, value in rows], np.int64)


def _uncorrected(language: str) -> tuple[str, ...]:
    """Return the latest posts of a language that nobody corrected."""
    sql = (
        "SELECT p.title, p.text FROM vigie_post p "
        "JOIN vigie_label l ON l.post_id = p.id AND l.kind = 'language' AND l.chosen AND l.value = %s "
        "WHERE NOT EXISTS (SELECT 1 FROM vigie_mention m JOIN vigie_correction c ON c.mention_id = m.id "
        "WHERE m.post_id = p.id AND c.kind = 'tone') ORDER BY p.id DESC LIMIT %s"
    )
    return tuple(
        dict.fromkeys(f"{title}\n{text}" if title else text for title, text in select(sql, [language, OTHERS]))
    )


def _learn(language: str, given: Given, folder: Path | None, recipe: Recipe | None, told: Callable[[], None]) -> Learnt:
    """Learn by the recipe of the tweets when it is given, else from the weights that came with Vigie."""
    rng = np.random.default_rng(SEED)
    if recipe is not None:
        model, known = recipe(language, given, rng, told)
        own = _compare(known.truth, known.before, known.after)
        return Learnt(model, "tweets", own, _compare(known.tweets_truth, known.tweets_before, known.tweets_after))
    shipped = tone_grams.committed(language)
    found = adapting.crossed(shipped, given, rng=rng, told=told)
    model = adapting.adapted(shipped, given)
    public = _on_tweets(folder, shipped, model) if folder else None
    return Learnt(model, "from_weights", _compare(given.labels, found.before, found.after), public)


def _on_tweets(folder: Path, before: Model, after: Model) -> Compared:
    """Compare two models on tweets that both have seen: what is lost there shows, what is gained proves nothing."""
    parts = [tweets(folder / "umsab", before.language, split) for split in ("train", "val")]
    texts = [text for part in parts for text in part.texts]
    truth = np.array([TONES.index(label) for part in parts for label in part.labels], np.int64)
    return _compare(truth, before.told(texts)[0], after.told(texts)[0])


def _compare(truth: adapting.Labels, before: adapting.Labels, after: adapting.Labels) -> Compared:
    return comparing.compared(truth, before, after, answers=len(TONES), rng=np.random.default_rng(SEED))


def _changed(before: Model, after: Model, texts: Iterable[str]) -> int:
    """Return how many of the texts get another tone."""
    some = list(texts)
    return int((before.told(some)[0] != after.told(some)[0]).sum()) if some else 0


@transaction.atomic
def _keep(language: str, model: Model, figures: dict[str, object], asker: Asker, now: datetime) -> TrainedModel:
    file = io.BytesIO()
    tone_grams.save(model, file, whole=np.int16)
    before = TrainedModel.objects.filter(kind=LabelKind.TONE, language=language).count()
    row = TrainedModel.objects.create(
        kind=LabelKind.TONE, language=language, version=f"{ToneLabeller.version}.{before + 1}", weights=file.getvalue(),
        figures=figures, trained_at=now, by_id=asker.user_id,
    )  # fmt: skip
    after = {"kind": "tone", "language": language, "verdict": figures["verdict"], "texts": figures["texts"]}
    audit.write(asker, "model.train", f"model:{row.pk}", now=now, after=after)
    return row


@transaction.atomic
def choose(language: str, model_id: int | None, *, asker: Asker, now: datetime) -> int | None:
    """Put a trained model in use, or the one that came with Vigie (`None`); return what was in use before.

    Every post is then labelled again, as due work: what people said stays.

    Raises:
        DecisionError: the role does not allow it.
        SchemaError: there is no such model.
    """
    asker.require(Permission.STEER_WORK)
    _known(language)
    rows = TrainedModel.objects.select_for_update().filter(kind=LabelKind.TONE, language=language)
    if model_id is not None and not rows.filter(pk=model_id).exists():
        raise SchemaError("There is no such model.", code="model.unknown")
    before = rows.filter(chosen=True).values_list("pk", flat=True).first()
    if before == model_id:
        return before
    rows.filter(chosen=True).update(chosen=False)
    rows.filter(pk=model_id).update(chosen=True)
    values = {"kind": "tone", "language": language}
    audit.write(
        asker, "model.choose", f"model:{model_id or 0}", now=now, before={**values, "model": before},
        after={**values, "model": model_id},
    )  # fmt: skip
    engine.bump_generation()
    relabelling.start(LabelKind.TONE, asker=asker, now=now)
    return before


def labeller_version() -> str:
    """Return the version of tone in use."""
    return next(one.version for one in chosen.in_use((ToneLabeller(),)))
