"""A job in a process of its own: where it hangs or dies, nothing else does."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

LONGEST = 1_800.0
"""Seconds after which a job is taken to hang."""

LAST_CALL = 30.0
"""Seconds that it has to come to an end once it is asked to."""

HUNG_CODE = 4


class Ended(NamedTuple):
    """How a job ended."""

    code: int
    """The exit code; below zero where a signal ended it."""
    message: str
    """What went wrong; empty where nothing did."""


async def run_job(config: Path, job: str) -> Ended:
    """Carry out one job of the pipeline with these settings. Where this is cancelled the job is ended first."""
    words = ["digest"] if job == "digest" else ["run", "--job", job]
    command = [sys.executable, "-m", "fivestep", *words, "--config", str(config), "--json"]
    # In a session of its own: what interrupts the worker at the keyboard does not interrupt it as well.
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, start_new_session=True)
    try:
        async with asyncio.timeout(LONGEST):
            out, _ = await process.communicate()
    except TimeoutError:
        return Ended(HUNG_CODE, f"it took longer than {LONGEST / 60:.0f} minutes and was ended")
    finally:
        await _end(process)
    return Ended(process.returncode or 0, _message(out))


async def _end(process: Process) -> None:
    """Ask it to end, and end it where it does not."""
    with suppress(ProcessLookupError, TimeoutError):
        if process.returncode is None:
            process.terminate()
            async with asyncio.timeout(LAST_CALL):
                await process.communicate()
    if process.returncode is None:
        process.kill()
        await process.wait()


def _message(out: bytes) -> str:
    """The message of the fault that the answer tells of."""
    with suppress(ValueError, KeyError, TypeError):
        return str(json.loads(out)["error"]["message"])
    return ""
