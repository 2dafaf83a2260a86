"""The page on the Python API says what the docstrings say today, and leaves nothing out."""

from __future__ import annotations

import runpy

import fivestep
from tests import ROOT

SCRIPT = runpy.run_path(str(ROOT / "docs" / "python_page.py"))


def test_the_page_is_that_of_today() -> None:
    assert (ROOT / "docs" / "python.md").read_text("utf-8") == SCRIPT["page"](), "`make docs` writes it anew"


def test_every_function_is_on_it() -> None:
    shown = {name for names in SCRIPT["FUNCTIONS"].values() for name in names}
    assert shown == set(fivestep.__all__) - {"__version__"}
