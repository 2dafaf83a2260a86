"""The house as it lies on the disk: its folders, its modules, and the public names in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests import ROOT

FLOORS = ("process", "config", "connectors", "jobs")
"""The folders beside `fivestep` that are installed below it."""

MIGRATIONS = "migrations"
"""The folder of scripts that Alembic runs one by one, which is no package."""


def packages() -> Iterator[tuple[str, Path]]:
    """Every package by its import name, with its folder."""
    yield "fivestep", ROOT / "fivestep"
    for init in sorted((ROOT / "fivestep").glob("*/__init__.py")):
        if not init.parent.is_symlink():  # those lead to the floors
            yield f"fivestep.{init.parent.name}", init.parent
    for floor in FLOORS:
        for init in sorted((ROOT / floor).rglob("__init__.py")):
            yield f"fivestep.{'.'.join(init.parent.relative_to(ROOT).parts)}", init.parent


def modules() -> Iterator[tuple[str, Path]]:
    """Every module by its import name, packages themselves left out, with its file."""
    for name, folder in packages():
        for file in sorted(folder.glob("*.py")):
            if file.name != "__init__.py":
                yield f"{name}.{file.stem}", file


def public_names(file: Path) -> Iterator[str]:
    """The names that a module defines for others: classes, functions, constants, not what it imports."""
    for node in ast.parse(file.read_text("utf-8")).body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found = [name]
            case ast.Assign(targets=targets):
                found = [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name)):
                found = [name]
            case _:
                found = []
        yield from (name for name in found if not name.startswith("_"))
