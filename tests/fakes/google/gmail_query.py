"""The `q` parameter: what Gmail's search box understands, read into a test of a message.

After Gmail's help page on search operators and its API guide on filtering. Words next to each other must all
match; `OR` binds more tightly than that; `{a b}` is a or b; `-` negates; an operator holds for all of a group.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from tests.fakes.google import gmail_terms
from tests.fakes.google.gmail_message import Message
from tests.fakes.google.gmail_terms import Test, View

TOKEN = re.compile(
    rf"""\s+ | "(?P<quoted>[^"]*)"? | (?P<mark>[(){{}}]) | (?P<minus>-)(?=[^\s-])
    | (?P<operator>(?:{"|".join(gmail_terms.OPERATORS)})(?=:)): | (?P<word>[^\s(){{}}"]+)""",
    re.VERBOSE | re.IGNORECASE,
)
CLOSING = {"(": ")", "{": "}"}


class Token(NamedTuple):
    """A piece of a query."""

    kind: str
    text: str


class Query(NamedTuple):
    """What a message has to fulfil."""

    matches: Callable[[Message, View], bool]
    everywhere: bool
    """It asks for trash or spam, which are left out otherwise."""


def parse(q: str) -> Query:
    """The query that `q` says; there is none that could not be read."""
    reader = _Reader(q)
    test = reader.all_until("")
    return Query(test, reader.everywhere)


class _Reader:
    def __init__(self, q: str) -> None:
        found = ((match.lastgroup, match) for match in TOKEN.finditer(q))
        self._tokens = [Token(kind, match[kind]) for kind, match in found if kind]
        self._next = 0
        self._negated = False
        self.everywhere = False

    def _peek(self) -> Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else Token("end", "")

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def all_until(self, stop: str, operator: str = "") -> Test:
        """All that stands before the closing mark, and the mark."""
        tests = []
        while self._peek() != ("mark", stop) and self._peek().kind != "end":
            tests.append(self._either(operator))
        self._take()
        return lambda message, view: all(test(message, view) for test in tests)

    def _any_until(self, stop: str, operator: str) -> Test:
        tests = []
        while self._peek() != ("mark", stop) and self._peek().kind != "end":
            tests.append(self._one(operator))
        self._take()
        return lambda message, view: any(test(message, view) for test in tests)

    def _either(self, operator: str) -> Test:
        tests = [self._one(operator)]
        while self._peek() == ("word", "OR"):
            self._take()
            tests.append(self._one(operator))
        return lambda message, view: any(test(message, view) for test in tests)

    def _one(self, operator: str) -> Test:
        token = self._take()
        if token.kind == "minus":
            return self._negation(operator)
        if token.kind == "mark":
            return self._group(token.text, operator)
        if token.kind == "operator":
            return self._operand(token.text.casefold())
        if token in {("word", "AND"), ("end", "")}:
            return gmail_terms.always
        return self._term(operator, token)

    def _negation(self, operator: str) -> Test:
        self._negated = not self._negated
        test = self._one(operator)
        self._negated = not self._negated
        return lambda message, view: not test(message, view)

    def _group(self, mark: str, operator: str) -> Test:
        if mark not in CLOSING:
            return gmail_terms.always
        read = self.all_until if mark == "(" else self._any_until
        return read(CLOSING[mark], operator)

    def _operand(self, operator: str) -> Test:
        """What follows an operator; one with nothing after it asks for nothing."""
        if self._peek().kind in {"operator", "end"}:
            return gmail_terms.always
        return self._one(operator)

    def _term(self, operator: str, token: Token) -> Test:
        if not self._negated and gmail_terms.asks_for_hidden(operator, token.text):
            self.everywhere = True
        return gmail_terms.term(operator, token.text)
