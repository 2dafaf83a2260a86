"""Words inside a longer header that tell its field."""

from __future__ import annotations

import pytest

from fivestep.config.vocabulary.headers import claims


@pytest.mark.parametrize(
    ("header", "field", "word"),
    [
        ("Expected gross volume", "amount", "volume"),
        ("Auftragsvolumen netto", "amount", "volumen"),
        ("ExpectedSalesValue", "amount", "value"),
        ("Receita prevista 2026", "amount", "receita"),
        ("来期の見込み総金額", "amount", "金額"),
        ("Size (€)", "amount", "€"),
        ("Our share in EUR", "amount", "EUR"),
        ("Our odds (in %)", "probability", "%"),
        ("Next deadline or milestone", "next_contact", "next"),
        ("Signing planned", "expected_close", "signing"),
        ("Record was updated at", "modified", "updated"),
        ("Aktuelle Phase", "stage", "phase"),
    ],
)
def test_a_word_inside_a_longer_header(header: str, field: str, word: str) -> None:
    assert (field, word, "part") in [(claim.field, claim.word, claim.by) for claim in claims(header)]


@pytest.mark.parametrize(
    "header",
    ["Weighted value", "Discount amount", "Commission in EUR", "Unit price", "Montant pondéré", "Rabattbetrag Rabatt",
     "Company stage", "Days in stage", "Valuable", "Wertung"],
)  # fmt: skip
def test_a_word_beside_it_speaks_against(header: str) -> None:
    assert [claim for claim in claims(header) if claim.field in ("amount", "stage")] == []
