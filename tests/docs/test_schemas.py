"""The schemas in `docs/schemas` are those of the models of today."""

from __future__ import annotations

import runpy

from tests import ROOT

SCRIPT = runpy.run_path(str(ROOT / "docs" / "schemas.py"))


def test_the_schemas_are_those_of_today() -> None:
    files = SCRIPT["files"]()
    assert set((ROOT / "docs" / "schemas").iterdir()) == set(files)
    for file, text in files.items():
        assert file.read_text("utf-8") == text, "`make docs` writes it anew"
