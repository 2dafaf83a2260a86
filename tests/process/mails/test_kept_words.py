"""What was seen once holds when the mailbox has forgotten it."""

from __future__ import annotations

import datetime as dt

from fivestep.process.mails.kept_words import KeptWord, kept_after, with_kept
from fivestep.process.model.history import NO_MAIL, Correspondence, Mail

KIM = "kim@fabrikam.example"
EARLY, BOUNCE, LATE = dt.date(2026, 3, 1), dt.date(2026, 3, 2), dt.date(2026, 3, 3)


def now(kept: KeptWord, told: Correspondence | None) -> Correspondence | None:
    mail = with_kept(Mail({KIM: told}) if told else NO_MAIL, {KIM: kept}, {KIM})
    return mail.correspondence.get(KIM)


def test_what_the_mailbox_has_forgotten_still_holds() -> None:
    assert now(KeptWord(BOUNCE, EARLY), Correspondence(ours=LATE)) == Correspondence(
        None, LATE, bounced=BOUNCE, asked_out=EARLY
    )
    assert now(KeptWord(BOUNCE), None) == Correspondence(bounced=BOUNCE)


def test_what_the_mailbox_says_by_now_goes_before() -> None:
    assert now(KeptWord(EARLY, EARLY), Correspondence(bounced=BOUNCE, asked_out=LATE)) == Correspondence(
        bounced=BOUNCE, asked_out=LATE
    )


def test_an_address_from_which_something_came_since_is_alive_and_a_wish_stays() -> None:
    told = Correspondence(theirs=LATE, alive=LATE)
    assert now(KeptWord(BOUNCE, BOUNCE), told) == told._replace(asked_out=BOUNCE)
    assert now(KeptWord(BOUNCE), Correspondence(alive=EARLY)) == Correspondence(alive=EARLY, bounced=BOUNCE)


def test_others_are_not_concerned() -> None:
    assert with_kept(NO_MAIL, {KIM: KeptWord(BOUNCE)}, {"lee@fabrikam.example"}) == NO_MAIL


def test_what_is_kept_grows_and_what_is_over_goes() -> None:
    kept = {KIM: KeptWord(BOUNCE), "gone@fabrikam.example": KeptWord(None, EARLY)}
    mail = Mail({KIM: Correspondence(alive=LATE), "lee@fabrikam.example": Correspondence(asked_out=LATE)})
    assert kept_after(mail, kept) == {
        "gone@fabrikam.example": KeptWord(None, EARLY),
        "lee@fabrikam.example": KeptWord(None, LATE),
    }
