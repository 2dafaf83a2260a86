"""Conditions: the short expressions in a process file, checked and compiled once.

    known(presented_on) and days_since(presented_on) > 3 and objection != "price"

A condition is a Python expression cut down to a small vocabulary. Names are the fields of a deal and four facts
(`today`, `days_in_stage`, `days_since_contact`, `follow_ups`); there are texts in quotes, numbers, `true` and `false`,
comparisons, `in` a list, `and`, `or`, `not`, `+ - * /` and four functions:

- `known(field)`: the cell is filled; of a milestone or a flag: it has happened, it is a yes.
- `missing(field)`: the opposite.
- `days_since(date)`, `days_until(date)`: calendar days.

A blank is not equal to anything, nor less, nor more; a sum with a blank in it, and a division by zero, are blank.
A field without a column is neither known nor missing, and no comparison with it holds, not even `!=`: what is not
mapped is not checked. Capitals make no difference to texts.
"""

from __future__ import annotations

import ast
import datetime as dt
import warnings
from collections.abc import Callable, Sequence
from typing import cast

from fivestep.process.conditions.condition_code import NEVER, ConditionWriter
from fivestep.process.conditions.terms import Scope, VocabularyError
from fivestep.process.model.sales_process import First, Holding

__all__ = ["ExpressionError", "Scope", "check_condition", "compile_all", "compile_first"]

_MAX_LENGTH = 500
_MAX_DEPTH = 30


class ExpressionError(ValueError):
    """A condition that is not one; the message is for people and says where."""

    def __init__(self, message: str, position: int) -> None:
        """`position` counts the characters of the expression from 1."""
        self.position = position
        super().__init__(f"{message} (at character {position})")


def check_condition(condition: str, scope: Scope) -> None:
    """Raise ExpressionError where the condition is not one; the same whatever is mapped."""
    _code(condition, ConditionWriter(scope))


def compile_all(conditions: Sequence[str], scope: Scope) -> Holding:
    """One function that tells which of the conditions hold. Raises ExpressionError."""
    lines = ["found = []"]
    for position, code in _written(conditions, scope):
        lines.append(f"if {code}: found.append({position})")
    return cast(Holding, _function([*lines, "return found"]))


def compile_first(conditions: Sequence[str], scope: Scope) -> First:
    """One function that tells which condition is the first to hold. Raises ExpressionError."""
    lines = [f"if {code}: return {position}" for position, code in _written(conditions, scope)]
    return cast(First, _function([*lines, "return -1"]))


def _written(conditions: Sequence[str], scope: Scope) -> list[tuple[int, str]]:
    """Position and Python code of every condition that can hold at all."""
    writer = ConditionWriter(scope)
    codes = [_code(condition, writer) for condition in conditions]
    return [(position, code) for position, code in enumerate(codes) if code != NEVER]


def _code(condition: str, writer: ConditionWriter) -> str:
    text = condition.strip()
    indent = len(condition) - len(condition.lstrip())
    tree = _tree(text, indent)
    try:
        return writer.condition(tree)
    except VocabularyError as error:
        raise ExpressionError(error.message, _position(text, error.node) + indent) from None


def _tree(text: str, indent: int) -> ast.expr:
    if not text:
        raise ExpressionError("a condition must not be empty", 1)
    if len(text) > _MAX_LENGTH:
        raise ExpressionError(f"a condition must not be longer than {_MAX_LENGTH} characters", _MAX_LENGTH + 1)
    if len(text.splitlines()) > 1:
        raise ExpressionError("a condition must stand in one line", len(text.splitlines()[0]) + indent + 1)
    try:
        with warnings.catch_warnings():
            # A warning of Python's about the text would be meant for programmers and go to their screen.
            warnings.simplefilter("error")
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        position = min(max(error.offset or 1, 1), len(text))
        raise ExpressionError("this is not an expression", position + indent) from None
    except (ValueError, RecursionError, MemoryError, Warning):
        raise ExpressionError("this is not an expression", indent + 1) from None
    if _deeper_than(tree, _MAX_DEPTH):
        raise ExpressionError("the condition is nested too deeply", indent + 1)
    return tree


def _deeper_than(tree: ast.AST, limit: int) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(limit):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def _position(text: str, node: ast.expr) -> int:
    # The tree counts bytes of UTF-8.
    return len(text.encode()[: node.col_offset].decode(errors="replace")) + 1


def _function(lines: Sequence[str]) -> Callable[..., object]:
    # Safe to execute: the two writers wrote every word of it, out of checked names and constants alone.
    source = "def compiled(deal, facts):\n" + "".join(f"    {line}\n" for line in lines)
    space: dict[str, object] = {"__builtins__": {}, "date": dt.date}
    exec(compile(source, "<conditions>", "exec"), space)
    return cast(Callable[..., object], space["compiled"])
