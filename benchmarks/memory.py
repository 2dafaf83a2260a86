"""How much memory planning takes, beside the parsed values; each is measured in a process of its own.

The values' memory is what the process holds after `json.loads` more than before it. The planning's is the greatest
amount that it held at any time from then on, the values included, less what it held before `json.loads`. Both are
resident memory as Linux counts it; elsewhere nothing is measured.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


def memory_ratio(answer: Path) -> tuple[int, int] | None:
    """Bytes of the values and of planning, for a file with the Sheets API's answer; None where it can't be told."""
    if not _CLEAR.exists():
        return None
    command = [sys.executable, "-m", "benchmarks.memory", str(answer)]
    values, planning = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return int(values), int(planning)


def _measure(answer: Path) -> None:
    from benchmarks.planning import load_planner
    from fivestep.process.model.history import History

    planner = load_planner()
    planner.plan([["Stage"], ["Pitch"]], History())
    gc.collect()
    before = _resident("VmRSS")
    values = json.loads(answer.read_bytes())["values"]
    loaded = _resident("VmRSS")
    _CLEAR.write_text(_RESET_PEAK, encoding="utf-8")
    plan = planner.plan(values, History())
    print(loaded - before, _resident("VmHWM") - before)
    del plan


def _resident(line: str) -> int:
    """One line of the process's status, in bytes."""
    text = next(text for text in _STATUS.read_text(encoding="utf-8").splitlines() if text.startswith(line))
    return int(text.split()[1]) * 1024


if __name__ == "__main__":
    _measure(Path(sys.argv[1]))
