"""The first name of a contact, for the greeting of a mail."""

from __future__ import annotations

import re

from fivestep.process.model.plan_settings import NameWords
from fivestep.process.wording.vocabulary import plain

_NO_NAME = re.compile(r"[\d@/&+;|\n]")


def first_name(contact: str, words: NameWords) -> str | None:
    """The name to greet a person by; None where it is not certain.

    A wrong name is worse than none.

    Titles and degrees are no names, `Sommer, Ana` is Ana, and a title with one name (`Frau Sommer`) leaves the first
    name open, as do two words in capitals (`SOMMER ANA`).
    """
    names, *behind = (part.split() for part in contact.split(","))
    suffixed = bool(behind) and _are_degrees(behind[0], words)
    if behind and not suffixed:
        names = behind[0] if len(behind) == 1 else []
    bare = [word for word in names if not word.endswith(".") and plain(word) not in words.titles]
    alone = len(bare) == 1 and (suffixed or len(names) > 1)
    if not bare or alone or _NO_NAME.search(contact) or not words.nobody.isdisjoint(map(plain, contact.split())):
        return None
    # A surname comes first where it is in capitals, or begins with a particle.
    shouted = bare[0].isupper() and bare[0] != bare[0].lower()
    return None if shouted or plain(bare[0]) in words.particles else bare[0]


def _are_degrees(behind: list[str], words: NameWords) -> bool:
    """Whether this is what stands behind a name, such as `MBA`, `CEO` or `Head of Sales`."""
    return (
        len(behind) > 2
        or " ".join(behind).isupper()
        or all(plain(word).replace(" ", "") in words.degrees for word in behind)
    )
