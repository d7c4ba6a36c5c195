"""What people say: a line stands for every choice of its brackets, and many phrases are made plain as one is."""

from hypothesis import given
from hypothesis import strategies as st

from vigie.enrich.health import said


def test_choices_may_hold_choices_and_the_last_one_changes_first() -> None:
    assert list(said.expanded("(j'ai|a) mal (au (ventre|cœur)|)")) == [
        "j ai mal au ventre", "j ai mal au coeur", "j ai mal",
        "a mal au ventre", "a mal au coeur", "a mal",
    ]  # fmt: skip


@given(st.lists(st.text("aéœ'’ \t\u00a0:(!-😀", max_size=12), max_size=6))
def test_many_phrases_are_made_plain_as_one_is(phrases: list[str]) -> None:
    assert said.plains(phrases) == [said.plain(phrase) for phrase in phrases]


def test_each_phrase_stands_once_and_names_something() -> None:
    for language in said.LANGUAGES:
        phrases = [one.phrase for one in said.said(language)]
        assert len(phrases) == len(set(phrases)) and "" not in phrases
    said.forget()
