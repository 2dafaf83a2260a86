"""Turns the tree of a condition into Python code, refusing all that is not in the vocabulary."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from fivestep.process.conditions.terms import (
    CONSTANTS,
    FACTS,
    FUNCTIONS,
    LARGEST,
    SORTS,
    Operand,
    Scope,
    VocabularyError,
    check_equal,
    check_order,
    folded,
)
from fivestep.process.model.deal import KINDS
from fivestep.process.wording.spelling import did_you_mean

ALWAYS, NEVER = "True", "False"
"""The code of a condition that needs no look at the deal."""

_MAY_BE_BLANK = ("days_in_stage", "days_since_contact")
_OPPOSITE = {ALWAYS: NEVER, NEVER: ALWAYS}
_ORDER: Mapping[type[ast.cmpop], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_ARITHMETIC: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class ConditionWriter:
    """Writes the code of conditions that stand in one function: its temporary names are used once."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._temporaries = 0
        self._conditions: Mapping[type[ast.expr], Callable[[ast.expr], str]] = {
            ast.BoolOp: self._and_or,
            ast.UnaryOp: self._not,
            ast.Compare: self._comparison,
            ast.Call: self._asked,
            ast.Name: self._alone,
            ast.Constant: self._alone,
        }
        self._operands: Mapping[type[ast.expr], Callable[[ast.expr], Operand]] = {
            ast.Name: self._named,
            ast.Constant: self._constant,
            ast.BinOp: self._sum,
            ast.UnaryOp: self._negative,
            ast.Call: self._counted,
        }

    def condition(self, node: ast.expr) -> str:
        """Code that is true where the condition holds. Raises VocabularyError."""
        write = self._conditions.get(type(node))
        if write is None:
            raise VocabularyError("this is not in the vocabulary of conditions", node)
        return write(node)

    def _and_or(self, node: ast.expr) -> str:
        assert isinstance(node, ast.BoolOp)
        return _joined([self.condition(value) for value in node.values], isinstance(node.op, ast.And))

    def _not(self, node: ast.expr) -> str:
        assert isinstance(node, ast.UnaryOp)
        if not isinstance(node.op, ast.Not):
            raise VocabularyError("a number is not a condition; compare it with something", node)
        code = self.condition(node.operand)
        return _OPPOSITE.get(code) or f"(not {code})"

    def _alone(self, node: ast.expr) -> str:
        operand = self._operand(node)
        if operand.sort not in ("flag", "milestone"):
            raise VocabularyError(f"{operand.name} is neither true nor false; compare it, or write known(…)", node)
        return operand.code if operand.constant is not None else self._known(operand)

    def _asked(self, node: ast.expr) -> str:
        name, argument = self._call(node)
        if name not in ("known", "missing"):
            raise VocabularyError(f"{name}(…) is a number of days; compare it with something", node)
        operand = self._field(argument)
        if not operand.mapped:
            return NEVER
        return self._known(operand) if name == "known" else f"(not {self._known(operand)})"

    def _known(self, operand: Operand) -> str:
        if not operand.mapped:
            return NEVER
        if operand.sort == "flag":
            return f"({operand.code} is True)"
        if operand.sort == "people":
            return operand.code
        if operand.sort == "milestone":
            name, taken = self._taken(operand.code)
            # What is dated in the future is planned, and has not happened yet.
            return f"({taken} is True or ({name}.__class__ is date and {name} <= facts.today))"
        return f"({operand.code} is not None)"

    def _comparison(self, node: ast.expr) -> str:
        assert isinstance(node, ast.Compare)
        sides = [node.left, *node.comparators]
        return _joined([self._pair(sides[i], op, sides[i + 1]) for i, op in enumerate(node.ops)], all_of=True)

    def _pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> str:
        if isinstance(op, ast.In | ast.NotIn):
            code = self._membership(left, right)
        elif isinstance(op, ast.Eq | ast.NotEq):
            code = self._equal(left, right)
        elif type(op) in _ORDER:
            one, other = self._operand(left), self._operand(right)
            check_order(one, other, right)
            code = self._guarded([one, other], _ORDER[type(op)])
        else:
            raise VocabularyError("use == or != to compare", right)
        # Turned round only here: where there is no column, neither == nor != holds.
        return f"(not {code})" if isinstance(op, ast.NotEq | ast.NotIn) and code != NEVER else code

    def _equal(self, left: ast.expr, right: ast.expr) -> str:
        one, other = self._operand(left), self._operand(right)
        check_equal(one, other, right)
        if "text" in (one.sort, other.sort) and not (one.sort == "choice" or other.sort == "choice"):
            return self._guarded([folded(one), folded(other)], "==", ".casefold()")
        return self._guarded([one, other], "==")

    def _membership(self, left: ast.expr, right: ast.expr) -> str:
        if not isinstance(right, ast.List | ast.Tuple) or not right.elts:
            raise VocabularyError('after "in" a list must follow, such as ["price", "timing"]', right)
        one = self._operand(left)
        codes = []
        for element in right.elts:
            other = self._operand(element)
            if other.constant is None:
                raise VocabularyError("a list holds texts in quotes or numbers, nothing else", element)
            check_equal(one, other, element)
            codes.append(folded(other).code if one.sort == "text" else other.code)
        listed = Operand(f"({', '.join(codes)},)", one.sort, "the list")
        return self._guarded([folded(one), listed], "in", ".casefold()" if one.sort == "text" else "")

    def _guarded(self, operands: Sequence[Operand], sign: str, method: str = "") -> str:
        """A comparison that is false where one of the operands is blank or has no column."""
        if not all(operand.mapped for operand in operands):
            return NEVER
        guards, codes = [], []
        for operand in operands:
            if not operand.blank:
                codes.append(operand.code)
                continue
            name, taken = self._taken(operand.code)
            guards.append(f"{taken} is not None")
            codes.append(f"{name}{method}")
        return f"({' and '.join([*guards, f' {sign} '.join(codes)])})"

    def _operand(self, node: ast.expr) -> Operand:
        read = self._operands.get(type(node))
        if read is None:
            raise VocabularyError("this is not in the vocabulary of conditions", node)
        return read(node)

    def _named(self, node: ast.expr) -> Operand:
        assert isinstance(node, ast.Name)
        if node.id in CONSTANTS:
            return Operand(str(CONSTANTS[node.id]), "flag", node.id, constant=CONSTANTS[node.id])
        if node.id in FACTS:
            return Operand(f"facts.{node.id}", FACTS[node.id], node.id, blank=node.id in _MAY_BE_BLANK)
        return self._field(node)

    def _field(self, node: ast.expr) -> Operand:
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

    def _constant(self, node: ast.expr) -> Operand:
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
        operand = self._operand(node)
        if operand.sort != "number":
            hint = "; count its days with days_since(…)" if operand.sort == "date" else ""
            raise VocabularyError(f"{operand.name} is not a number{hint}", node)
        return operand

    def _combined(self, one: Operand, sign: str, other: Operand) -> Operand:
        blanks, codes = [], []
        for operand in (one, other):
            name, taken = self._taken(operand.code)
            if operand.blank:
                blanks.append(f"{taken} is None")
            codes.append(name if operand.blank else operand.code)
        if sign == "/":
            divisor, taken = self._taken(codes[1])
            blanks.append(f"not {taken}")
            codes[1] = divisor
        code = f"{codes[0]} {sign} {codes[1]}"
        if blanks:
            code = f"None if {' or '.join(blanks)} else {code}"
        return Operand(f"({code})", "number", "this sum", bool(blanks), one.mapped and other.mapped)

    def _counted(self, node: ast.expr) -> Operand:
        name, argument = self._call(node)
        if name not in ("days_since", "days_until"):
            raise VocabularyError(f"{name}(…) is a condition by itself; it cannot be compared", node)
        operand = self._field(argument)
        if operand.sort not in ("date", "milestone"):
            raise VocabularyError(f"{operand.name} is not a date", argument)
        day, taken = self._taken(operand.code)
        days = f"(facts.today - {day}).days" if name == "days_since" else f"({day} - facts.today).days"
        code = f"({days} if {taken}.__class__ is date else None)"
        return Operand(code, "number", f"{name}({operand.name})", blank=True, mapped=operand.mapped)

    def _call(self, node: ast.expr) -> tuple[str, ast.expr]:
        assert isinstance(node, ast.Call)
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            raise VocabularyError(f"unknown function {name}{did_you_mean(name, FUNCTIONS)}", node)
        if len(node.args) != 1 or node.keywords:
            raise VocabularyError(f"{node.func.id} wants one field in brackets", node)
        return node.func.id, node.args[0]

    def _taken(self, code: str) -> tuple[str, str]:
        """A fresh temporary name, and code that gives it the value."""
        self._temporaries += 1
        name = f"v{self._temporaries}"
        return name, f"({name} := {code})"


def _joined(codes: Sequence[str], all_of: bool) -> str:
    """The codes with `and` (or `or`) between them, without those that make no difference."""
    decides, idle = (NEVER, ALWAYS) if all_of else (ALWAYS, NEVER)
    if decides in codes:
        return decides
    kept = [code for code in codes if code != idle]
    if not kept:
        return idle
    return kept[0] if len(kept) == 1 else f"({(' and ' if all_of else ' or ').join(kept)})"
