"""The command line answers at once: nothing heavy is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys
import time

HEAVY = ("alembic", "apscheduler", "calamine", "cronsim", "holidays", "markdown_it", "openpyxl", "prometheus_client",
         "pydantic", "python_calamine", "rapidfuzz", "rich", "sqlalchemy")  # fmt: skip

_SHOW_MODULES = (
    "import sys\n"
    "from fivestep.cli.commands import commands\n"
    "commands.main(['--help'], standalone_mode=False)\n"
    "print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
)


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", _SHOW_MODULES], capture_output=True, text=True, check=True)
    assert not {*HEAVY} & set(done.stdout.splitlines()[-1].split())


def test_help_takes_little_longer_than_python_itself() -> None:
    def seconds(*arguments: str) -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        return time.perf_counter() - begin

    bare = min(seconds("-c", "import click") for _ in range(5))
    with_help = min(seconds("-m", "fivestep", "--help") for _ in range(5))
    assert with_help - bare < 0.1, f"{with_help:.3f} s, of which {bare:.3f} s are Python and click"


def test_the_module_can_be_run() -> None:
    done = subprocess.run([sys.executable, "-m", "fivestep", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("fivestep ")
