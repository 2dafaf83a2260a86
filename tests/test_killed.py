"""A run that is killed at any point is finished by the next one, as if nothing had happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SETTINGS = """
[pipeline]
name = "killed"
sheet = "pipeline.{suffix}"

[columns]
deal = "Deal"
stage = "Stage"
email = "E-mail"
contact = "Contact"
stage_since = "Since"

[drafts]
from = "Ana Sommer <ana@northwind.example>"
"""

ROWS = [
    ["Deal", "Stage", "E-mail", "Contact", "Since"],
    ["Acme", "Pitch", "kim@acme.example", "Kim Lee", "2026-11-02"],
    ["Bolt", "Qualification", "lou@bolt.example", "Lou Roth", "2026-10-26"],
    ["Cask", "Lost", "max@cask.example", "Max Orr", "2026-11-20"],
]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork to kill a process at many points in little time")
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_run_killed_at_any_point_leaves_nothing_twice_and_nothing_undone(tmp_path: Path, suffix: str) -> None:
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "fivestep.toml").write_text(SETTINGS.format(suffix=suffix), "utf-8")
    _write_sheet(folder / f"pipeline.{suffix}")

    done = subprocess.run(
        [sys.executable, "-m", "tests.killer", str(folder)], capture_output=True, text=True, check=False, timeout=580
    )

    assert done.returncode == 0, done.stderr[-3000:]
    results = json.loads(done.stdout)
    assert len(results["whole"]["drafts"]) == 2
    assert len(results["killed"]) > 40
    assert results["whole"]["left over"] == []
    assert results["different"] == []


def _write_sheet(path: Path) -> None:
    if path.suffix == ".csv":
        path.write_text("\n".join(",".join(row) for row in ROWS) + "\n", "utf-8")
        return
    import openpyxl

    book = openpyxl.Workbook()
    for row in ROWS:
        book.worksheets[0].append(row)
    book.save(path)
