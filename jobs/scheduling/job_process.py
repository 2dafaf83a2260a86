"""The process that does a job: what `fivestep` is told, and how its end is put into words."""

from __future__ import annotations

from fivestep.config.settings.model import Settings
from fivestep.connectors.system.child import Child
from fivestep.errors import UnreachableError

COMMANDS = {"sync": ("run", "--job", "sync"), "follow_up": ("run", "--job", "follow_up"), "digest": ("digest",)}
"""What `fivestep` is told to do for a job."""


def begin_job(job: str, settings: Settings) -> Child:
    """The process that does a job, by these settings, whatever their file says by now.

    Raises UnreachableError where this machine can't begin one.
    """
    try:
        return Child([*COMMANDS[job], "--config", settings.file, "--config-on-stdin"], settings.text)
    except OSError as fault:
        raise UnreachableError(f"no process can be begun here ({fault.strerror}): look at memory and disk") from fault


def how_it_ended(code: int) -> str:
    """How a process ended that was not done, in words."""
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
