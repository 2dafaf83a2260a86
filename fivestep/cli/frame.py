"""What every command shares: its options, what it prints, and how it ends."""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec

import click

from fivestep.errors import DEFECT_CODE, INTERRUPTED_CODE, FivestepError, SettingsError

if TYPE_CHECKING:
    from fivestep.cli.listing import Section
    from fivestep.config.settings.model import Settings

P = ParamSpec("P")

PROGRAM = "fivestep"
"""What people type."""

USAGE_CODE = 2


class Call(NamedTuple):
    """The common options of one call."""

    config: Path | None = None
    as_of: dt.date | None = None
    as_json: bool = False
    verbose: bool = False
    log_json: bool = False

    def answer(self, document: Callable[[], Mapping[str, Any]], sections: Callable[[], Iterable[Section]]) -> None:
        """Print the one or the other on standard output."""
        if self.as_json:
            echo_json(document())
        else:
            from fivestep.cli.tables import show

            show(sections())


_CONFIG = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The settings (default: ./fivestep.toml)."
)
_AS_OF = click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="What would hold on that day."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of tables.")
_LOG_FORMAT = click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the log on standard error is written.",
)
_VERBOSE = click.option("--verbose", "-v", is_flag=True, help="Everything, and a log on standard error.")

config_on_stdin = click.option("--config-on-stdin", is_flag=True, hidden=True)
"""For jobs of `serve` and `worker`: the settings file's text, as it was when it could be used last, comes to them."""


def job_settings(call: Call, *, on_stdin: bool) -> Settings:
    """The settings of a job.

    A job of `serve` or `worker` ends itself where those are gone and it takes too long.
    """
    import fivestep
    from fivestep.connectors.system import stopping

    stopping.heed_signals()
    settings = fivestep.load_settings(call.config, sys.stdin.buffer.read().decode() if on_stdin else None)
    if on_stdin:
        stopping.no_longer_than(settings.schedule.time_limit * 60 + 2 * stopping.STOPPING_PATIENCE)
    return settings


def common(*, config: bool = True, as_of: bool = True) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command the common options that it can use; they come as its first argument, a `Call`."""

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(command)
        def called(
            *args: object,
            config: Path | None = None,
            as_of: dt.datetime | None = None,
            as_json: bool = False,
            verbose: bool = False,
            log_format: str = "text",
            **own: object,
        ) -> int:
            log_json = log_format == "json"
            _log(verbose=verbose, as_json=log_json)
            return command(Call(config, as_of.date() if as_of else None, as_json, verbose, log_json), *args, **own)

        options = [_LOG_FORMAT, _VERBOSE, _JSON, *([_AS_OF] if as_of else []), *([_CONFIG] if config else [])]
        for option in options:
            called = option(called)
        return called

    return decorate


class RunNumber(click.IntRange):
    """The number of a run, as `fivestep history` lists it."""

    def __init__(self) -> None:
        super().__init__(min=1)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; fails with a word on where to find it."""
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            self.fail("RUN is the number of a run; `fivestep history` lists them", param, ctx)


class InOrder(click.Group):
    """A group that lists its commands in the order in which they are written, which is that of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the name is click's
        """The commands' names, in the order in which they are written."""
        return list(self.commands)


def call(commands: click.Group, arguments: Sequence[str]) -> int:
    """Carry out one call, whatever comes of it, and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    as_json = "--json" in arguments
    try:
        code = commands.main(list(arguments), prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has had enough. What is left in the buffer must not fail once more at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DEFECT_CODE
    except click.UsageError as fault:
        return _usage(fault, as_json=as_json)
    except FivestepError as fault:
        return _expected(fault, as_json=as_json)
    except (click.Abort, KeyboardInterrupt) as stop:
        click.echo(_why_stopped(stop), err=True)
        return INTERRUPTED_CODE
    except Exception as fault:  # the last place where a person can be told of a defect
        return _defect(fault, as_json=as_json, verbose=not {"--verbose", "-v"}.isdisjoint(arguments))
    return int(code or 0)


def echo_json(document: Mapping[str, Any]) -> None:
    """Print one document; text stays readable, and numbers are JSON's own."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))


def _why_stopped(stop: click.Abort | KeyboardInterrupt) -> str:
    # click makes an Abort of Ctrl-C as well as of a question that nobody answers; only the first names its cause.
    if KeyboardInterrupt in (type(stop), type(stop.__cause__)):
        return "Stopped. `fivestep history` says how far a run came; the next one settles what is open."
    return "Stopped: it asked for an answer, and none came."


def _usage(fault: click.UsageError, *, as_json: bool) -> int:
    if as_json:
        _echo_error("usage", fault.format_message())
    else:
        fault.show()
    return USAGE_CODE


def _expected(fault: FivestepError, *, as_json: bool) -> int:
    if as_json:
        mistakes = fault.mistakes if isinstance(fault, SettingsError) else ()
        _echo_error(fault.kind, str(fault), [mistake._asdict() for mistake in mistakes])
    else:
        _tell(str(fault))
    return fault.exit_code


def _defect(fault: Exception, *, as_json: bool, verbose: bool) -> int:
    message = f"this is a defect of fivestep, not a mistake of yours: {type(fault).__name__}: {fault}"
    if as_json:
        _echo_error("defect", message)
    if verbose:
        import traceback

        traceback.print_exception(fault)
    _tell(message + ("" if verbose else "\nWith --verbose it shows where."))
    return DEFECT_CODE


def _tell(message: str) -> None:
    from fivestep import logs

    logs.tell_caller(message)


def _echo_error(kind: str, message: str, mistakes: Sequence[Mapping[str, str]] = ()) -> None:
    echo_json({"error": {"kind": kind, "message": message, "mistakes": list(mistakes)}})


def _log(*, verbose: bool, as_json: bool) -> None:
    import logging

    from fivestep import logs

    # What reads JSON wants to know of each run, also of one that went well.
    usual = logging.INFO if as_json else logging.WARNING
    logs.set_up(logging.DEBUG if verbose else usual, as_json=as_json)
