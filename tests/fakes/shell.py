"""The command line in this process, as a person calls it in a folder."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from fivestep.cli.commands import commands
from fivestep.cli.frame import call


class Ended(NamedTuple):
    """How a call ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Calls the command line in the current folder."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ended:
        code = call(commands, arguments)
        return Ended(code, *self._capsys.readouterr())
