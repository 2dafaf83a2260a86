"""What docstrings and comments call by its name is there: a module that moves takes them along."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from tests import ROOT
from tests.house.tree import FLOORS

_NAMED = re.compile(rf"`(?:fivestep\.)?((?:{'|'.join(FLOORS)})(?:\.\w+)+)`")
_FILES = {"toml", "md"}
"""How a name ends that is a file's, such as `process.toml`."""


def is_there(name: str) -> bool:
    """Whether this is a module, or something in one; `name` begins with a floor."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(["fivestep", *parts[:end]]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[end:]:
            found = getattr(found, attribute, None)
        return found is not None
    return False


@pytest.mark.parametrize("name", ["process.identity", "connectors.google_quota.Memory", "process.model.plan.Drift"])
def test_what_is_gone_is_noticed(name: str) -> None:
    assert not is_there(name)


@pytest.mark.parametrize("top", [*FLOORS, "fivestep", "benchmarks", "examples", "docs"])
def test_every_module_that_is_named_is_there(top: str) -> None:
    texts = {
        file: file.read_text("utf-8")
        for file in (ROOT / top).rglob("*")
        if file.suffix in (".py", ".md") and file.is_file() and not file.is_symlink()
    }
    lost = [
        f"{file.relative_to(ROOT)}: {name}"
        for file, text in texts.items()
        for name in _NAMED.findall(text)
        if name.rpartition(".")[2] not in _FILES and not is_there(name)
    ]
    assert lost == []
