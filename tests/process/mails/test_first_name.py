"""Whom a mail greets, by what the column of contacts says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivestep.config.vocabulary.names import load_names
from fivestep.process.mails.first_name import first_name

NAMES = load_names()


@pytest.mark.parametrize(
    ("contact", "name"),
    [
        ("Ana Sommer", "Ana"),
        ("Ana", "Ana"),
        ("Sommer, Ana", "Ana"),
        ("Dr. Ines Gale", "Ines"),
        ("Mme Élise Petit", "Élise"),
        ("Dr. Zoë van der Berg, MBA", "Zoë"),
        ("Kim Lee, Ph.D.", "Kim"),
        ("Frau Jäger", None),
        ("Herr Groß", None),
        ("Dr. Weber", None),
        ("SMITH JOHN", None),
        ("ANA", None),
        ("Ana Sommer, CEO", "Ana"),
        ("Smith & Co, Ltd", None),
        ("van der Berg", None),
        ("DE LA CRUZ Maria", None),
        ("Lee, MBA", None),
        ("Mevrouw de Vries", None),
        ("Signora Conti", None),
        ("Familie Huber", None),
        ("Smith Consulting GmbH", None),
        ("ACME Inc", None),
        ("The Buying Team", None),
        ("CEO", None),
        ("Einkauf", None),
        ("info", None),
        ("Ana und Ben Sommer", None),
        ("Jean-Luc Petit", "Jean-Luc"),
        ("أحمد علي", "أحمد"),
        ("mia.moor@m.example", None),
        ("Ana & Ben", None),
        ("Ana/Ben", None),
        ("Contact 2", None),
        ("Smith, John, Paul", None),
        ("山田太郎", "山田太郎"),
        (",", None),
    ],
)
def test_first_names(contact: str, name: str | None) -> None:
    assert first_name(contact, NAMES) == name


@given(st.text())
def test_a_first_name_is_a_word_of_the_cell(contact: str) -> None:
    name = first_name(contact, NAMES)
    assert name is None or name in contact.replace(",", " ").split()
