"""Loads the texts of the digest, `digest-owner.md` and `digest-lead.md`, and checks their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from fivestep.config.settings.mistakes import read_text
from fivestep.config.texts.load import BUILT_IN_TEXTS, DIGESTS, load_text
from fivestep.errors import Mistake, SettingsError
from fivestep.process.digest.letter import LETTER_FIELDS, is_for_each, part_of
from fivestep.process.model.template import Merge
from fivestep.process.wording.spelling import did_you_mean


class DigestText(NamedTuple):
    """One of them, not compiled: its lists are as long as what there is to tell."""

    name: str
    source: str


def load_digest_texts(folder: Path | None) -> Mapping[str, DigestText]:
    """By `owner` and `lead`; those of the same name in the team's folder go before the built-in ones.

    Raises SettingsError with the mistakes of both.
    """
    texts = {}
    mistakes: list[Mistake] = []
    for kind, name in DIGESTS.items():
        file = f"{name}.md"
        own = folder / file if folder else None
        source = "\n".join(read_text(own if own and own.is_file() else BUILT_IN_TEXTS / file, file).splitlines())
        try:
            load_text(name, source, file)
            mistakes += _mistakes(source, file)
        except SettingsError as error:
            mistakes += error.mistakes
        texts[kind] = DigestText(name, source)
    if mistakes:
        raise SettingsError(mistakes)
    return texts


def _mistakes(source: str, file: str) -> Iterator[Mistake]:
    block: list[str] = []
    for number, line in enumerate(source.split("\n"), 1):
        block = [*block, line] if line.strip() else []
        for field in Merge(line).fields:
            if field.name not in LETTER_FIELDS:
                expected = f"one of the digest's merge fields{did_you_mean(field.name, LETTER_FIELDS)}"
                yield Mistake(file, f"line {number}", field.source, expected)
        try:
            part_of("\n".join(block))
            is_for_each(line)
        except ValueError as error:
            yield Mistake(file, f"line {number}", "", str(error))
