"""The words beside a first name, from `names.toml` beside this module."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

from fivestep.process.model.plan_settings import NameWords
from fivestep.process.wording.vocabulary import plain

_FILE = Path(__file__).with_name("names.toml")


@functools.lru_cache(maxsize=1)
def load_names() -> NameWords:
    """The words of all languages, in the form in which they are compared."""
    lists: dict[str, list[str]] = tomllib.loads(_FILE.read_text("utf-8"))
    return NameWords(**{name: frozenset(map(plain, words)) for name, words in lists.items()})
