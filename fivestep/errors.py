"""Every expected fault, classed by what the person who sees it does next.

One root, one class an exit code. An expected fault is shown as one clear message; anything that is not
a `FivestepError` is a defect of this program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

DEFECT_CODE = 1
INTERRUPTED_CODE = 130


class FivestepError(Exception):
    """Something a person can mend; the message says what and how."""

    exit_code: ClassVar[int] = DEFECT_CODE
    kind: ClassVar[str] = "error"
    """One word for it, in JSON documents, in the metrics and in the list of runs."""


class Mistake(NamedTuple):
    """One mistake in a file that a person edits, such as the settings or the process."""

    file: str
    """The file's name as the person knows it, or the environment variable's."""
    place: str
    """Where in it: `drafts.per_run`, `stages.Pitch.rules.value`, `line 12, column 3`."""
    found: str
    """What stands there, as text; empty where something is missing."""
    expected: str
    """What belongs there, with a hint such as "did you mean" where there is one."""

    def __str__(self) -> str:
        found = f"found {self.found}; " if self.found else ""
        return f"{self.file}: {self.place}: {found}{self.expected}"


class SettingsError(FivestepError):
    """Mend the settings, the process, a text, or the call. Holds all mistakes at once."""

    exit_code = 2
    kind = "settings"

    def __init__(self, mistakes: Sequence[Mistake] | str) -> None:
        self.mistakes: tuple[Mistake, ...] = () if isinstance(mistakes, str) else tuple(mistakes)
        super().__init__(mistakes if isinstance(mistakes, str) else "\n".join(str(m) for m in mistakes))


class CredentialsError(FivestepError):
    """Log in again, or grant access."""

    exit_code = 3
    kind = "credentials"


class UnreachableError(FivestepError):
    """Try again later: the file is open elsewhere, the service is down, the disk is full."""

    exit_code = 4
    kind = "unreachable"


class LostAnswerError(FivestepError):
    """Whether it was done is not known: the request went out, and no answer came back."""

    exit_code = 4
    kind = "unreachable"


class StoppedError(FivestepError):
    """The process was asked to stop; the next run goes on."""

    exit_code = 4
    kind = "stopped"


class BrakeError(FivestepError):
    """Look at the sheet first; the message names the switch that lets the run through."""

    exit_code = 5
    kind = "brake"


class BusyError(FivestepError):
    """Another run of this pipeline is under way."""

    exit_code = 6
    kind = "busy"


_KINDS: Mapping[int, str] = {
    INTERRUPTED_CODE: "interrupted",
    **{
        error.exit_code: error.kind
        for error in (SettingsError, CredentialsError, UnreachableError, BrakeError, BusyError)
    },
}


def kind_of(exit_code: int) -> str:
    """One word for what ended a process with this exit code.

    The kind of the errors with this code, `interrupted` after Ctrl-C, and `defect` for any other code.
    """
    return _KINDS.get(exit_code, "defect")
