"""What merge fields stand for that no column says as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivestep.process.mails.merge_values import first_name


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
    assert first_name(contact) == name


@given(st.text())
def test_a_first_name_is_a_word_of_the_cell(contact: str) -> None:
    name = first_name(contact)
    assert name is None or name in contact.replace(",", " ").split()
