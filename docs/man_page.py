"""Writes `docs/fivestep.1`, the manual page, from the command line itself: `python docs/man_page.py`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from fivestep import errors
from fivestep.cli.commands import commands
from fivestep.cli.frame import PROGRAM
from fivestep.version import VERSION

PAGE = Path(__file__).with_name("fivestep.1")

COMMON = commands.commands["plan"].params
"""`plan` has every option that commands share, and none of its own."""

HEAD = f"""\
.\\" Made from the command line by docs/man_page.py.
.TH FIVESTEP 1 "" "fivestep {VERSION}" "User Commands"
.SH NAME
fivestep \\- keeps a sales pipeline in a spreadsheet honest and moving
.SH SYNOPSIS
.B fivestep
.I COMMAND
[\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]"""

TAIL = """\
.SH FILES
.TP
.B fivestep.toml
The settings, in the folder in which a command is called. \\fBfivestep init\\fR writes them.
.TP
.B fivestep.db
The ledger, where the settings name no other: what was written and drafted, by which run.
.SH ENVIRONMENT
.TP
.B FIVESTEP_CONFIG
The settings file, where no other is named.
.TP
.B FIVESTEP_SECTION_NAME
A setting that goes before the file's, such as \\fBFIVESTEP_DRAFTS_PER_RUN\\fR.
.SH EXAMPLES
.nf
fivestep demo
fivestep init sales.xlsx
fivestep doctor
fivestep plan
fivestep run
.fi"""


def page() -> str:
    """The page as the command line of today makes it."""
    return "\n".join([HEAD, *_description(), *_commands(), *_common(), *_codes(), TAIL, ""])


def _description() -> Iterator[str]:
    yield ".SH DESCRIPTION"
    yield "\n.PP\n".join(_roff(paragraph) for paragraph in inspect.cleandoc(commands.help or "").split("\n\n"))


def _commands() -> Iterator[str]:
    yield ".SH COMMANDS"
    for name, command in _every(commands, PROGRAM):
        context = click.Context(command, info_name=name)
        arguments = " ".join(piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]")
        yield f".SS {_roff(f'{name} {arguments}'.strip())}\n{_roff(command.help or '')}"
        shared = {option.name for option in COMMON}
        yield from _options([one for one in command.params if one.name not in shared], context)


def _every(group: click.Group, way: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something by itself, with all the words that call it."""
    for name, command in group.commands.items():
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{way} {name}", command
        if isinstance(command, click.Group):
            yield from _every(command, f"{way} {name}")


def _common() -> Iterator[str]:
    yield ".SH OPTIONS OF SEVERAL COMMANDS"
    yield from _options(COMMON, click.Context(commands.commands["plan"]))
    yield f".TP\n.B {_roff('-h, --help')}\nWhat the command does."


def _options(parameters: list[click.Parameter], context: click.Context) -> Iterator[str]:
    for parameter in parameters:
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record:
            yield f".TP\n.B {_roff(record[0])}\n{_roff(record[1])}"


def _codes() -> Iterator[str]:
    """What an exit code says, in the words of the error's own docstring."""
    yield ".SH EXIT STATUS"
    yield ".TP\n.B 0\nDone."
    yield ".TP\n.B 1\nDone, with findings or parts that failed; or a defect of the program."
    said: dict[int, list[str]] = {}
    for error in vars(errors).values():
        if inspect.isclass(error) and issubclass(error, errors.FivestepError) and error is not errors.FivestepError:
            said.setdefault(error.exit_code, []).append(_roff(inspect.getdoc(error) or ""))
    for code, words in said.items():
        yield f".TP\n.B {code}\n" + " ".join(words)
    yield f".TP\n.B {errors.INTERRUPTED_CODE}\nInterrupted by the keyboard."


def _roff(text: str) -> str:
    """The text in one line as roff reads it: hyphens as typed, what stands in backticks in bold."""
    line = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"`([^`]*)`", r"\\fB\1\\fR", re.sub(r"^(?=[.'])", r"\\&", line))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
