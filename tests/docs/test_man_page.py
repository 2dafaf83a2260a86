"""The manual page says what the command line says today, and is one that `man` can show."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess

import click
import pytest

from fivestep.cli.commands import commands
from tests import ROOT

PAGE = ROOT / "docs" / "fivestep.1"


def test_the_page_is_that_of_today() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "man_page.py"))
    assert PAGE.read_text("utf-8") == script["page"](), "`make docs` writes it anew"


def test_it_is_shown_as_it_is_meant() -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff can't be had here")
    # `-ww` has it warn of whatever it does not understand; `-P-cbou` leaves out bold and underlines.
    command = ["groff", "-ww", "-man", "-Tutf8", "-Kutf8", "-P-cbou", "-rLL=300n", PAGE]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stderr == ""
    shown = re.sub(r"\s+", " ", done.stdout.replace("‐", "-"))
    for name, command_line in commands.commands.items():
        assert f" fivestep {name} " in shown
        for option in command_line.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert option.opts[0] in shown
    assert "--config-on-stdin" not in shown
