"""The words of the house, as far as a machine can read them: who explains a name, and how long that takes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from tests.house.tree import modules, packages

LONGEST = 100
"""Characters of a docstring's first line: one sentence of about ten plain words."""

MANY = 5
"""From so many parameters on, a docstring says what each is."""

SHOWN = {"fivestep.cli.commands", "fivestep.cli.frame"}
"""Their docstrings are what `--help` shows: there each option has a text of its own."""

AS_SAID_ELSEWHERE = {
    "SqlLedger": "connectors.ledger.Ledger",
    "HttpTransport.send": "requests.adapters.HTTPAdapter.send",
    "GoogleTransport.send": "requests.adapters.HTTPAdapter.send",
    "SessionHttp.request": "httplib2.Http.request",
}
"""Classes and methods whose parameters are those of a protocol, and the place that explains them."""

_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Named(NamedTuple):
    """A class or a function of the house."""

    module: str
    name: str
    """With the classes that it is in."""
    node: _Definition

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def is_public(self) -> bool:
        """Whether others may use it: neither it nor a class around it begins with an underscore."""
        return not any(part.startswith("_") for part in self.name.split("."))

    @property
    def parameters(self) -> list[str]:
        """The names of a function's parameters."""
        if isinstance(self.node, ast.ClassDef):
            return []
        given = self.node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        return [one.arg for one in every if one.arg not in ("self", "cls")]

    @property
    def doc(self) -> str:
        """Its docstring; empty where it has none."""
        return ast.get_docstring(self.node) or ""


def named() -> Iterator[Named]:
    """Every class and function at the level of a module or of a class; tests explain themselves by their names."""
    for module, file in modules():
        yield from _named(module, "", ast.parse(file.read_text("utf-8")))


def _named(module: str, around: str, node: ast.AST) -> Iterator[Named]:
    for one in ast.iter_child_nodes(node):
        if isinstance(one, _Definition) and not one.name.startswith("test_"):
            yield Named(module, f"{around}{one.name}", one)
            if isinstance(one, ast.ClassDef):
                yield from _named(module, f"{around}{one.name}.", one)


def docstrings() -> Iterator[tuple[str, str]]:
    """Every docstring, of packages and modules as well, by whose it is."""
    files = [*modules(), *((name, folder / "__init__.py") for name, folder in packages())]
    for module, file in files:
        tree = ast.parse(file.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | _Definition) and (doc := ast.get_docstring(node)):
                yield f"{module}.{getattr(node, 'name', '')}".rstrip("."), doc


def test_every_module_says_what_it_holds() -> None:
    silent = [name for name, file in modules() if not ast.get_docstring(ast.parse(file.read_text("utf-8")))]
    assert silent == []


def test_what_is_public_says_what_it_is() -> None:
    silent = [str(one) for one in named() if one.is_public and not one.doc]
    assert silent == []


def test_a_first_line_is_one_short_sentence() -> None:
    long = [f"{name}: {first}" for name, doc in docstrings() if len(first := doc.splitlines()[0]) > LONGEST]
    assert long == []
    unended = [f"{name}: {first}" for name, doc in docstrings() if (first := doc.splitlines()[0])[-1] not in ".?:"]
    assert unended == []


def test_many_parameters_are_explained_one_by_one() -> None:
    missing = [
        f"{one}: {', '.join(unsaid)}"
        for one in named()
        if one.module not in SHOWN and not {one.name, one.name.split(".")[0]} & AS_SAID_ELSEWHERE.keys()
        if len(one.parameters) >= MANY
        if (unsaid := [name for name in one.parameters if f"`{name}`" not in one.doc])
    ]
    assert missing == []


def test_the_exceptions_are_still_needed() -> None:
    names = {one.name for one in named()}
    assert AS_SAID_ELSEWHERE.keys() <= names
    assert {module for module, _ in modules()} >= SHOWN
