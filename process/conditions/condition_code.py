"""Turns the tree of a condition into Python code, and refuses all that is not in the vocabulary."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from fivestep.process.conditions.operand_code import OperandWriter, Temporaries, function_call
from fivestep.process.conditions.terms import Operand, Scope, VocabularyError, check_equal, check_order, folded

ALWAYS, NEVER = "True", "False"
"""The code of a condition that needs no look at the deal."""

_OPPOSITE = {ALWAYS: NEVER, NEVER: ALWAYS}
_ORDER: Mapping[type[ast.cmpop], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


class ConditionWriter:
    """Writes the code of the conditions that stand in one compiled function."""

    def __init__(self, scope: Scope) -> None:
        self._temporaries = Temporaries()
        self._operands = OperandWriter(scope, self._temporaries)
        self._writers: Mapping[type[ast.expr], Callable[[ast.expr], str]] = {
            ast.BoolOp: self._and_or,
            ast.UnaryOp: self._not,
            ast.Compare: self._comparison,
            ast.Call: self._asked,
            ast.Name: self._alone,
            ast.Constant: self._alone,
        }

    def condition(self, node: ast.expr) -> str:
        """Code that is true where the condition holds. Raises VocabularyError."""
        write = self._writers.get(type(node))
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
        operand = self._operands.operand(node)
        if operand.sort not in ("flag", "milestone"):
            raise VocabularyError(f"{operand.name} is neither true nor false; compare it, or write known(…)", node)
        return operand.code if operand.constant is not None else self._known(operand)

    def _asked(self, node: ast.expr) -> str:
        name, argument = function_call(node)
        if name not in ("known", "missing"):
            raise VocabularyError(f"{name}(…) is a number of days; compare it with something", node)
        operand = self._operands.field(argument)
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
            name, taken = self._temporaries.take(operand.code)
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
            one, other = self._operands.operand(left), self._operands.operand(right)
            check_order(one, other, right)
            code = self._guarded([one, other], _ORDER[type(op)])
        else:
            raise VocabularyError("use == or != to compare", right)
        # Turned round only here: where there is no column, neither == nor != holds.
        return f"(not {code})" if isinstance(op, ast.NotEq | ast.NotIn) and code != NEVER else code

    def _equal(self, left: ast.expr, right: ast.expr) -> str:
        one, other = self._operands.operand(left), self._operands.operand(right)
        check_equal(one, other, right)
        if "text" in (one.sort, other.sort) and not (one.sort == "choice" or other.sort == "choice"):
            return self._guarded([folded(one), folded(other)], "==", ".casefold()")
        return self._guarded([one, other], "==")

    def _membership(self, left: ast.expr, right: ast.expr) -> str:
        if not isinstance(right, ast.List | ast.Tuple) or not right.elts:
            raise VocabularyError('after "in" a list must follow, such as ["price", "timing"]', right)
        one = self._operands.operand(left)
        codes = []
        for element in right.elts:
            other = self._operands.operand(element)
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
            name, taken = self._temporaries.take(operand.code)
            guards.append(f"{taken} is not None")
            codes.append(f"{name}{method}")
        return f"({' and '.join([*guards, f' {sign} '.join(codes)])})"


def _joined(codes: Sequence[str], all_of: bool) -> str:
    """The codes with `and` (or `or`) between them, without those that make no difference."""
    decides, idle = (NEVER, ALWAYS) if all_of else (ALWAYS, NEVER)
    if decides in codes:
        return decides
    kept = [code for code in codes if code != idle]
    if not kept:
        return idle
    return kept[0] if len(kept) == 1 else f"({(' and ' if all_of else ' or ').join(kept)})"
