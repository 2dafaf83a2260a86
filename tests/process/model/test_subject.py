"""Subjects of answers and forwards."""

from __future__ import annotations

import pytest

from fivestep.process.model.subject import as_answer, topic


@pytest.mark.parametrize(
    "subject", ["Your offer", "Re: your  offer", "AW: Re[2]: YOUR OFFER", "Fwd: RE: your offer ", "Re：Your offer"]
)
def test_subjects_alike(subject: str) -> None:
    assert topic(subject) == "your offer"


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Your offer", "Re: Your offer"),
        ("RE: Your offer", "RE: Your offer"),
        ("Antwort: Ihr Angebot", "Antwort: Ihr Angebot"),
        ("Re [2]: Your offer", "Re [2]: Your offer"),
        ("Fwd: Your offer", "Re: Fwd: Your offer"),
        ("RV: Su oferta", "Re: RV: Su oferta"),
        ("Regarding: your offer", "Re: Regarding: your offer"),
        ("", "Re:"),
    ],
)
def test_an_answer_says_so_once(subject: str, answer: str) -> None:
    assert as_answer(subject) == answer
    assert as_answer(answer) == answer
    assert topic(answer) == topic(subject)
