"""Turns the operands of conditions into Python code: fields, facts, texts, numbers, sums and days."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from fivestep.process.conditions.terms import (
    CONSTANTS,
    FACTS,
    FUNCTIONS,
    LARGEST,
    SORTS,
    Operand,
    Scope,
    VocabularyError,
)
from fivestep.process.model.deal import KINDS
from fivestep.process.wording.spelling import did_you_mean

_MAY_BE_BLANK = ("days_in_stage", "days_since_contact")
_ARITHMETIC: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class Temporaries:
    """The temporary names of one compiled function, each used once."""

    def __init__(self) -> None:
        self._used = 0

    def take(self, code: str) -> tuple[str, str]:
        """A fresh name, and code that gives it the value."""
        self._used += 1
        name = f"v{self._used}"
        return name, f"({name} := {code})"


class OperandWriter:
    """Writes the code of operands: what stands on one side of a comparison, or in brackets."""

    def __init__(self, scope: Scope, temporaries: Temporaries) -> None:
        self._scope = scope
        self._temporaries = temporaries
        self._writers: Mapping[type[ast.expr], Callable[[ast.expr], Operand]] = {
            ast.Name: self._named,
            ast.Constant: _constant,
            ast.BinOp: self._sum,
            ast.UnaryOp: self._negative,
            ast.Call: self._days,
        }

    def operand(self, node: ast.expr) -> Operand:
        """The operand with its code and its sort. Raises VocabularyError."""
        write = self._writers.get(type(node))
        if write is None:
            raise VocabularyError("this is not in the vocabulary of conditions", node)
        return write(node)

    def field(self, node: ast.expr) -> Operand:
        """The operand of a field of the deal. Raises VocabularyError where something else stands."""
        if not isinstance(node, ast.Name):
            raise VocabularyError("the name of a field must stand here", node)
        name, scope = node.id, self._scope
        if name in FUNCTIONS:
            raise VocabularyError(f"{name} wants a field in brackets: {name}(…)", node)
        if name not in scope.kinds:
            raise VocabularyError(f"unknown name {name}{did_you_mean(name, [*scope.kinds, *FACTS, *FUNCTIONS])}", node)
        sort = SORTS[scope.kinds[name]]
        code = f"deal.{name}" if name in KINDS else f"deal.extra.get({name!r})"
        values = scope.values.get(name) if sort == "choice" else None
        return Operand(code, sort, name, blank=True, mapped=name in scope.mapped, values=values)

    def _named(self, node: ast.expr) -> Operand:
        assert isinstance(node, ast.Name)
        if node.id in CONSTANTS:
            return Operand(str(CONSTANTS[node.id]), "flag", node.id, constant=CONSTANTS[node.id])
        if node.id in FACTS:
            return Operand(f"facts.{node.id}", FACTS[node.id], node.id, blank=node.id in _MAY_BE_BLANK)
        return self.field(node)

    def _sum(self, node: ast.expr) -> Operand:
        assert isinstance(node, ast.BinOp)
        sign = _ARITHMETIC.get(type(node.op))
        if sign is None:
            raise VocabularyError("numbers are combined with + - * / only", node)
        return self._combined(self._number(node.left), sign, self._number(node.right))

    def _negative(self, node: ast.expr) -> Operand:
        assert isinstance(node, ast.UnaryOp)
        if not isinstance(node.op, ast.USub | ast.UAdd):
            raise VocabularyError("this is not in the vocabulary of conditions", node)
        operand = self._number(node.operand)
        if isinstance(node.op, ast.UAdd):
            return operand
        if operand.constant is not None:
            return operand._replace(code=f"-{operand.code}", name=f"-{operand.name}", constant=-float(operand.constant))
        return self._combined(Operand("0.0", "number", "0"), "-", operand)

    def _number(self, node: ast.expr) -> Operand:
        operand = self.operand(node)
        if operand.sort != "number":
            hint = "; count its days with days_since(…)" if operand.sort == "date" else ""
            raise VocabularyError(f"{operand.name} is not a number{hint}", node)
        return operand

    def _combined(self, one: Operand, sign: str, other: Operand) -> Operand:
        """A sum that is blank where one of its numbers is, and where it would divide by zero."""
        blanks, codes = [], []
        for operand in (one, other):
            name, taken = self._temporaries.take(operand.code)
            if operand.blank:
                blanks.append(f"{taken} is None")
            codes.append(name if operand.blank else operand.code)
        if sign == "/":
            divisor, taken = self._temporaries.take(codes[1])
            blanks.append(f"not {taken}")
            codes[1] = divisor
        code = f"{codes[0]} {sign} {codes[1]}"
        if blanks:
            code = f"None if {' or '.join(blanks)} else {code}"
        return Operand(f"({code})", "number", "this sum", bool(blanks), one.mapped and other.mapped)

    def _days(self, node: ast.expr) -> Operand:
        """The days since a date or until it."""
        name, argument = function_call(node)
        if name not in ("days_since", "days_until"):
            raise VocabularyError(f"{name}(…) is a condition by itself; it cannot be compared", node)
        operand = self.field(argument)
        if operand.sort not in ("date", "milestone"):
            raise VocabularyError(f"{operand.name} is not a date", argument)
        day, taken = self._temporaries.take(operand.code)
        days = f"(facts.today - {day}).days" if name == "days_since" else f"({day} - facts.today).days"
        code = f"({days} if {taken}.__class__ is date else None)"
        return Operand(code, "number", f"{name}({operand.name})", blank=True, mapped=operand.mapped)


def function_call(node: ast.expr) -> tuple[str, ast.expr]:
    """The name of the function that is called, and its one argument. Raises VocabularyError."""
    assert isinstance(node, ast.Call)
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        raise VocabularyError(f"unknown function {name}{did_you_mean(name, FUNCTIONS)}", node)
    if len(node.args) != 1 or node.keywords:
        raise VocabularyError(f"{node.func.id} wants one field in brackets", node)
    return node.func.id, node.args[0]


def _constant(node: ast.expr) -> Operand:
    assert isinstance(node, ast.Constant)
    value = node.value
    if isinstance(value, bool):
        return Operand(str(value), "flag", str(value).lower(), constant=value)
    if isinstance(value, str):
        return Operand(repr(value), "text", repr(value), constant=value)
    if not isinstance(value, int | float):
        raise VocabularyError("this is neither a text in quotes nor a number", node)
    if abs(value) > LARGEST:
        raise VocabularyError("this number is too large", node)
    return Operand(repr(float(value)), "number", f"{value}", constant=float(value))
