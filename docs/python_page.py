"""Writes `docs/python.md`, the reference of the Python API, from the docstrings: `python docs/python_page.py`."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

WIDTH = 120
PAGE = Path(__file__).with_name("python.md")
ROOT = Path(__file__).parent.parent

_Node = TypeVar("_Node", ast.FunctionDef, ast.ClassDef)

FUNCTIONS: Mapping[str, Sequence[str]] = {
    "To begin": ("load_settings", "init", "demo", "doctor", "new_process", "schema", "log_in"),
    "The work": ("check", "plan", "run", "undo", "digest"),
    "To look at": ("history", "story", "import_history", "backtest", "report"),
    "By the clock": ("serve", "work", "schedule", "schedule_for", "mcp"),
    "The ledger": ("copy_ledger",),
}
"""Every function of the API, in the order in which somebody meets them."""

TYPES: Mapping[str, Sequence[str]] = {
    "process/model/plan.py": ("Plan", "Verdict", "Change", "Draft", "NewLead", "Funnel", "FunnelStage", "Brake"),
    "process/model/problem.py": ("Problem",),
    "jobs/running/reports.py": ("RunReport", "Drafted", "UndoReport", "ImportReport", "DigestReport"),
    "connectors/sheet.py": ("Written",),
    "connectors/ledger.py": ("RunRecord", "DealStory", "ChangeRecord", "FindingRecord"),
    "connectors/check.py": ("Check",),
    "connectors/login.py": ("LoginReport",),
    "connectors/database/copy_ledger.py": ("Copied",),
    "jobs/init.py": ("InitReport",),
    "jobs/new_process.py": ("NewProcess",),
    "jobs/schedule.py": ("PlannedJob",),
    "jobs/scheduling/exports.py": ("File",),
}
"""What they return, and what is in it, by the file in which it stands."""

BEGINNING = """\
# In Python

The functions are those of the command line, and what they return is what the command line shows. This page is made
from their docstrings (`make docs`).

```python
import fivestep

settings = fivestep.load_settings("fivestep.toml")
plan = fivestep.plan(settings)
for verdict in plan.verdicts:
    if verdict.status == "Stalled":
        print(verdict.name, verdict.reason)

report = fivestep.run(settings)
assert not report.partly
```

[`examples/api.py`](../examples/api.py) is a whole script. Settings are read once: load them again to see what has
changed in the file. Whatever a person can mend is raised as one of the [errors](#errors) below; anything else is a
defect.
"""


def page() -> str:
    """The page as the docstrings of today make it."""
    return "\n".join([BEGINNING, *_functions(), *_types(), *_errors()])


def _functions() -> Iterator[str]:
    defined = _named("fivestep/__init__.py", ast.FunctionDef)
    for title, names in FUNCTIONS.items():
        yield f"## {title}\n"
        for name in names:
            yield f"### {name}\n\n```text\n{_signature(defined[name])}\n```\n\n{_said(defined[name])}\n"


def _signature(function: ast.FunctionDef) -> str:
    """One line where it fits, else a line for each argument."""
    arguments, returned = list(_arguments(function.args)), ast.unparse(function.returns or ast.Constant(None))
    line = f"{function.name}({', '.join(arguments)}) -> {returned}"
    if len(line) <= WIDTH:
        return line
    return f"{function.name}(\n" + "".join(f"    {argument},\n" for argument in arguments) + f") -> {returned}"


def _arguments(arguments: ast.arguments) -> Iterator[str]:
    missing = [None] * (len(arguments.args) - len(arguments.defaults))
    for argument, default in zip(arguments.args, [*missing, *arguments.defaults], strict=True):
        yield _argument(argument, default)
    if arguments.kwonlyargs:
        yield "*"
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _argument(argument, default)


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    return ast.unparse(argument) + (f" = {ast.unparse(default)}" if default else "")


def _types() -> Iterator[str]:
    yield "## What they return\n"
    for file, names in TYPES.items():
        defined = _named(file, ast.ClassDef)
        module = file.removesuffix(".py").replace("/", ".")
        for name in names:
            fields = "\n".join(_fields(defined[name]))
            yield f"### {name}\n\n`fivestep.{module}.{name}`\n\n{_said(defined[name])}\n\n{fields}\n"


def _fields(defined: ast.ClassDef) -> Iterator[str]:
    """A line for each field and property, with what stands below it."""
    for node, below in zip(defined.body, [*defined.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield _field(node.target.id, node.annotation, _text(below))
        elif isinstance(node, ast.FunctionDef) and node.decorator_list and not node.name.startswith("_"):
            yield _field(node.name, node.returns, ast.get_docstring(node) or "")


def _field(name: str, kind: ast.expr | None, said: str) -> str:
    said = " ".join(said.split())
    return f"- `{name}`: `{ast.unparse(kind) if kind else ''}`{f'. {said}' if said else ''}"


def _text(node: ast.stmt | None) -> str:
    """What a text on its own says, which is how a field is explained."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return node.value.value
    return ""


def _errors() -> Iterator[str]:
    from fivestep import errors

    yield "## Errors\n"
    yield "All of them are a `fivestep.errors.FivestepError`, and their message says what to do.\n"
    yield "| of `fivestep.errors` | exit code | `kind` | what to do |\n| --- | --- | --- | --- |"
    for name, error in vars(errors).items():
        if isinstance(error, type) and issubclass(error, errors.FivestepError) and error is not errors.FivestepError:
            said = " ".join((inspect.getdoc(error) or "").split())
            yield f"| `{name}` | {error.exit_code} | `{error.kind}` | {said} |"
    yield ""


def _named(file: str, kind: type[_Node]) -> dict[str, _Node]:
    """What a file defines at its top, by name."""
    body = ast.parse((ROOT / file).read_text("utf-8")).body
    return {node.name: node for node in body if isinstance(node, kind)}


def _said(node: ast.FunctionDef | ast.ClassDef) -> str:
    """A docstring's paragraphs and the items of its lists, each on lines of the usual width."""
    paragraphs = (ast.get_docstring(node) or "").split("\n\n")
    return "\n\n".join("\n".join(map(_filled, re.split(r"\n(?=- )", paragraph))) for paragraph in paragraphs)


def _filled(text: str) -> str:
    indent = "  " if text.startswith("- ") else ""
    return textwrap.fill(" ".join(text.split()), WIDTH, subsequent_indent=indent, break_long_words=False)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
