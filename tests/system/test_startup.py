"""The command line answers at once: nothing heavy is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("alembic", "apscheduler", "calamine", "cronsim", "holidays", "markdown_it", "openpyxl", "prometheus_client",
         "pydantic", "python_calamine", "rapidfuzz", "rich", "sqlalchemy")  # fmt: skip

_SHOW_MODULES = (
    "import sys\n"
    "from fivestep.cli.commands import commands\n"
    "commands.main(['--help'], standalone_mode=False)\n"
    "print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
)

_WITH_HELP = _SHOW_MODULES.replace("{name.partition('.')[0] for name in sys.modules}", "sys.modules")


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", _SHOW_MODULES], capture_output=True, text=True, check=True)
    assert not {*HEAVY} & set(done.stdout.splitlines()[-1].split())


def test_help_imports_little_more_than_click_does() -> None:
    def modules(code: str) -> set[str]:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return set(done.stdout.splitlines()[-1].split())

    # How long it takes is the matter of `make bench`: a clock beside other processes tells of these.
    more = modules(_WITH_HELP) - modules("import sys, click; print(*sys.modules)")
    assert len(more) < 40, sorted(more)


def test_the_module_can_be_run() -> None:
    done = subprocess.run([sys.executable, "-m", "fivestep", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("fivestep ")
