"""Real pipelines, which are not part of the project: they lie beside it where the tests are to use them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import ROOT

DATA = ROOT.parent / "shared" / "data"


def real(name: str) -> Path:
    """The file of this name; skips the test where it is not there."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the folder shared/data with real pipelines is not beside this one: no {name}")
    return path
