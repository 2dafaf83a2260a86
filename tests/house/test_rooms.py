"""Where things are can be told from the tree: small rooms, each with a word about itself, and names of one meaning."""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict

import pytest

import fivestep
from tests import ROOT
from tests.house.tree import FLOORS, MIGRATIONS, modules, packages, public_names

MOST_MODULES = 16
"""In one folder; more can't be taken in at a glance."""

FAKES = "tests/fakes"
"""What stands in for the outside world, a whole Google server among it, whose modules begin with a service's name."""

SHARED_NAMES = {"log"}
"""What every module calls its own."""

SUITES = "fivestep.connectors.testing"
"""Contract suites name their own inputs, which nothing imports."""

VERBS = {*fivestep.__all__} - {"__version__"}
"""One verb in the Python API, on the command line and in the job that does it means one thing."""


def room(folder: str) -> str:
    """The folder as it is named from the checkout's top."""
    return folder.removeprefix(f"{ROOT}/")


@pytest.mark.parametrize("top", [*FLOORS, "fivestep", "tests", "examples", "benchmarks"])
def test_no_room_is_too_full(top: str) -> None:
    counted: dict[str, int] = defaultdict(int)
    for file in (ROOT / top).rglob("*.py"):
        if not file.is_symlink() and file.name != "__init__.py":
            counted[room(str(file.parent))] += 1
    crowded = {name: count for name, count in counted.items() if count > MOST_MODULES and not name.startswith(FAKES)}
    assert crowded == {}


def test_every_room_says_what_lives_there() -> None:
    silent = [
        name
        for name, folder in packages()
        if not ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))
    ]
    assert silent == []


def test_every_folder_is_a_package_or_holds_migrations() -> None:
    known = {folder for _, folder in packages()}
    folders = {file.parent for floor in FLOORS for file in (ROOT / floor).rglob("*.py")}
    assert {room(str(folder)) for folder in folders - known if MIGRATIONS not in folder.parts} == set()


def test_the_wheel_is_told_of_every_package() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    assert sorted(told) == sorted(name for name, _ in packages())


def test_a_public_name_has_one_meaning() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for module, file in modules():
        for name in public_names(file) if not module.startswith(SUITES) else ():
            homes[name].append(module)
    for name in public_names(ROOT / "fivestep" / "__init__.py"):
        homes[name].append("fivestep")
    unclear = {name: found for name, found in homes.items() if len(found) > 1 and name not in SHARED_NAMES | VERBS}
    assert unclear == {}
    # A verb of the API has its place in the face, the command line, and the module that does it: nowhere else.
    spread = {verb: homes[verb] for verb in VERBS if len(homes[verb]) > 3}
    assert spread == {}
