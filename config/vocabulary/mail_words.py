"""The words by which mails are told apart, from `mail_words.toml` beside this module."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

from fivestep.config.vocabulary.words import load_words
from fivestep.process.mails.mail_words import MailWords, mail_words

_FILE = Path(__file__).with_name("mail_words.toml")


@functools.lru_cache(maxsize=1)
def load_mail_words() -> MailWords:
    """The words of all languages, as patterns."""
    return mail_words(tomllib.loads(_FILE.read_text(encoding="utf-8")), load_words().months)
