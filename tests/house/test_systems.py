"""What differs between operating systems has one place, and nothing has a name that Windows can't keep."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT
from tests.house.test_rooms import SUITES
from tests.house.tree import modules

ONE_PLACE = "fivestep.connectors.system."
"""Where systems may be told apart, and signals set and sent."""

OF_A_SYSTEM = {"signal", "fcntl", "msvcrt", "winreg", "pwd", "grp", "resource", "termios"}
TELLING = {"os.name", "os.kill", "os.fork", "os.getuid", "os.geteuid", "os.setsid", "os.uname", "sys.platform"}

NOT_ON_WINDOWS = re.compile(r'[<>:"\\|?*\x00-\x1f]|[ .]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.IGNORECASE)
"""What no file may be called there: Microsoft, "Naming Files, Paths, and Namespaces"."""


def differences(file: Path) -> Iterator[str]:
    """The names in a module by which it would do other things on another system."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names if one.name in OF_A_SYSTEM)
            case ast.ImportFrom(module=str(module)) if module in OF_A_SYSTEM:
                yield module
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if f"{owner}.{name}" in TELLING:
                yield f"{owner}.{name}"


def test_systems_are_told_apart_in_one_place() -> None:
    found = {module: set(differences(file)) for module, file in modules() if not module.startswith(SUITES)}
    elsewhere = {module: names for module, names in found.items() if names and not module.startswith(ONE_PLACE)}
    assert elsewhere == {}
    assert found[f"{ONE_PLACE}stopping"] == {"signal"}


def test_every_file_of_the_source_can_be_checked_out_on_windows() -> None:
    asked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if asked.returncode:
        pytest.skip("this is no checkout")
    files = asked.stdout.split("\0")[:-1]
    assert [file for file in files if any(NOT_ON_WINDOWS.search(part) for part in file.split("/"))] == []
    assert len({file.casefold() for file in files}) == len(files)
