"""What the free lexicons say, as the loop that reads tone looks it up."""

import numpy as np
import pytest

from vigie.enrich.valences import families, spellings, valences
from vigie.text import grams
from vigie.text.features import Spoken, batches, spoken


def read(text: str, language: str = "fr") -> Spoken:
    """Return the features of one text."""
    ((_, data, offsets, room),) = batches([text], 1_000)
    return spoken(data, offsets, room, bits=18, most=1_000, valences=valences(language))


def ups_and_downs(text: str, language: str = "fr") -> tuple[float, float]:
    """Return what the first lexicon says for and against."""
    up, down = np.expm1(read(text, language).facts[0, :2]) / grams.GAIN
    return float(up), float(down)


def test_spellings_without_accents_are_taken_where_all_have_one_sign() -> None:
    found = spellings({"né": 0.5, "nè": 0.3, "pâle": -0.2, "palé": 0.4, "coeur": 0.6, "malade": -0.9}, {"malade"})
    assert found == {"ne": 0.4, "coeur": 0.6, "cœur": 0.6, "né": 0.5, "nè": 0.3, "pâle": -0.2, "palé": 0.4}


def test_negation_turns_and_weakens_until_a_stop_or_four_words() -> None:
    up, _ = ups_and_downs("bon")
    assert up > 0
    assert ups_and_downs("pas bon") == pytest.approx((0, 0.6 * up), abs=1e-6)
    assert ups_and_downs("pas. bon") == pytest.approx((up, 0), abs=1e-6)
    assert ups_and_downs("pas un deux trois bon") == pytest.approx((0, 0.6 * up), abs=1e-6)
    assert ups_and_downs("pas un deux trois quatre bon") == pytest.approx((up, 0), abs=1e-6)
    assert ups_and_downs("très bon") == pytest.approx((1.3 * up, 0), abs=1e-6)


def test_english_negations_are_joined_words() -> None:
    up, _ = ups_and_downs("good", "en")
    for text in ("it isn't good", "it isn’t good", "not good", "NOT GOOD"):
        assert ups_and_downs(text, "en") == pytest.approx((0, 0.6 * up), abs=1e-6), text


def test_letters_drawn_out_and_accents_left_out_are_looked_up() -> None:
    assert ups_and_downs("adooooore") == ups_and_downs("adore")
    # The second list alone has “énervé”.
    assert read("enerve").facts[0, 7] == read("énervé").facts[0, 7] > 0


def test_emoji_and_emoticons_are_read_however_they_are_joined() -> None:
    place = 6 * grams.LISTS
    happy, sad = read("😍").facts[0, place], read("😡").facts[0, place]
    assert happy > 0 > sad
    assert read("😍\ufe0f").facts[0, place] == happy
    assert read("voilà :)").facts[0, place] > 0 > read("voilà :(").facts[0, place]
    assert read("(1000 mg): 12:30").facts[0, place] == 0


def test_words_of_care_make_no_feature_and_are_counted() -> None:
    found = read("fièvre nausées douleur")
    assert (len(found.slots), found.cares.tolist()) == (0, [3])


def test_families_read_forms_that_no_list_has() -> None:
    assert "catastrophiquement" not in set(families("fr"))
    ups, downs, sum_ = read("catastrophiquement").facts[0, -3:]
    assert ups == 0 < downs and sum_ < 0
    assert read("pas catastrophiquement").facts[0, -3] > 0


@pytest.mark.parametrize("language", ["fr", "en"])
def test_tables_find_every_word_and_are_not_full(language: str) -> None:
    found = valences(language)
    assert (found.keys != 0).mean() <= 0.26
    assert (found.parts == grams.NEGATOR).sum() >= 10
    assert (found.parts == grams.CARE).sum() >= 50
