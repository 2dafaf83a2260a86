"""The words beside first names do not contradict each other."""

from __future__ import annotations

from fivestep.config.vocabulary.names import load_names
from fivestep.process.wording.vocabulary import plain


def test_every_list_has_words_in_the_form_in_which_they_are_compared() -> None:
    names = load_names()
    for words in (names.titles, names.degrees, names.particles, names.nobody):
        assert words
        assert {plain(word) for word in words} == words


def test_what_names_nobody_is_no_title_and_no_particle() -> None:
    names = load_names()
    assert names.nobody.isdisjoint(names.titles | names.particles)


def test_the_lists_are_read_once() -> None:
    assert load_names() is load_names()
