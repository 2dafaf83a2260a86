"""The map in CONTRIBUTING: it shows every room as the room describes itself, and each file that it names is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests import ROOT
from tests.house.tree import packages

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAP = PAGE.partition("## The map of the house")[2].partition("```\n")[2].partition("```")[0]
WALK = PAGE.partition("## Where to begin")[2].partition("\n## ")[0]


def rooms() -> Iterator[tuple[str, str]]:
    """Each folder on the map, from the top of the repository, with what is said of it."""
    way: list[str] = []
    for indent, name, said in re.findall(r"^( *)(\w+)/ +(.+)$", MAP, re.MULTILINE):
        way = [*way[: len(indent) // 2], name]
        yield "/".join(way), said


def first_line(folder: Path) -> str:
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))
    assert docstring, folder
    return docstring.splitlines()[0]


def test_every_room_is_on_the_map_with_its_own_words() -> None:
    own = {folder.relative_to(ROOT).as_posix(): first_line(folder) for _, folder in packages()}
    own["fivestep"] = dict(rooms())["fivestep"]  # its docstring is for who imports it
    assert dict(rooms()) == own


def test_each_change_has_a_file_to_begin_with() -> None:
    rows = re.findall(r"^\| (.+?) \| `([\w/.-]+)`(.*)", WALK, re.MULTILINE)
    assert len(rows) >= 10
    named = {first for _, first, _ in rows} | {
        file for *_, rest in rows for file in re.findall(r"`([\w./-]+/[\w./-]*)`", rest)
    }
    for file in named:
        assert (ROOT / file).exists(), f"{file} is not there (any more)"


def test_every_file_that_the_page_names_is_there() -> None:
    """Names with a folder count from the top; those without stand in a folder that the paragraph names."""
    for paragraph in PAGE.replace(MAP, "").split("\n\n"):
        names = re.findall(r"`([\w./-]+\.(?:py|toml|md|css))`", paragraph)
        folders = [name.rpartition("/")[0] for name in re.findall(r"`([\w./-]*/[\w./-]*)`", paragraph)]
        for name in names:
            places = [ROOT / name, *(ROOT / folder / name for folder in folders)]
            assert any(place.exists() for place in places), f"{name} is not there (any more)"
